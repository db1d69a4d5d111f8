package mill_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// upstreamOf is what a site's feed says: n articles, the latest first, as change makes them.
func upstreamOf(n int, change ...func(i int, a *feed.Article)) []feed.Article {
	var all []feed.Article
	for i := range n {
		link := fmt.Sprintf("http://old.example/2026/%d/", i)
		a := foreign(link, link, fmt.Sprintf("Title %02d", i))
		a.Content = fmt.Sprintf(`<p>What happened on day %d, told at length.</p><p><img src="http://old.example/img/%d.png" alt=""/></p>`, i, i)
		a.Published = a.Published.Add(-time.Duration(i) * time.Hour)
		a.Source = feed.Origin{Title: "Old", Link: "http://old.example/"}
		for _, c := range change {
			c(i, &a)
		}
		all = append(all, a)
	}
	return all
}

// moving is a change that replaces one text by another in ids, links and contents.
func moving(from, to string) func(int, *feed.Article) {
	return func(_ int, a *feed.Article) {
		for _, s := range []*string{&a.ID, &a.Link, &a.Content} {
			*s = strings.ReplaceAll(*s, from, to)
		}
	}
}

func ids(id string) func(int, *feed.Article) {
	return func(i int, a *feed.Article) {
		if a.ID = id; strings.Contains(id, "%d") {
			a.ID = fmt.Sprintf(id, i)
		}
	}
}

func links(link string) func(int, *feed.Article) {
	return func(i int, a *feed.Article) {
		if a.Link = link; strings.Contains(link, "%d") {
			a.Link = fmt.Sprintf(link, i)
		}
	}
}

func noDate(_ int, a *feed.Article) { a.Published = time.Time{} }

func titled(title string) func(int, *feed.Article) {
	return func(_ int, a *feed.Article) { a.Title += title }
}

// keyed gives the articles the keys that source/upstream makes of title and date for those without id and link.
func keyed(_ int, a *feed.Article) {
	a.Key = "~" + a.Title + a.Published.String()
	if a.Published.IsZero() {
		a.Key += a.Content
	}
}

type changes = []func(int, *feed.Article)

// Whatever becomes of a site, its articles keep their ids and dates, and none is published twice.
func TestIDsAreKeptOver(t *testing.T) {
	for name, step := range map[string]struct {
		before, after changes
		quiet         bool // and no updated date moves
	}{
		"http to https":                     {after: changes{moving("http://", "https://")}, quiet: true},
		"https to http":                     {before: changes{moving("http://", "https://")}, after: changes{moving("https://", "http://")}, quiet: true},
		"another host":                      {after: changes{moving("http://old.example", "http://new.example")}, quiet: true},
		"another host, with https":          {after: changes{moving("http://old.example", "https://www.new.example")}, quiet: true},
		"another host, no dates":            {before: changes{noDate}, after: changes{noDate, moving("old.example", "new.example")}, quiet: true},
		"another host, ids of numbers":      {before: changes{ids("p%d")}, after: changes{ids("post-%d"), moving("old.example", "new.example")}, quiet: true},
		"another host, no ids":              {before: changes{ids("")}, after: changes{ids(""), moving("old.example", "new.example")}, quiet: true},
		"another host, new titles":          {after: changes{moving("old.example", "new.example"), titled(" | New")}},
		"no slash at the end":               {after: changes{func(_ int, a *feed.Article) { a.Link = strings.TrimSuffix(a.Link, "/") }}, quiet: true},
		"no slash at the end of ids either": {after: changes{func(_ int, a *feed.Article) { a.Link = strings.TrimSuffix(a.Link, "/"); a.ID = a.Link }}, quiet: true},
		"a slash at the end":                {before: changes{links("http://old.example/%d?p=1"), ids("")}, after: changes{links("http://old.example/%d/?p=1"), ids("")}, quiet: true},
		"parameters of trackers and new ids": {
			before: changes{links("http://old.example/?p=%d")}, after: changes{links("http://old.example/?p=%d&utm_source=rss"), ids("tag:new,%d")}, quiet: true,
		},
		"all of that at once": {before: changes{ids("")}, after: changes{ids(""), moving("http://old", "https://www.new"), func(_ int, a *feed.Article) {
			a.Link = strings.TrimSuffix(a.Link, "/")
		}}, quiet: true},
		"new ids":            {after: changes{ids("tag:new,%d")}, quiet: true},
		"no ids any more":    {after: changes{ids("")}, quiet: true},
		"ids at last":        {before: changes{ids("")}, after: changes{ids("tag:new,%d")}, quiet: true},
		"new titles":         {after: changes{titled(", corrected")}},
		"new titles, no ids": {before: changes{ids("")}, after: changes{ids(""), titled(", corrected")}},
		"new titles, neither ids nor links": {
			before: changes{ids(""), links(""), keyed}, after: changes{ids(""), links(""), titled(", corrected"), keyed},
		},
		"new titles, nothing else": {
			before: changes{ids(""), links(""), noDate, keyed}, after: changes{ids(""), links(""), noDate, titled(", corrected"), keyed},
		},
		"new dates":                        {after: changes{noDate}, quiet: true},
		"new dates, neither ids nor links": {before: changes{ids(""), links(""), keyed}, after: changes{ids(""), links(""), noDate, keyed}, quiet: true},
		"new ids, no links":                {before: changes{links("")}, after: changes{links(""), ids("x%d")}, quiet: true},
		"new ids, one link":                {before: changes{links("http://old.example/")}, after: changes{links("http://old.example/"), ids("x%d")}, quiet: true},
		"new ids and dates, no links":      {before: changes{links("")}, after: changes{links(""), ids("x%d"), noDate}, quiet: true},
		"a new site":                       {after: changes{links("https://cms.example/?article=1%d"), ids("urn:cms:%d")}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{6, 1} {
				s := newStand(t)
				sources := s.merge("a")
				sources["a"].batch = listing(upstreamOf(n, step.before...)...)
				s.mustBelieve()
				was := s.byDay()
				if len(was) != n {
					t.Fatalf("%d of %d are published", len(was), n)
				}
				for range 2 {
					sources["a"].batch = listing(upstreamOf(n, step.after...)...)
					s.mustBelieve()
					s.areStill(was, step.quiet)
				}
				sources["a"].batch = listing(upstreamOf(n, step.before...)...) // and back
				s.mustBelieve()
				s.areStill(was, false)
			}
		})
	}
}

