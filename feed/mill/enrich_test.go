package mill_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/setting"
	"feedmill/feed/store/sqlite"
)

// library is the pages that articles have, by link, and what asking for one gives. It counts who asked.
type library struct {
	mu     sync.Mutex
	fails  map[string]error // by link; "" for all others
	asked  []string
	edited string // what pages say besides
}

func (l *library) read(_ context.Context, a feed.Article, _ filter.FullText) (feed.Article, error) {
	return l.whole(context.Background(), a)
}

func (l *library) whole(_ context.Context, a feed.Article) (feed.Article, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, a.Link)
	err, ok := l.fails[a.Link]
	if !ok {
		err = l.fails[""]
	}
	if err != nil {
		return a, err
	}
	a.Content = "<p>The whole of " + a.Title + l.edited + ".</p>"
	if a.Image.URL == "" {
		a.Image.URL = a.Link + ".png"
	}
	return a, nil
}

// times is how often pages were asked for since it was last asked.
func (l *library) times() int {
	n := len(l.asked)
	l.asked = nil
	return n
}

func (l *library) fail(class feed.Class, links ...string) {
	l.fails = map[string]error{}
	for _, link := range links {
		l.fails[link] = feed.Classify(class, errors.New("answers 503"))
	}
}

// follower is a source whose articles have pages.
type follower struct {
	*script
	*library
}

func (f follower) Completer() func(context.Context, feed.Article) (feed.Article, error) {
	return f.whole
}

// newReader is a stand whose feed takes its articles from their pages: by the filter, or because its source lists them in
// part.
func newReader(t *testing.T, bySource bool, filters ...filter.Kinds) (*stand, *library) {
	t.Helper()
	s, pages := newStand(t), &library{}
	s.feed.Sources[0].Page = pages.read
	if bySource {
		s.feed.Sources[0].Source = follower{s.source, pages}
	} else {
		filters = append(filters, filter.Kinds{FullText: &filter.FullText{}})
	}
	s.filters(filters...)
	return s, pages
}

// eitherWay runs a test for both ways to take articles from their pages.
func eitherWay(t *testing.T, test func(s *stand, pages *library)) {
	t.Helper()
	for name, bySource := range map[string]bool{"full_text": false, "source": true} {
		t.Run(name, func(t *testing.T) { test(newReader(t, bySource)) })
	}
}

func (s *stand) nothing() mill.Report {
	s.Helper()
	return s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
}

func TestAnArticleIsTakenFromItsPage(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		r := s.refreshBatch(listing(alice.articles(1, 3)...))
		s.want("Alice writes: number 1", "Alice writes: number 2", "Alice writes: number 3")
		if !s.shows("The whole of Alice writes: number 1.") || s.shows("Text 1.") || !s.shows("https://alice.example/1.png") {
			t.Errorf("the feed does not show the pages:\n%s", s.site.documents["world.atom"])
		}
		if n := pages.times(); n != 3 || r.Published != 3 {
			t.Errorf("%d pages were asked for, %d articles published", n, r.Published)
		}
		before := string(s.site.documents["world.atom"])
		s.nothing()
		s.refreshBatch(listing(alice.articles(1, 3)...))
		if n := pages.times(); n != 0 || string(s.site.documents["world.atom"]) != before {
			t.Errorf("%d pages were asked for again", n)
		}
	})
}

// An edit in the list is applied to the text of the page, which is not fetched again.
func TestAnEditKeepsThePage(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		s.refreshBatch(listing(alice.articles(1, 1)...))
		before := s.entries()["Alice writes: number 1"]
		pages.times()
		pages.edited = ", which says something else by now"
		r := s.refreshBatch(listing(alice.articles(1, 1, func(a *feed.Article) { a.Title, a.Content = "A better title", "<p>Another teaser.</p>" })...))
		after := s.entries()["A better title"]
		if n := pages.times(); n != 0 || r.Changed != 1 || after.id != before.id || after.updated == before.updated {
			t.Errorf("%d pages were asked for, %d changed: %+v, was %+v", n, r.Changed, after, before)
		}
		if !s.shows("The whole of Alice writes: number 1.") || s.shows("Another teaser") {
			t.Errorf("it shows\n%s", s.site.documents["world.atom"])
		}
	})
}

