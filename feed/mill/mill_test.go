package mill_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// stand is a mill with a clock, a source and an output that a test drives by hand.
type stand struct {
	*testing.T
	mill   *mill.Mill
	store  *store.Store
	feed   *mill.Feed
	now    time.Time
	source *script
	site   *site
}

// script is a source that hands over what the test put in.
type script struct {
	batch feed.Batch
	err   error
	panic bool
	quiet bool // remembers nothing
	told  []feed.Outcome
}

func (s *script) Fetch(_ context.Context, m feed.Memory) (feed.Batch, error) {
	if s.panic {
		panic("a source gone mad")
	}
	if !s.quiet {
		m.Put("fetched", []byte("yes"))
	}
	return s.batch, s.err
}

func (s *script) Report(_ context.Context, outcomes []feed.Outcome) error {
	s.told = outcomes
	return nil
}

// site is an output that keeps what it was given.
type site struct {
	documents map[string][]byte
	modified  map[string]time.Time
	published int
	err       error
}

func (s *site) Publish(_ context.Context, r feed.Release) error {
	if s.err != nil {
		return s.err
	}
	s.published++
	for _, d := range r.Documents {
		body, err := d.Bytes()
		if err != nil {
			return err
		}
		s.documents[d.Path], s.modified[d.Path] = body, d.Modified
	}
	for _, path := range r.Removed {
		delete(s.documents, path)
	}
	return nil
}

func newStand(t *testing.T) *stand {
	t.Helper()
	st, err := sqlite.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s := &stand{
		T: t, store: st, now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
		source: &script{}, site: &site{documents: map[string][]byte{}, modified: map[string]time.Time{}},
	}
	s.mill = mill.New(st, st, func() time.Time { return s.now })
	s.feed = &mill.Feed{
		Name: "world", Location: time.UTC, Limit: mill.Limit{Articles: 30},
		Channel: render.Channel{
			Feed: "world", Base: "https://feeds.example.org", Title: "World",
			Formats: []render.Format{render.RSS, render.Atom, render.JSON}, Author: feed.Person{Name: "News Desk"},
		},
		Sources: []mill.Source{{Name: "files", Digest: "d", Source: s.source}},
		Outputs: []mill.Output{{Name: "site", Publisher: s.site}},
	}
	return s
}

func article(key, title string) feed.Article {
	return feed.Article{
		Key: key, Slug: strings.TrimSuffix(key, ".txt"), Title: title,
		Content: "<p>The text of " + title + " goes on for a while.</p>", Summary: "In short: " + title,
	}
}

// refresh hands over an increment, a minute after the last.
func (s *stand) refresh(articles ...feed.Article) mill.Report {
	s.Helper()
	return s.refreshBatch(feed.Batch{Articles: articles, Extent: feed.Increment})
}

func (s *stand) refreshBatch(b feed.Batch) mill.Report {
	s.Helper()
	s.now = s.now.Add(time.Minute)
	s.source.batch = b
	report, err := s.mill.Refresh(s.Context(), s.feed)
	if err != nil {
		s.Fatalf("refresh: %v", err)
	}
	return report
}

// entry is an article as a subscriber sees it.
type entry struct{ id, link, published, updated string }

// entries reads the Atom document at the output: title → what is said about it.
func (s *stand) entries() map[string]entry {
	s.Helper()
	return readAtom(s.T, s.site.documents["world.atom"])
}

func (s *stand) titles() []string { return slices.Sorted(maps.Keys(s.entries())) }

// notice is the title of what stands in the place of a withdrawn article.
const notice = "This article was withdrawn"

// want compares the articles of the feed, without notices.
func (s *stand) want(titles ...string) {
	s.Helper()
	got := slices.DeleteFunc(s.titles(), func(t string) bool { return t == notice })
	if !slices.Equal(got, titles) {
		s.Fatalf("the feed holds %q, want %q", got, titles)
	}
}

func (s *stand) outcome(r mill.Report, key string) feed.Outcome {
	s.Helper()
	for _, o := range r.Outcomes {
		if o.Key == key {
			return o
		}
	}
	s.Fatalf("nothing is reported of %s in %v", key, r.Outcomes)
	return feed.Outcome{}
}