// mustBelieve is a tick, and an operator who accepts what is held: identity does not depend on the guard.
func (s *stand) mustBelieve() {
	s.Helper()
	_, err := s.tick()
	if feed.ClassOf(err) == feed.Suspicious {
		_, _, err = s.mill.Accept(s.Context(), s.feed, "")
	}
	if err != nil {
		s.Fatal(err)
	}
}

// byDay are the articles in the feed by what they tell about, which is another day each.
func (s *stand) byDay() map[string]entry {
	s.Helper()
	found := map[string]entry{}
	for title, e := range s.entries() {
		found[title[:len("Title 00")]] = e
	}
	return found
}

func (s *stand) areStill(was map[string]entry, quiet bool) {
	s.Helper()
	if now := s.links(); len(now) != len(was) {
		s.Errorf("the feed has %d articles, had %d", len(now), len(was))
	}
	for day, e := range s.byDay() {
		old := was[day]
		if e.id != old.id || e.published != old.published || quiet && e.updated != old.updated {
			s.Errorf("%s was %+v and is %+v", day, old, e)
		}
	}
}

// With the addresses come new articles, and old ones are no longer listed.
func TestAMoveInTheMidstOfPublishing(t *testing.T) {
	for name, change := range map[string]changes{
		"another host": {moving("http://old.example", "https://new.example")},
		"a new site":   {links("https://cms.example/?article=1%d"), ids("urn:cms:%d")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			sources["a"].batch = listing(upstreamOf(12)[2:12]...)
			s.mustBelieve()
			was := s.byDay()
			sources["a"].batch = listing(upstreamOf(12, change...)[:10]...)
			s.mustBelieve()
			now := s.byDay()
			if got := len(s.links()); got != 12 {
				t.Fatalf("%d articles are published", got)
			}
			delete(now, "Title 00")
			delete(now, "Title 01")
			for day, e := range now {
				if e.id != was[day].id {
					t.Errorf("%s was %s and is %s", day, was[day].id, e.id)
				}
			}
		})
	}
}

// Of a busy site half of the listing may be new when it has moved, and some of the rest edited.
func TestABusySiteMoves(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = listing(upstreamOf(20)[10:]...)
	s.mustBelieve()
	was := s.byDay()
	edit := func(i int, a *feed.Article) {
		if i == 12 {
			a.Title += ", corrected"
			a.Content = "<p>Nothing of it was true.</p>"
		}
	}
	sources["a"].batch = listing(upstreamOf(20, moving("http://old.example", "https://new.example"), edit)[5:15]...)
	s.mustBelieve()
	if got := len(s.links()); got != 15 {
		t.Fatalf("%d articles are published, not 15", got)
	}
	for day, e := range s.byDay() {
		if old, known := was[day]; known && e.id != old.id {
			t.Errorf("%s was %s and is %s", day, old.id, e.id)
		}
	}
}

