package mill_test

import (
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// A subscriber who has an article learns of its withdrawal once, under the same id, for seven days.
func TestAWithdrawalIsNoticed(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	before := s.entries()["A"]
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	told := s.entries()[notice]
	if told.id != before.id || told.published != before.published || told.updated <= before.updated {
		t.Errorf("the notice is %+v in the place of %+v", told, before)
	}
	for path, d := range s.site.documents {
		if strings.HasPrefix(path, "world.") && strings.Contains(string(d), "The text of A ") {
			t.Errorf("%s shows the withdrawn article", path)
		}
	}
	tombstone := `<at:deleted-entry ref="` + before.id + `" when="` + told.updated + `">`
	if atom := string(s.site.documents["world.atom"]); !strings.Contains(atom, tombstone) {
		t.Errorf("the Atom feed has no tombstone %s:\n%s", tombstone, atom)
	}
	// An edit of what is withdrawn is nobody's news, nor is another refresh.
	for range 3 {
		r := s.refresh(article("a.txt", "A, edited "+s.now.String()))
		if got := s.entries()[notice]; got != told {
			t.Errorf("the notice became %+v, it was %+v", got, told)
		}
		if want := time.Date(2026, 12, 1, 12, 1, 0, 0, time.UTC); !r.Wake.Equal(want) {
			t.Errorf("the mill wakes at %v, not when the notice ends, %v", r.Wake, want)
		}
	}
	s.now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if _, there := s.entries()[notice]; there || strings.Contains(string(s.site.documents["world.atom"]), "deleted-entry") {
		t.Error("the notice stays after its time")
	}
	s.want("B")
}

func TestRestore(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	before := s.entries()["A"]
	if _, err := s.mill.Restore(t.Context(), s.feed, "a.txt"); feed.ClassOf(err) != feed.Refused {
		t.Errorf("an article that is live was restored: %v", err)
	}
	if _, err := s.mill.Restore(t.Context(), s.feed, "nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown article gave %v", err)
	}
	s.now = s.now.Add(time.Hour)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	told := s.entries()[notice]
	s.refresh(article("a.txt", "A, edited"))
	s.now = s.now.Add(time.Hour)
	r, err := s.mill.Restore(t.Context(), s.feed, before.id)
	if err != nil {
		t.Fatal(err)
	}
	s.want("A, edited", "B")
	if got := s.entries()["A, edited"]; got.id != before.id || got.published != before.published || got.updated <= told.updated {
		t.Errorf("it came back as %+v; it was %+v, its notice %+v", got, before, told)
	}
	if strings.Contains(string(s.site.documents["world.atom"]), "deleted-entry") {
		t.Error("the tombstone of a restored article stays")
	}
	if o := s.outcome(r, "a.txt"); o.State != "published again" {
		t.Errorf("the report says %+v", o)
	}
	s.refresh(article("a.txt", "A, edited again"))
	s.want("A, edited again", "B")
	a := article("a.txt", "A, edited again")
	a.Status = feed.Withdrawn
	s.refresh(a)
	if _, err := s.mill.Restore(t.Context(), s.feed, "a.txt"); feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "status") {
		t.Errorf("what its author withdrew was restored: %v", err)
	}
}