func TestAnArticleIsPublishedEverywhere(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	s.want("First")
	for _, path := range []string{"world.rss", "world.atom", "world.json", "world/", "world/a/a"} {
		if !bytes.Contains(s.site.documents[path], []byte("First")) {
			t.Errorf("%s does not hold the article", path)
		}
	}
	if got := s.source.told; len(got) != 1 || got[0].State != "published" || !slices.Contains(got[0].Details, "no author named (the feed's is used)") {
		t.Errorf("the source was told %+v", got)
	}
}

func TestNothingNewChangesNothing(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "First"))
	before := maps.Clone(s.site.documents)
	published := s.site.published
	for range 3 {
		s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
		s.refresh(article("a.txt", "First"))
	}
	if s.site.published != published {
		t.Errorf("an unchanged feed was delivered %d times more", s.site.published-published)
	}
	if !maps.EqualFunc(before, s.site.documents, bytes.Equal) {
		t.Error("an unchanged feed has other bytes")
	}
}

// still is a store that fails the test when something is written.
type still struct {
	*store.Store
	t *testing.T
}

func (s still) Commit(context.Context, store.Commit) error {
	s.t.Error("an unchanged refresh commits")
	return nil
}

func (s still) Remember(_ context.Context, _ int64, memory map[string]map[string][]byte) error {
	if len(memory) > 0 {
		s.t.Errorf("an unchanged refresh remembers %q", memory)
	}
	return nil
}

func (s still) SaveRendering(context.Context, store.Rendering) error {
	s.t.Error("an unchanged refresh renders")
	return nil
}

func (s still) SetDelivered(context.Context, int64, store.Handover) error {
	s.t.Error("an unchanged refresh delivers")
	return nil
}

func TestAnUnchangedRefreshWritesNothing(t *testing.T) {
	s := newStand(t)
	s.source.quiet = true
	s.refresh(article("a.txt", "First"))
	s.feed.Outputs = nil // a new mill brings the live documents once, which is a delivery
	s.mill = mill.New(still{s.store, t}, still{s.store, t}, func() time.Time { return s.now })
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.refresh(article("a.txt", "First"))
}