// An operator writes another address of the same feed: another source.
func TestASourceIsSwappedUnderAFeed(t *testing.T) {
	for name, change := range map[string]struct{ before, after changes }{
		"the same articles":          {},
		"numbers for ids":            {before: changes{ids("%d")}, after: changes{ids("%d")}},
		"no ids":                     {before: changes{ids("")}, after: changes{ids("")}},
		"neither ids nor links":      {before: changes{ids(""), links(""), keyed}, after: changes{ids(""), links(""), keyed}},
		"https":                      {after: changes{moving("http://", "https://")}},
		"another host":               {after: changes{moving("old.example", "new.example")}},
		"another host and other ids": {before: changes{ids("%d")}, after: changes{ids("p=%d"), moving("old.example", "new.example")}},
		"other ids":                  {before: changes{ids("%d")}, after: changes{ids("p=%d")}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a", "other")
			sources["a"].batch = listing(upstreamOf(12, change.before...)...)
			sources["other"].batch = feed.Batch{Extent: feed.Unchanged}
			s.mustBelieve()
			was := s.byDay()
			both := s.feed.Sources
			sources = s.merge("b")
			s.feed.Sources = append(s.feed.Sources, both[1])
			sources["b"].batch = listing(upstreamOf(12, change.after...)...)
			for range 2 {
				s.mustBelieve()
				s.areStill(was, true)
			}
		})
	}
}

func TestIDsThatChangeOnEveryFetch(t *testing.T) {
	for name, change := range map[string]changes{
		"with links":    nil,
		"without links": {links("")},
		"one link":      {links("http://old.example/")},
		"without dates": {links(""), noDate},
		"all untitled":  {links(""), noDate, func(_ int, a *feed.Article) { a.Title = "Untitled" }},
		"twins":         {links(""), noDate, func(_ int, a *feed.Article) { a.Title, a.Content = "Untitled", "<p>The same.</p>" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			var first map[string]string
			for round := range 4 {
				sources["a"].batch = listing(upstreamOf(12, append(change, ids(fmt.Sprintf("%d-%%d", round)))...)...)
				s.mustBelieve()
				if first == nil {
					first = s.links()
				}
				if now := s.links(); len(now) != 12 || !maps.Equal(now, first) {
					t.Fatalf("at fetch %d there are %d articles: %v, at first %v", round, len(now), now, first)
				}
			}
		})
	}
}

// What vanished and returns is what it was, also after the site has said nothing else than that for long.
func TestArticlesThatVanishAndReturn(t *testing.T) {
	for name, change := range map[string]changes{
		"with ids": nil, "without ids": {ids("")}, "without links": {ids(""), links(""), keyed},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			all := upstreamOf(12, change...)
			sources["a"].batch = listing(all...)
			s.mustBelieve()
			was := s.byDay()
			for _, batch := range [][]feed.Article{all[:3], nil, all[6:], all} {
				sources["a"].batch = listing(batch...)
				s.mustBelieve()
				s.areStill(was, true)
			}
		})
	}
}

// An upstream that turns into another site has other articles, each once, and its old ones are not theirs.
func TestAnUpstreamThatTurnsIntoAnotherSite(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = listing(upstreamOf(12)...)
	s.mustBelieve()
	was := s.byDay()
	other := upstreamOf(12, links("https://casino.example/%d"), ids("https://casino.example/%d"), func(i int, a *feed.Article) {
		a.Title, a.Content = fmt.Sprintf("Prize %02d", i), fmt.Sprintf("<p>Win prize number %d today.</p>", i)
	})
	for _, batch := range [][]feed.Article{other, other, upstreamOf(12)} {
		sources["a"].batch = listing(batch...)
		s.mustBelieve()
		if got := s.links(); len(got) != 24 {
			t.Fatalf("%d articles are published", len(got))
		}
	}
	now := s.entries()
	for title, e := range was {
		if now[title] != e {
			t.Errorf("%s was %+v and is %+v", title, e, now[title])
		}
	}
}