func TestAnArticleWaitsForItsPage(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		pages.fail(feed.Unreadable, "https://alice.example/2")
		r := s.refreshBatch(listing(alice.articles(1, 2)...))
		s.want("Alice writes: number 1")
		if got := s.outcome(r, "Alice writes: number 2"); got.State != "waits for its page: 1 try failed: answers 503" || got.Err != nil {
			t.Errorf("it is reported as %+v", got)
		}
		before, published := string(s.site.documents["world.atom"]), s.site.published
		r = s.nothing() // the list says that it is as it was
		if got := s.outcome(r, "Alice writes: number 2"); got.State != "waits for its page: 2 tries failed: answers 503" {
			t.Errorf("it is reported as %+v", got)
		}
		if string(s.site.documents["world.atom"]) != before || s.site.published != published {
			t.Error("a try that failed makes other documents")
		}
		pages.fail("")
		s.mill = mill.New(s.store, s.store, func() time.Time { return s.now }) // a new process
		s.nothing()
		s.want("Alice writes: number 1", "Alice writes: number 2")
		if !s.shows("The whole of Alice writes: number 2.") {
			t.Error("it is published without its page")
		}
		if n := pages.times(); n != 4 {
			t.Errorf("%d pages were asked for, want 4", n)
		}
		s.nothing()
		if n := pages.times(); n != 0 {
			t.Errorf("%d pages were asked for afterwards", n)
		}
	})
}

// After three tries, or at once when there is no page, an article is published as it was listed, and stays so.
func TestAPageThatFails(t *testing.T) {
	for class, tries := range map[feed.Class]int{feed.Unreadable: 3, feed.Refused: 3, feed.Internal: 3, feed.Gone: 1} {
		t.Run(string(class), func(t *testing.T) {
			eitherWay(t, func(s *stand, pages *library) {
				pages.fail(class, "")
				r := s.refreshBatch(listing(alice.articles(1, 1)...))
				for range tries - 1 {
					s.want()
					r = s.nothing()
				}
				s.want("Alice writes: number 1")
				got := s.outcome(r, "Alice writes: number 1")
				if got.State != "published" || feed.ClassOf(got.Err) != class || got.Err.Error() != "its page cannot be had, so it stays as it was listed: answers 503" {
					t.Errorf("it is reported as %+v", got)
				}
				if n := pages.times(); n != tries || !s.shows("Text 1.") {
					t.Errorf("%d tries, and it shows\n%s", n, s.site.documents["world.atom"])
				}
				pages.fail("")
				s.nothing()
				s.refreshBatch(listing(alice.articles(1, 1, func(a *feed.Article) { a.Title = "A better title" })...))
				s.want("A better title")
				if n := pages.times(); n != 0 || !s.shows("Text 1.") {
					t.Errorf("it is no longer as it was listed, after %d tries more", n)
				}
			})
		})
	}
}

// A host that does not answer says nothing of its pages, for some hours; and it is not asked for all of them.
func TestAHostThatDoesNotAnswer(t *testing.T) {
	for _, class := range []feed.Class{feed.Throttled, feed.Unavailable} {
		t.Run(string(class), func(t *testing.T) {
			s, pages := newReader(t, false)
			pages.fail(class, "")
			r := s.refreshBatch(listing(alice.articles(1, 10)...))
			if n := pages.times(); n > 5 {
				t.Errorf("%d pages of it were asked for", n)
			}
			if got := s.outcome(r, "Alice writes: number 10"); got.State != "waits for its page: answers 503" {
				t.Errorf("it is reported as %+v", got)
			}
			for range 5 {
				s.now = s.now.Add(time.Hour)
				s.nothing()
			}
			s.want()
			s.now = s.now.Add(time.Hour)
			for range 20 {
				s.nothing()
			}
			if got := len(s.titles()); got != 10 {
				t.Errorf("after six hours and many tries %d articles are published, want 10", got)
			}
		})
	}
}

// A page that its host does not give counts when the host gives others.
func TestAPageThatItsHostDoesNotGive(t *testing.T) {
	s, pages := newReader(t, false)
	pages.fail(feed.Unavailable, "https://alice.example/1")
	s.refreshBatch(listing(alice.articles(1, 2)...))
	r := s.refreshBatch(listing(alice.articles(1, 3)...))
	if got := s.outcome(r, "Alice writes: number 1"); got.State != "waits for its page: 2 tries failed: answers 503" {
		t.Errorf("it is reported as %+v", got)
	}
	s.refreshBatch(listing(alice.articles(1, 4)...))
	s.want("Alice writes: number 1", "Alice writes: number 2", "Alice writes: number 3", "Alice writes: number 4")
}