func TestIdentityIsKept(t *testing.T) {
	long := "<p>" + strings.Repeat("Many words stand in this article and most of them stay. ", 10) + "</p>"
	withContent := func(key, title, content string) feed.Article {
		a := article(key, title)
		a.Content = content
		return a
	}
	for name, c := range map[string]struct {
		first, second []feed.Article
		gone          []string
		same          map[string]string // title after → title before
		fresh         []string          // titles that must be new articles
	}{
		"edited":            {first: []feed.Article{article("a.txt", "A")}, second: []feed.Article{withContent("a.txt", "A!", long)}, same: map[string]string{"A!": "A"}},
		"renamed":           {first: []feed.Article{article("a.txt", "A")}, second: []feed.Article{article("b.txt", "A")}, gone: []string{"a.txt"}, same: map[string]string{"A": "A"}},
		"renamed, retitled": {first: []feed.Article{withContent("a.txt", "A", long)}, second: []feed.Article{withContent("b.txt", "B", long+"<p>more</p>")}, gone: []string{"a.txt"}, same: map[string]string{"B": "A"}},
		"renamed, rewritten, same title": {
			first: []feed.Article{article("a.txt", "A")}, second: []feed.Article{withContent("b.txt", "A", long)}, gone: []string{"a.txt"},
			same: map[string]string{"A": "A"},
		},
		"swapped": {
			first:  []feed.Article{article("a.txt", "A"), article("b.txt", "B")},
			second: []feed.Article{article("a.txt", "B"), article("b.txt", "A")},
			same:   map[string]string{"A": "A", "B": "B"},
		},
		"moved along": {
			first:  []feed.Article{article("a.txt", "A"), article("b.txt", "B")},
			second: []feed.Article{article("b.txt", "A"), article("c.txt", "B")}, gone: []string{"a.txt"},
			same: map[string]string{"A": "A", "B": "B"},
		},
		"copied": {
			first: []feed.Article{article("a.txt", "A")}, second: []feed.Article{withContent("b.txt", "A, copied", article("a.txt", "A").Content)},
			same: map[string]string{"A": "A"}, fresh: []string{"A, copied"},
		},
		"another article after two were deleted": {
			first:  []feed.Article{withContent("a.txt", "A", long), withContent("b.txt", "B", long)},
			second: []feed.Article{withContent("c.txt", "C", long)}, gone: []string{"a.txt", "b.txt"},
			same: map[string]string{"A": "A", "B": "B"}, fresh: []string{"C"},
		},
		"given id, everything else changed": {
			first:  []feed.Article{{ID: "7", Key: "a.txt", Slug: "a", Title: "A", Content: "<p>a</p>"}},
			second: []feed.Article{{ID: "7", Key: "z.txt", Slug: "z", Title: "Z", Content: "<p>z</p>"}}, gone: []string{"a.txt"},
			same: map[string]string{"Z": "A"},
		},
		"another given id in the same file": {
			first:  []feed.Article{{ID: "7", Key: "a.txt", Slug: "a", Title: "A", Content: "<p>a</p>"}},
			second: []feed.Article{{ID: "8", Key: "a.txt", Slug: "z", Title: "Z", Content: "<p>z</p>"}},
			same:   map[string]string{"A": "A"}, fresh: []string{"Z"},
		},
		"an id given later": {
			first:  []feed.Article{article("a.txt", "A")},
			second: []feed.Article{{ID: "7", Key: "a.txt", Slug: "a", Title: "Z", Content: "<p>z</p>"}},
			same:   map[string]string{"Z": "A"},
		},
		"same link, no key": {
			first:  []feed.Article{{Link: "https://x.example/1", Title: "A", Content: "<p>a</p>"}},
			second: []feed.Article{{Link: "https://x.example/1", Title: "Z", Content: "<p>z</p>"}},
			same:   map[string]string{"Z": "A"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.refresh(c.first...)
			before := s.entries()
			s.now = s.now.Add(24 * time.Hour)
			s.refreshBatch(feed.Batch{Articles: c.second, Gone: c.gone, Extent: feed.Increment})
			after := s.entries()
			for now, then := range c.same {
				a, b := after[now], before[then]
				if a.id == "" || a.id != b.id || a.link != b.link || a.published != b.published {
					t.Errorf("%q was %+v and is %+v", then, b, a)
				}
			}
			if want := len(c.same) + len(c.fresh); len(after) != want {
				t.Errorf("the feed holds %d articles, want %d: %v", len(after), want, after)
			}
			for _, title := range c.fresh {
				if after[title].id == "" {
					t.Errorf("%q is missing", title)
				}
			}
		})
	}
}

func TestAFileThatComesBackIsTheSameArticle(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	before := s.entries()
	s.refreshBatch(feed.Batch{Gone: []string{"a.txt"}, Extent: feed.Increment})
	s.want("A", "B") // gone: keep
	s.refresh(article("sub/a.txt", "A"))
	if after := s.entries(); after["A"].id != before["A"].id {
		t.Error("an article that came back elsewhere has a new id")
	}
}

func TestUpdatedMovesOnlyOnAMaterialChange(t *testing.T) {
	base := article("a.txt", "A")
	for name, c := range map[string]struct {
		change func(*feed.Article)
		moves  bool
	}{
		"nothing":     {func(*feed.Article) {}, false},
		"touched":     {func(a *feed.Article) { a.Modified = time.Date(2026, 11, 24, 12, 1, 30, 0, time.UTC) }, false},
		"white space": {func(a *feed.Article) { a.Content = strings.ReplaceAll(a.Content, " ", "\n ") }, false},
		"author":      {func(a *feed.Article) { a.Authors = []feed.Person{{Name: "Jo"}} }, false},
		"title":       {func(a *feed.Article) { a.Title = "B" }, true},
		"summary":     {func(a *feed.Article) { a.Summary = "B" }, true},
		"content":     {func(a *feed.Article) { a.Content = "<p>B</p>" }, true},
		"link":        {func(a *feed.Article) { a.Link = "https://x.example/b" }, true},
		"tags":        {func(a *feed.Article) { a.Tags = []string{"b"} }, true},
		"enclosure": {func(a *feed.Article) {
			a.Enclosures = []feed.Enclosure{{URL: "https://x.example/b.mp3", Type: "audio/mpeg"}}
		}, true},
		"correction":       {func(a *feed.Article) { a.Correction = "It was B." }, true},
		"minor":            {func(a *feed.Article) { a.Title, a.Minor = "B", true }, false},
		"minor correction": {func(a *feed.Article) { a.Correction, a.Minor = "It was B.", true }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.refresh(base)
			before := s.entries()["A"]
			edited := base
			c.change(&edited)
			s.refresh(edited)
			after := s.entries()[edited.Title]
			if after.id != before.id || after.published != before.published {
				t.Fatalf("it was %+v and is %+v", before, after)
			}
			if moved := after.updated != before.updated; moved != c.moves {
				t.Errorf("updated moved: %v, want %v (from %s to %s)", moved, c.moves, before.updated, after.updated)
			}
		})
	}
}