// Whoever got the notice of an article that comes back after newer ones have taken its place gets it again, for seven days.
func TestAnOldArticleComesBackToThoseWhoHaveItsNotice(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 2
	s.refresh(article("a.txt", "A"))
	before := s.entries()["A"]
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	told := s.entries()[notice]
	s.refresh(article("b.txt", "B"), article("c.txt", "C"), article("d.txt", "D"))
	s.now = s.now.Add(time.Hour)
	back := s.now
	if _, err := s.mill.Restore(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	s.want("A", "C", "D")
	if got := s.entries()["A"]; got.id != before.id || got.updated <= told.updated {
		t.Errorf("it came back as %+v; its notice was %+v", got, told)
	}
	r := s.refresh(article("e.txt", "E"))
	s.want("A", "D", "E")
	if want := back.Add(7 * 24 * time.Hour); r.Wake.Sub(want).Abs() > time.Minute {
		t.Errorf("the mill wakes at %v, not after seven days, %v", r.Wake, want)
	}
	s.now = r.Wake
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("D", "E")
}

// An article that is over ends without a word, and comes back with its own dates.
func TestAnExpiredArticleIsNotNoticed(t *testing.T) {
	s := newStand(t)
	a := article("a.txt", "A")
	a.Expires = s.now.Add(time.Hour)
	s.refresh(a, article("b.txt", "B"))
	s.now = s.now.Add(2 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	s.want("B")
	if _, there := s.entries()[notice]; there {
		t.Error("the end of an article is noticed")
	}
}

// What a feed took over is withdrawn there too, with a notice of its own.
func TestAWithdrawalIsNoticedInDerivedFeeds(t *testing.T) {
	s := newStand(t)
	child := s.derive("planet")
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	before := child()["A"]
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	if got := child(); got[notice].id != before.id || len(got) != 2 {
		t.Errorf("the derived feed holds %+v", got)
	}
	if _, err := s.mill.Restore(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	if got := child(); got["A"].id != before.id || len(got) != 2 {
		t.Errorf("the derived feed holds %+v", got)
	}
}

// A pinned article stands first on the feed's page, however old it is, and where its date says in feeds.
func TestAPinnedArticleStandsFirstOnThePage(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles, s.feed.Channel.Facets = 3, true
	pinned := tagged("pinned.txt", "Pinned", "Town")
	pinned.Pin = true
	s.refresh(pinned)
	first := func(path string) string {
		body := string(s.site.documents[path])
		at, title := len(body), ""
		for _, t := range []string{"Pinned", "One", "Two", "Three", "Four"} {
			if i := strings.Index(body, t+"<"); i >= 0 && i < at {
				at, title = i, t
			}
		}
		return title
	}
	for _, title := range []string{"One", "Two", "Three", "Four"} {
		s.refresh(article(title+".txt", title))
		if got := first("world/"); got != "Pinned" {
			t.Fatalf("first on the page is %s", got)
		}
		if got := first("world.rss"); got != title {
			t.Fatalf("first in the feed is %s, not %s", got, title)
		}
	}
	if n := strings.Count(string(s.site.documents["world/"]), ">Pinned</a>"); n != 1 {
		t.Errorf("it stands %d times on the page", n)
	}
	if page := string(s.site.documents["world/tag/town/"]); !strings.Contains(page, ">Pinned</a>") || strings.Contains(page, `class="pin"`) {
		t.Errorf("among those with its tag it stands where its date says, and yet as a pinned one:\n%s", page)
	}
	updated := s.site.documents["world.atom"]
	pinned.Pin = false
	s.refresh(pinned)
	if got := first("world/"); got != "Four" {
		t.Errorf("first on the page is %s after the pin was taken off", got)
	}
	if string(s.site.documents["world.atom"]) != string(updated) {
		t.Error("the pin changed the feed")
	}
}

func TestANoticeIsShownWhereHoursAloneBoundTheFeed(t *testing.T) {
	s := newStand(t)
	s.feed.Limit = mill.Limit{Hours: 48}
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	if _, there := s.entries()[notice]; !there {
		t.Error("there is no notice")
	}
}

func TestTheEndOfANoticeIsNoNews(t *testing.T) {
	s := newStand(t)
	child := *s.feed
	child.Name, child.Channel.Feed = "planet", "planet"
	child.Sources = []mill.Source{{Name: "world", Digest: "from world", From: "world"}}
	refresh := func() mill.Report {
		s.now = s.now.Add(time.Second)
		r, err := s.mill.Refresh(t.Context(), &child)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	refresh()
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	if r := refresh(); len(r.Outcomes) != 1 {
		t.Errorf("the withdrawal: %+v", r.Outcomes)
	}
	s.now = s.now.Add(8 * 24 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	if r := refresh(); len(r.Outcomes) != 0 {
		t.Errorf("the end of the notice: %+v", r.Outcomes)
	}
	if got := readAtom(t, s.site.documents["planet.atom"]); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func TestWhatWaitsGivesNoNotice(t *testing.T) {
	s := newStand(t)
	a := article("a.txt", "A")
	a.Expires = s.now.Add(30 * 24 * time.Hour)
	s.refresh(a, article("b.txt", "B"))
	a.Status = feed.Draft
	s.refresh(a)
	s.now = s.now.Add(8 * 24 * time.Hour)
	s.refreshBatch(feed.Batch{Extent: feed.Unchanged})
	a.Status = feed.Ready
	a.Published = s.now.Add(10 * 24 * time.Hour) // waits again
	s.refresh(a)
	a.Content += "x"
	s.refresh(a)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	if _, there := s.entries()[notice]; there {
		t.Error("there is a notice for what nobody had seen for days")
	}
}

// Validators warn of two entries with one updated date.
func TestNoticesOfOneSecondHaveTheirOwnDates(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"), article("c.txt", "C"))
	for _, key := range []string{"a.txt", "b.txt", "c.txt"} {
		if _, err := s.mill.Withdraw(t.Context(), s.feed, key); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, d := range regexp.MustCompile(`(?s)<entry[ >].*?<updated>([^<]*)`).FindAllStringSubmatch(string(s.site.documents["world.atom"]), -1) {
		if seen[d[1]] {
			t.Errorf("two entries were updated at %s", d[1])
		}
		seen[d[1]] = true
	}
	if len(seen) != 3 {
		t.Errorf("there are %d notices", len(seen))
	}
}