// Tries keep the distance that the feed's schedule has, whoever asks in between.
func TestTriesAreApart(t *testing.T) {
	s, pages := newReader(t, false)
	s.feed.Guard.Apart = 15 * time.Minute
	pages.fail(feed.Unreadable, "")
	s.refreshBatch(listing(alice.articles(1, 1)...))
	for range 10 {
		s.nothing()
	}
	if n := pages.times(); n != 1 {
		t.Errorf("within ten minutes there were %d tries", n)
	}
	s.now = s.now.Add(15 * time.Minute)
	s.nothing()
	if n := pages.times(); n != 1 {
		t.Errorf("then there were %d", n)
	}
}

func TestAnEditWhileWaiting(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		pages.fail(feed.Unreadable, "")
		s.refreshBatch(listing(alice.articles(1, 1)...))
		edited := func(a *feed.Article) { a.Title = "A better title" }
		r := s.refreshBatch(listing(alice.articles(1, 1, edited)...))
		if got := s.outcome(r, "A better title"); got.State != "waits for its page: 2 tries failed: answers 503" {
			t.Errorf("it is reported as %+v", got)
		}
		pages.fail("")
		s.refreshBatch(listing(alice.articles(1, 1, edited)...))
		s.want("A better title")
		if !s.shows("The whole of A better title.") {
			t.Errorf("it shows\n%s", s.site.documents["world.atom"])
		}
	})
}

// An edit of an article that was published before its feed took articles from pages waits like a new article.
func TestAnEditWaitsToo(t *testing.T) {
	s, pages := newReader(t, false)
	with := s.feed.Filters
	s.feed.Filters = filter.Chain{}
	s.refreshBatch(listing(alice.articles(1, 1)...))
	s.feed.Filters = with
	edited := listing(alice.articles(1, 1, func(a *feed.Article) { a.Title = "A better title" })...)
	pages.fail(feed.Unreadable, "")
	s.refreshBatch(edited)
	s.refreshBatch(edited)
	s.want("Alice writes: number 1")
	pages.fail("")
	s.refreshBatch(edited)
	s.want("A better title")
	if n := pages.times(); n != 3 || !s.shows("The whole of A better title.") {
		t.Errorf("after %d tries it shows\n%s", n, s.site.documents["world.atom"])
	}
}

// The order of filters counts: one before full_text saves the page, one after it sees the text.
func TestTheOrderOfFiltersCounts(t *testing.T) {
	words := func(pattern string) []setting.Pattern {
		var p setting.Pattern
		if err := p.UnmarshalText([]byte(pattern)); err != nil {
			t.Fatal(err)
		}
		return []setting.Pattern{p}
	}
	s, pages := newReader(t, false, filter.Kinds{Keep: &filter.Fields{Title: words("/number [12]$/")}})
	s.refreshBatch(listing(alice.articles(1, 5)...))
	if n := pages.times(); n != 2 {
		t.Errorf("%d pages were asked for, want those of 2 articles", n)
	}
	s, pages = newReader(t, false)
	s.filters(filter.Kinds{FullText: &filter.FullText{}}, filter.Kinds{Drop: &filter.Fields{Content: words("/whole of .* number 1/")}})
	s.refreshBatch(listing(alice.articles(1, 2)...))
	s.want("Alice writes: number 2")
	s.refreshBatch(listing(alice.articles(1, 2, func(a *feed.Article) { a.Summary = "Edited." })...))
	if n := pages.times(); n != 2 {
		t.Errorf("%d pages were asked for, want 2", n)
	}
}

func TestADraftNeedsNoPage(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		s.refreshBatch(listing(alice.articles(1, 2)...))
		pages.times()
		withdrawn := func(a *feed.Article) {
			if a.Link == "https://alice.example/1" {
				a.Status = feed.Withdrawn
			}
		}
		draft := alice.article(3)
		draft.Status = feed.Draft
		s.refreshBatch(listing(append(alice.articles(1, 2, withdrawn), draft)...))
		s.want("Alice writes: number 2")
		if n := pages.times(); n != 0 {
			t.Errorf("%d pages were asked for", n)
		}
		draft.Status = feed.Ready
		s.refreshBatch(listing(append(alice.articles(1, 2), draft)...))
		s.want("Alice writes: number 1", "Alice writes: number 2", "Alice writes: number 3")
		if n := pages.times(); n != 1 || !s.shows("The whole of Alice writes: number 3.") {
			t.Errorf("%d pages were asked for", n)
		}
	})
}