func TestUndatedArticlesOfOneBatch(t *testing.T) {
	s := newStand(t)
	old := article("b.txt", "B")
	old.Modified = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	s.refresh(article("c.txt", "C"), old, article("a.txt", "A"))
	got := s.entries()
	want := map[string]string{"A": "2026-11-01T07:59:59Z", "B": "2026-11-01T08:00:00Z", "C": "2026-11-24T12:01:00Z"}
	for title, published := range want {
		if got[title].published != published {
			t.Errorf("%s is dated %s, want %s", title, got[title].published, published)
		}
	}
}

func TestEqualDatesGetDifferentUpdates(t *testing.T) {
	s := newStand(t)
	var articles []feed.Article
	for i := range 5 {
		a := article(fmt.Sprintf("%d.txt", i), fmt.Sprint("Title ", i))
		a.Published = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		articles = append(articles, a)
	}
	s.refresh(articles[:3]...)
	s.refresh(articles[3:]...)
	seen := map[string]bool{}
	for title, e := range s.entries() {
		if seen[e.updated] {
			t.Errorf("%s shares its updated date %s with another", title, e.updated)
		}
		seen[e.updated] = true
		if e.published != "2026-11-24T00:00:00Z" {
			t.Errorf("%s is dated %s", title, e.published)
		}
	}
}

func TestEmbargo(t *testing.T) {
	s := newStand(t)
	held := article("a.txt", "Held")
	held.Published = s.now.Add(time.Hour)
	r := s.refresh(held, article("b.txt", "Free"))
	s.want("Free")
	if !r.Wake.Equal(held.Published) {
		t.Errorf("the mill wakes at %v, want %v", r.Wake, held.Published)
	}
	if o := s.outcome(r, "a.txt"); o.State != "waiting" || !strings.Contains(strings.Join(o.Details, " "), "2026-11-24 13:00 UTC") {
		t.Errorf("reported as %+v", o)
	}
	s.now = held.Published.Add(-time.Minute - time.Second)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("Free")
	s.now = held.Published.Add(-time.Minute)
	s.source.err = errors.New("the share is away")
	s.now = s.now.Add(time.Minute)
	if _, err := s.mill.Refresh(t.Context(), s.feed); err == nil {
		t.Error("a failing source gave no error")
	}
	s.want("Free", "Held")
	if got := s.entries()["Held"].published; got != "2026-11-24T13:00:00Z" {
		t.Errorf("published at %s", got)
	}
}