// Articles that have much in common are not one for that.
func TestWhatIsNewStaysNew(t *testing.T) {
	for name, step := range map[string]struct{ before, after feed.Article }{
		"a daily column":           {foreign("", "https://x.example/1", "Weather"), foreign("", "https://x.example/2", "Weather")},
		"the same path elsewhere":  {foreign("tag:x,1", "https://x.example/1", "A"), foreign("tag:y,1", "https://y.example/1", "B")},
		"no ids, no links, a date": {feed.Article{Key: "~1", Title: "Weather", Content: "<p>Rain all day, and wind.</p>"}, feed.Article{Key: "~2", Title: "Weather", Content: "<p>Sun in the south, a breeze, and no cloud.</p>"}},
		"the same title, other ids": {foreign("1", "", "Untitled"), func() feed.Article {
			a := foreign("2", "", "Untitled")
			a.Content = "<p>Quite another text.</p>"
			return a
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			step.after.Published = step.after.Published.Add(24 * time.Hour)
			others := []feed.Article{foreign("tag:o,1", "https://o.example/o1", "Other 1"), foreign("tag:o,2", "https://o.example/o2", "Other 2")}
			sources["a"].batch = listing(append(others, step.before)...)
			s.mustBelieve()
			sources["a"].batch = listing(append(others, step.after)...)
			s.mustBelieve()
			if got := len(s.links()); got != 4 {
				t.Errorf("%d articles are published, not 4", got)
			}
		})
	}
}

// A page that lists what others wrote has a path twice now and then.
func TestTheSamePathOnAnotherHostIsAnotherArticle(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	list := func(site string, same int) (all []feed.Article) {
		for i := range 10 {
			path := fmt.Sprintf("/%s/%d", site, i)
			if i < same {
				path = fmt.Sprintf("/about/%d", i)
			}
			all = append(all, foreign("", fmt.Sprintf("https://%s.example%s", site, path), fmt.Sprintf("%s %d", site, i)))
		}
		return all
	}
	for _, site := range []string{"one", "two"} {
		sources["a"].batch = listing(list(site, 4)...)
		s.mustBelieve()
	}
	if got := len(s.links()); got != 20 {
		t.Errorf("%d articles are published, not 20", got)
	}
}

// One site has the words of another: that is for dedupe.
func TestAnArticleOfAnotherSourceIsNotTakenOver(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	sources["a"].batch, sources["b"].batch = listing(upstreamOf(3)...), listing()
	s.mustBelieve()
	sources["a"].batch = feed.Batch{Extent: feed.Unchanged}
	sources["b"].batch = listing(upstreamOf(3, links("https://copy.example/%d"), ids("https://copy.example/%d"))...)
	s.mustBelieve()
	if got := len(s.links()); got != 6 {
		t.Errorf("%d articles are published, not 6", got)
	}
}

func TestOneRenamedArticleIsKnownByTitleDateAndWords(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	all := upstreamOf(12)
	sources["a"].batch = listing(all...)
	s.mustBelieve()
	was := s.byDay()
	all[4].ID, all[4].Link = "http://old.example/2026/better-name", "http://old.example/2026/better-name"
	sources["a"].batch = listing(all...)
	s.mustBelieve()
	s.areStill(was, false)
	all[4].ID, all[4].Link, all[4].Content = "http://old.example/2026/third", "http://old.example/2026/third", "<p>Quite another text, on the same day.</p>"
	sources["a"].batch = listing(all...)
	s.mustBelieve()
	if got := len(s.links()); got != 13 {
		t.Errorf("%d articles are published, not 13", got)
	}
}

// A withdrawal holds, wherever the article turns up again.
func TestAWithdrawnArticleDoesNotReturnAtAnotherAddress(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = listing(upstreamOf(12)...)
	s.mustBelieve()
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "http://old.example/2026/3/"); err != nil {
		t.Fatal(err)
	}
	sources["a"].batch = listing(upstreamOf(12, moving("http://old.example", "https://new.example"))...)
	s.mustBelieve()
	if _, back := s.entries()["Title 03"]; back || len(s.links()) != 12 { // with the notice
		t.Errorf("the feed holds %q", s.titles())
	}
}

// A site that joins when another leaves is not that one, though one program made both and their paths are the same.
func TestASiteWithTheSamePathsIsAnotherSite(t *testing.T) {
	s := newStand(t)
	sources := s.merge("leaves")
	sources["leaves"].batch = listing(upstreamOf(8)...)
	s.mustTick()
	before := s.ids()
	sources = s.merge("joins")
	sources["joins"].batch = listing(upstreamOf(8, moving("http://old.example", "http://joins.example"), titled(" of another site"))...)
	s.mustTick()
	if got := len(s.ids()); got != 16 {
		t.Fatalf("%d articles are shown, want 16", got)
	}
	for title, id := range s.ids() {
		if old, known := before[title]; known && old != id {
			t.Errorf("%s was %s and is %s", title, old, id)
		}
	}
}