// A large listing comes in bit by bit, the newest first; what is older takes its place in the history and pushes no newer
// article out of the live document.
func TestALargeListing(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		r := s.refreshBatch(listing(alice.articles(1, 100)...))
		if n := pages.times(); n != 20 || r.Published != 20 {
			t.Fatalf("%d pages were asked for, %d articles published", n, r.Published)
		}
		if !slices.Contains(r.Notes, "80 articles wait for a page: at most 20 are read in one refresh") {
			t.Errorf("the notes are %q", r.Notes)
		}
		number := func(n int) string { return fmt.Sprintf("Alice writes: number %d", n) }
		shows := func(from, to int) {
			t.Helper()
			var all []string
			for n := from; n <= to; n++ {
				all = append(all, number(n))
			}
			slices.Sort(all)
			s.want(all...)
		}
		shows(81, 100)
		ids := s.entries()
		s.nothing()
		shows(71, 100)
		s.refreshBatch(listing(alice.articles(2, 101)...)) // a new one comes first
		after := s.titles()
		if len(after) != 30 || !slices.Contains(after, number(101)) {
			t.Errorf("with a new one it holds %q", after)
		}
		for range 5 {
			s.nothing()
			s.want(after...)
		}
		for title, e := range s.entries() {
			if was, ok := ids[title]; ok && was != e {
				t.Errorf("%s is %+v and was %+v", title, e, was)
			}
		}
		if n := pages.times(); n != 81 {
			t.Errorf("%d pages were asked for after the first refresh, want 81", n)
		}
		held := map[string]int{}
		for path, body := range s.site.documents {
			if strings.HasPrefix(path, "world/archive/") && strings.HasSuffix(path, ".atom") || path == "world.atom" {
				for title := range readAtom(t, body) {
					held[title]++
				}
			}
		}
		for n := 1; n <= 101; n++ {
			if held[number(n)] == 0 {
				t.Errorf("%s is in no document", number(n))
			}
		}
	})
}

// What has its page in a feed needs none in another that takes articles from it.
func TestADerivedFeedFetchesNothing(t *testing.T) {
	s, pages := newReader(t, false)
	s.refreshBatch(listing(alice.articles(1, 3)...))
	pages.times()
	child := *s.feed
	child.Name, child.Channel.Feed = "child", "child"
	child.Sources = []mill.Source{{Name: "from", Digest: "f", From: "world", Page: pages.read}}
	if r, err := s.mill.Refresh(t.Context(), &child); err != nil || r.Published != 3 {
		t.Fatalf("%d published, %v", r.Published, err)
	}
	if n := pages.times(); n != 0 || !strings.Contains(string(s.site.documents["child.json"]), "The whole of Alice writes: number 1.") {
		t.Errorf("%d pages were asked for, and it shows\n%s", n, s.site.documents["child.json"])
	}
}

// When a feed takes articles from their pages no more, those that wait appear as they are listed.
func TestFullTextIsTakenOut(t *testing.T) {
	s, pages := newReader(t, false)
	s.refreshBatch(listing(alice.articles(1, 60)...))
	s.feed.Filters = filter.Chain{}
	r := s.nothing()
	if n := pages.times(); n != 20 || r.Published != 40 || !s.shows("Text 40.") {
		t.Errorf("%d pages were asked for, %d articles published", n, r.Published)
	}
}

// What an operator withdraws while it waits stays out, and is whole when it comes back.
func TestAnOperatorWithdrawsWhatWaits(t *testing.T) {
	for _, early := range []bool{true, false} {
		s, pages := newReader(t, false)
		pages.fail(feed.Unreadable, "")
		s.refreshBatch(listing(alice.articles(1, 1)...))
		if _, err := s.mill.Withdraw(t.Context(), s.feed, "https://alice.example/1"); err != nil {
			t.Fatal(err)
		}
		pages.fail("")
		if !early {
			s.nothing()
		}
		s.want()
		if _, err := s.mill.Restore(t.Context(), s.feed, "https://alice.example/1"); err != nil {
			t.Fatal(err)
		}
		if early {
			s.want()
			s.nothing()
		}
		s.want("Alice writes: number 1")
		if !s.shows("The whole of Alice writes: number 1.") {
			t.Errorf("early %v: it shows\n%s", early, s.site.documents["world.atom"])
		}
	}
}