func TestEmbargoedFileDeletedBeforeItsTime(t *testing.T) {
	s := newStand(t)
	held := article("a.txt", "Held")
	held.Published = s.now.Add(time.Hour)
	s.refresh(held, article("b.txt", "Free"))
	s.refreshBatch(feed.Batch{Gone: []string{"a.txt"}, Extent: feed.Increment})
	s.now = s.now.Add(2 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("Free")
}

func TestExpiry(t *testing.T) {
	s := newStand(t)
	short := article("a.txt", "Short")
	short.Expires = s.now.Add(time.Hour)
	r := s.refresh(short, article("b.txt", "Long"))
	if !r.Wake.Equal(short.Expires) {
		t.Errorf("the mill wakes at %v, want %v", r.Wake, short.Expires)
	}
	s.now = short.Expires
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("Long")
	if _, there := s.site.documents["world/a/a"]; there {
		t.Error("the page of an expired article stays")
	}
	short.Expires = s.now.Add(24 * time.Hour)
	s.refresh(short)
	s.want("Long", "Short")
}

func TestDraftWaitsAndWithdraws(t *testing.T) {
	for _, status := range []feed.Status{feed.Draft, feed.Withdrawn} {
		t.Run(string(status), func(t *testing.T) {
			s := newStand(t)
			a := article("a.txt", "A")
			a.Status = status
			s.refresh(a, article("b.txt", "B"))
			s.want("B")
			a.Status = feed.Ready
			s.refresh(a)
			s.want("A", "B")
			before := s.entries()["A"]
			a.Status = status
			s.refresh(a)
			s.want("B")
			s.refresh(a) // against every rescan
			s.want("B")
			if _, there := s.site.documents["world/a/a"]; there {
				t.Error("the page of a withdrawn article stays")
			}
			a.Status = feed.Ready
			s.refresh(a)
			if after := s.entries()["A"]; after.id != before.id || after.published != before.published {
				t.Errorf("it was %+v and came back as %+v", before, after)
			}
		})
	}
}

func TestWithdrawnByAnOperator(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	id := s.entries()["A"].id
	for _, name := range []string{id, "a.txt"} {
		if _, err := s.mill.Withdraw(t.Context(), s.feed, name); err != nil {
			t.Fatal(err)
		}
	}
	s.want("B")
	s.refresh(article("a.txt", "A, edited"))
	s.refreshBatch(feed.Batch{Articles: []feed.Article{article("c.txt", "A, edited")}, Gone: []string{"a.txt"}, Extent: feed.Increment})
	s.want("B")
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown article gave %v", err)
	}
}

func TestAWithdrawalMovesTheModifiedDate(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	s.refresh(article("b.txt", "B"))
	before := s.site.modified["world.rss"]
	s.now = s.now.Add(time.Hour)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "b.txt"); err != nil {
		t.Fatal(err)
	}
	if after := s.site.modified["world.rss"]; !after.After(before) {
		t.Errorf("the document was modified at %v, before the withdrawal at %v", after, before)
	}
}

func TestGoneWithdraws(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	id := s.entries()["A"].id
	s.refreshBatch(feed.Batch{Gone: []string{"a.txt"}, WithdrawGone: true, Extent: feed.Increment})
	s.want("B")
	s.refresh(article("a.txt", "A"))
	s.want("A", "B")
	if s.entries()["A"].id != id {
		t.Error("a file that came back has a new id")
	}
}

func TestTwoArticlesClaimOneLink(t *testing.T) {
	s := newStand(t)
	first, second := article("one/note.txt", "One"), article("two/note.txt", "Two")
	first.Slug, second.Slug = "note", "note"
	r := s.refresh(first, second)
	s.want("One")
	o := s.outcome(r, "two/note.txt")
	if o.State != "waiting" || o.Err == nil || !strings.Contains(o.Err.Error(), "one/note.txt") || !strings.Contains(o.Err.Error(), "https://feeds.example.org/world/a/note") {
		t.Errorf("reported as %+v", o)
	}
	s.refreshBatch(feed.Batch{Gone: []string{"one/note.txt"}, WithdrawGone: true, Extent: feed.Increment})
	s.want("Two")
	if _, there := s.site.documents["world/a/note"]; !there {
		t.Error("the page that passed on is missing")
	}
}

func TestLinkOfTheSource(t *testing.T) {
	s := newStand(t)
	link := func(a feed.Article) (string, error) {
		return "https://news.example.org/" + a.Published.Format("2006/") + a.Slug, nil
	}
	s.refreshBatch(feed.Batch{Articles: []feed.Article{article("a.txt", "A")}, Link: link})
	got := s.entries()["A"]
	if got.link != "https://news.example.org/2026/a" || got.id != got.link {
		t.Errorf("published as %+v", got)
	}
	renamed := article("z.txt", "A")
	s.refreshBatch(feed.Batch{Articles: []feed.Article{renamed}, Gone: []string{"a.txt"}, Link: link})
	if after := s.entries()["A"]; after != got {
		t.Errorf("after a rename it is %+v, was %+v", after, got)
	}
}