// What is no longer kept leaves nothing of its pages behind.
func TestPagesAreForgotten(t *testing.T) {
	s, pages := newReader(t, false)
	s.feed.Limit.Articles, s.feed.Keep = 4, mill.Keep{Count: 6}
	for n := 1; n <= 30; n++ {
		s.refreshBatch(listing(alice.articles(max(1, n-3), n)...))
	}
	state, err := s.store.Feed(t.Context(), "world", "")
	if err != nil {
		t.Fatal(err)
	}
	var positions []int64
	for p := range state.Position {
		positions = append(positions, p+1)
	}
	stored, err := s.store.Added(t.Context(), state.Serial, positions)
	if err != nil || len(stored) < 6 || len(stored) > 10 {
		t.Errorf("%d pages are stored of %d articles, %v", len(stored), len(positions), err)
	}
	if n := pages.times(); n != 30 {
		t.Errorf("%d pages were asked for", n)
	}
}

// A copy of the state, such as one for a preview, has the pages, and knows what waits.
func TestACopyHasThePages(t *testing.T) {
	s, pages := newReader(t, false)
	pages.fail(feed.Unreadable, "https://alice.example/1")
	s.refreshBatch(listing(alice.articles(1, 2)...))
	pages.fail("")
	pages.times()
	other, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := s.store.CopyFeed(t.Context(), other, "world"); err != nil {
		t.Fatal(err)
	}
	s.mill = mill.New(other, other, func() time.Time { return s.now })
	edited := func(a *feed.Article) { a.Summary = "Edited." }
	if r := s.refreshBatch(listing(alice.articles(1, 2, edited)...)); r.Published != 1 || r.Changed != 1 {
		t.Errorf("%d are published, %d changed", r.Published, r.Changed)
	}
	if n := pages.times(); n != 1 {
		t.Errorf("%d pages were asked for, want 1", n)
	}
}

// A page that makes its reader panic is a try that failed.
func TestAReaderOfPagesPanics(t *testing.T) {
	s, _ := newReader(t, false)
	s.feed.Sources[0].Page = func(context.Context, feed.Article, filter.FullText) (feed.Article, error) { panic("a page gone mad") }
	r := s.refreshBatch(listing(alice.articles(1, 1)...))
	if got := s.outcome(r, "Alice writes: number 1"); !strings.Contains(got.State, "1 try failed: read https://alice.example/1: panic: a page gone mad") {
		t.Errorf("it is reported as %+v", got)
	}
}

// An embargoed article's page is asked for when its moment comes, for which the mill wakes up.
func TestAnEmbargoedPage(t *testing.T) {
	eitherWay(t, func(s *stand, pages *library) {
		at := s.now.Add(time.Hour)
		r := s.refresh(alice.articles(1, 1, dated(at))...)
		if n := pages.times(); n != 0 || !r.Wake.Equal(at) {
			t.Errorf("%d pages were asked for, and it wakes at %s", n, r.Wake)
		}
		if r = s.nothing(); !r.Wake.Equal(at) {
			t.Errorf("later it wakes at %s", r.Wake)
		}
		s.now = at.Add(-time.Minute)
		s.nothing()
		s.want("Alice writes: number 1")
		if n := pages.times(); n != 1 {
			t.Errorf("%d pages were asked for", n)
		}
	})
}

// Believing what was held fetches nothing: its articles wait for the next refresh.
func TestWhatWasHeldWaits(t *testing.T) {
	s, pages := newReader(t, false)
	s.feed.Guard = usual
	s.refreshBatch(listing(alice.articles(1, 20)...))
	pages.times()
	if _, err := s.give(listing(alice.articles(20, 22)...)); feed.ClassOf(err) != feed.Suspicious {
		t.Fatalf("the error is %v", err)
	}
	if _, _, err := s.mill.Accept(t.Context(), s.feed, ""); err != nil {
		t.Fatal(err)
	}
	if n := pages.times(); n != 0 || len(s.titles()) != 20 {
		t.Errorf("%d pages were asked for, %d articles shown", n, len(s.titles()))
	}
	s.nothing()
	if n := pages.times(); n != 2 || len(s.titles()) != 22 {
		t.Errorf("then %d pages were asked for, %d articles shown", n, len(s.titles()))
	}
}