func TestAProblemStopsNobody(t *testing.T) {
	s := newStand(t)
	r := s.refreshBatch(feed.Batch{
		Articles: []feed.Article{article("a.txt", "A")},
		Problems: []error{&feed.Problem{Where: "bad.txt", Line: 3, Err: errors.New("the date is unreadable")}},
	})
	s.want("A")
	if o := s.outcome(r, "bad.txt"); o.State != "failed" || o.Err.Error() != "bad.txt:3: the date is unreadable" {
		t.Errorf("reported as %+v", o)
	}
}

func TestAPanicIsAnError(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	s.source.panic = true
	_, err := s.mill.Refresh(t.Context(), s.feed)
	if feed.ClassOf(err) != feed.Internal || !strings.Contains(fmt.Sprint(err), "gone mad") {
		t.Errorf("a panic gave %v", err)
	}
	s.want("A")
}

func TestAFailedOutputIsTriedAgain(t *testing.T) {
	s := newStand(t)
	s.site.err = errors.New("the disk is full")
	s.source.batch = feed.Batch{Articles: []feed.Article{article("a.txt", "A")}}
	if _, err := s.mill.Refresh(t.Context(), s.feed); err == nil {
		t.Error("a failing output gave no error")
	}
	s.site.err = nil
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("A")
}

func TestADocumentRemovedByHandComesBackAfterARestart(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	clear(s.site.documents)
	s.mill = mill.New(s.store, s.store, func() time.Time { return s.now })
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("A")
}

func TestSettingsChangeTheDocumentsButNoDates(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	before := s.entries()["A"]
	s.feed.Channel.Title = "The World"
	s.feed.Channel.Formats = []render.Format{render.Atom}
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if !bytes.Contains(s.site.documents["world.atom"], []byte("The World")) {
		t.Error("the new title is not shown")
	}
	if after := s.entries()["A"]; after != before {
		t.Errorf("it was %+v and is %+v", before, after)
	}
	if _, there := s.site.documents["world.rss"]; there {
		t.Error("a format that was taken away is still there")
	}
}

func TestLimitByNumberAndHours(t *testing.T) {
	s := newStand(t)
	s.feed.Limit = mill.Limit{Articles: 2, Hours: 3}
	for i := range 6 {
		s.now = s.now.Add(59 * time.Minute)
		s.refresh(article(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Title %d", i)))
	}
	s.want("Title 3", "Title 4", "Title 5")
	s.feed.Limit = mill.Limit{Articles: 2}
	s.refresh()
	s.want("Title 4", "Title 5")
}

// lossy is a library that fails to save a rendering, as a process that dies between commit and render does.
type lossy struct {
	*store.Store
	fail bool
}

func (l *lossy) SaveRendering(ctx context.Context, r store.Rendering) error {
	if l.fail {
		return errors.New("killed")
	}
	return l.Store.SaveRendering(ctx, r)
}

func TestDeathBetweenCommitAndRender(t *testing.T) {
	s := newStand(t)
	l := &lossy{Store: s.store}
	s.mill = mill.New(s.store, l, func() time.Time { return s.now })
	s.refresh(article("a.txt", "A"))
	l.fail = true
	s.source.batch = feed.Batch{Articles: []feed.Article{article("a.txt", "A, edited"), article("b.txt", "B")}}
	if _, err := s.mill.Refresh(t.Context(), s.feed); err == nil {
		t.Fatal("no error")
	}
	s.want("A")
	l.fail = false
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("A, edited", "B")
}

func TestSameStateSameBytes(t *testing.T) {
	var first map[string][]byte
	for range 2 {
		s := newStand(t)
		s.refresh(article("a.txt", "A"), article("b.txt", "B"))
		s.refresh(article("c.txt", "C"))
		if first == nil {
			first = s.site.documents
		} else if !maps.EqualFunc(first, s.site.documents, bytes.Equal) {
			t.Error("the same articles at the same times gave other bytes")
		}
	}
}

func TestPageOnRequest(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	d, err := s.mill.Page(t.Context(), s.feed, "a")
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := d.Bytes(); !bytes.Contains(body, []byte("The text of A")) {
		t.Errorf("the page is %s", body)
	}
	if _, err := s.mill.Page(t.Context(), s.feed, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown page gave %v", err)
	}
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.mill.Page(t.Context(), s.feed, "a"); feed.ClassOf(err) != feed.Gone {
		t.Errorf("a withdrawn page gave %v", err)
	}
}
