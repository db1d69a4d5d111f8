package mill_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/parse"
	"feedmill/feed/store/sqlite"
)

// shown are the documents at the output, read back: Atom, which says most, or those of the given formats.
func (s *stand) shown(formats ...string) []mill.Shown {
	s.Helper()
	types := map[string]string{"atom": feed.TypeAtom, "json": feed.TypeJSON, "rss": feed.TypeRSS}
	var shown []mill.Shown
	for _, format := range append(formats, "atom")[:max(1, len(formats))] {
		path := "world." + format
		f, err := parse.Parse(s.site.documents[path], types[format], s.feed.Channel.Base+"/"+path, time.UTC, s.now)
		if err != nil {
			s.Fatal(err)
		}
		shown = append(shown, mill.Shown{
			Document: feed.NewDocument(path, types[format], s.site.modified[path], s.site.documents[path]), Articles: f.Articles,
		})
	}
	return shown
}

// keep makes a copy of the state as it is now, and returns what puts it in the state's place.
func (s *stand) keep() (restore func()) {
	s.Helper()
	kept, err := sqlite.Memory(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { kept.Close() })
	if err := s.store.CopyFeed(s.Context(), kept, s.feed.Name); err != nil {
		s.Fatal(err)
	}
	return func() {
		s.store = kept
		s.mill = mill.New(kept, kept, func() time.Time { return s.now })
	}
}

func (s *stand) learn(shown []mill.Shown) mill.Learned {
	s.Helper()
	learned, err := s.mill.Learn(s.Context(), s.feed, shown)
	if err != nil {
		s.Fatal(err)
	}
	again, err := s.mill.Learn(s.Context(), s.feed, shown)
	if err != nil || len(again.New)+len(again.Changed)+len(again.Withdrawn) > 0 {
		s.Errorf("the second time it learned %+v, %v", again, err)
	}
	return learned
}

// same fails unless the entries are those of before, id, link and dates.
func (s *stand) same(before map[string]entry, when string) {
	s.Helper()
	if after := s.entries(); fmt.Sprint(after) != fmt.Sprint(before) {
		s.Errorf("%s the feed shows\n%v, before\n%v", when, after, before)
	}
}

func without(a feed.Article, field *string) feed.Article {
	*field = ""
	return a
}

// What came after the backup is learned from the documents, and recognised when its source brings it: whatever kind of
// source it is, and whatever the articles are known by.
func TestWhatIsPublishedIsLearned(t *testing.T) {
	linked := func(a feed.Article) feed.Article { a.Link = "https://news.example.org/" + a.Slug; return a }
	foreign := func(a feed.Article) feed.Article { a.Key = ""; return linked(a) }
	dated := func(a feed.Article) feed.Article {
		a.Published = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
		return a
	}
	permalink := func(a feed.Article) (string, error) {
		return "https://news.example.org/" + a.Published.Format("2006/01/") + a.Slug, nil
	}
	for name, c := range map[string]struct {
		as    func(feed.Article) feed.Article // what they are when they are published
		later func(feed.Article) feed.Article // and when they are seen again
		batch feed.Batch
		from  string // the format that is read back
	}{
		"hosted files":                   {},
		"hosted files, from JSON":        {from: "json"},
		"hosted files, from RSS":         {from: "rss"},
		"dated files":                    {as: dated},
		"files with links":               {as: linked},
		"files with permalinks":          {as: dated, batch: feed.Batch{Link: permalink}},
		"undated files with permalinks":  {batch: feed.Batch{Link: permalink}},
		"files with ids":                 {as: func(a feed.Article) feed.Article { a.ID = "id of " + a.Slug; return a }},
		"files renamed meanwhile":        {later: func(a feed.Article) feed.Article { a.Key, a.Slug = "new/"+a.Key, "new-"+a.Slug; return a }},
		"dated files renamed meanwhile":  {as: dated, later: func(a feed.Article) feed.Article { a.Key, a.Slug = "new/"+a.Key, "new-"+a.Slug; return a }},
		"a feed with ids":                {as: func(a feed.Article) feed.Article { a.ID = "urn:x:" + a.Slug; return foreign(a) }, batch: feed.Batch{Foreign: true}},
		"a feed with ids that are words": {as: func(a feed.Article) feed.Article { a.ID = a.Slug; return foreign(a) }, batch: feed.Batch{Foreign: true}},
		"a feed with links only":         {as: foreign, batch: feed.Batch{Foreign: true}},
		"a feed with titles only":        {as: func(a feed.Article) feed.Article { return without(foreign(a), &a.Link) }, batch: feed.Batch{Foreign: true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			as := func(key, title string) feed.Article {
				a := article(key, title)
				if c.as != nil {
					a = c.as(a)
				}
				return a
			}
			batch := func(articles ...feed.Article) feed.Batch {
				b := c.batch
				b.Articles, b.Extent = articles, feed.Increment
				return b
			}
			s.refreshBatch(batch(as("a.txt", "A"), as("b.txt", "B")))
			restore := s.keep()
			s.refreshBatch(batch(as("c.txt", "C")))
			s.refreshBatch(batch(as("d.txt", "D"), as("e.txt", "E")))
			before := s.entries()
			shown := s.shown()
			if c.from != "" {
				shown = s.shown(c.from)
			}
			restore()
			if got := s.learn(shown); fmt.Sprint(got.New) != "[C D E]" || len(got.Changed)+len(got.Withdrawn) > 0 {
				t.Errorf("learned %+v", got)
			}
			if r := s.refreshBatch(batch()); r.Published != 0 {
				t.Errorf("%d articles were published", r.Published)
			}
			s.same(before, "before the source brings them")
			var all []feed.Article
			for _, a := range []feed.Article{as("a.txt", "A"), as("b.txt", "B"), as("c.txt", "C"), as("d.txt", "D"), as("e.txt", "E")} {
				if c.later != nil && a.Title > "B" {
					a = c.later(a)
				}
				all = append(all, a)
			}
			if r := s.refreshBatch(batch(all...)); r.Published != 0 || r.Withdrawn != 0 {
				t.Errorf("%d were published, %d withdrawn: %+v", r.Published, r.Withdrawn, r.Outcomes)
			}
			s.same(before, "after the source brought them")
			// From here on they are articles like any other.
			edited := all[3]
			edited.Content = "<p>Another text altogether.</p>"
			s.refreshBatch(batch(edited, as("f.txt", "F")))
			after := s.entries()
			if d := after["D"]; d.id != before["D"].id || d.updated == before["D"].updated || d.published != before["D"].published {
				t.Errorf("after an edit it is %v, was %v", d, before["D"])
			}
			if len(after) != 6 {
				t.Errorf("the feed shows %v", after)
			}
		})
	}
}

// An article whose moment came after the backup is the one that waits for it.
func TestWhatWaitedIsLearned(t *testing.T) {
	s := newStand(t)
	embargoed, draft := article("e.txt", "Embargoed"), article("d.txt", "Draft")
	embargoed.Published, draft.Status = s.now.Add(time.Hour), feed.Draft
	s.refresh(article("a.txt", "A"), embargoed, draft)
	restore := s.keep()
	s.now = s.now.Add(time.Hour)
	s.refresh(article("d.txt", "Draft"))
	before := s.entries()
	if len(before) != 3 {
		t.Fatalf("the feed shows %v", before)
	}
	shown := s.shown()
	restore()
	if got := s.learn(shown); len(got.New) != 2 {
		t.Errorf("learned %+v", got)
	}
	if r := s.refresh(article("d.txt", "Draft"), embargoed); r.Published != 0 || r.Withdrawn != 0 {
		t.Errorf("%+v", r)
	}
	s.same(before, "after the restore")
}

func TestAnEditIsLearned(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	restore := s.keep()
	edited := article("a.txt", "A")
	edited.Content, edited.Correction = "<p>It was otherwise.</p>", "Not so."
	s.refresh(edited)
	before, body := s.entries(), string(s.site.documents["world.rss"])
	shown := s.shown()
	restore()
	if got := s.learn(shown); fmt.Sprint(got.Changed) != "[A]" || len(got.New)+len(got.Withdrawn) > 0 {
		t.Errorf("learned %+v", got)
	}
	s.refresh()
	s.same(before, "before the source brings it")
	if n := strings.Count(string(s.site.documents["world.rss"]), "Not so."); n != strings.Count(body, "Not so.") {
		t.Errorf("the correction stands %d times", n)
	}
	s.refresh(edited)
	s.same(before, "after the source brought it")
}

// What was taken out after the backup does not come back, and its notice stays as it is; what only left the live document
// does come back.
func TestAWithdrawalIsLearned(t *testing.T) {
	for _, c := range []struct {
		limit   int
		passing time.Duration // since the withdrawal
		format  string
	}{
		{30, time.Hour, "atom"}, {30, time.Hour, "rss"}, {30, time.Hour, "json"}, {4, time.Hour, "atom"},
		{30, 8 * 24 * time.Hour, "atom"}, {4, 8 * 24 * time.Hour, "atom"},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			s := newStand(t)
			s.feed.Limit.Articles = c.limit
			s.refresh(article("a.txt", "A"))
			s.refresh(article("b.txt", "B"))
			s.refresh(article("c.txt", "C"))
			restore := s.keep()
			s.refresh(article("g.txt", "G"))
			for _, name := range []string{"c.txt", "g.txt"} {
				s.now = s.now.Add(time.Minute)
				if _, err := s.mill.Withdraw(t.Context(), s.feed, name); err != nil {
					t.Fatal(err)
				}
			}
			s.now = s.now.Add(c.passing)
			s.refresh(article("d.txt", "D"))
			s.refresh(article("e.txt", "E"))
			s.refresh(article("f.txt", "F")) // of four, A has left
			before := s.entries()
			shown := s.shown(c.format)
			restore()
			if got := s.learn(shown); !slices.Contains(got.Withdrawn, "c.txt") || fmt.Sprint(got.New) != "[D E F]" {
				t.Errorf("learned %+v", got)
			}
			s.refresh(article("a.txt", "A"), article("c.txt", "C"))
			s.same(before, "after the restore")
			if c.passing < 7*24*time.Hour {
				s.refresh(article("g.txt", "G"))
				s.same(before, "after what was published and withdrawn came again")
			}
			s.feed.Limit.Articles = 31
			s.now = s.now.Add(8 * 24 * time.Hour)
			s.refresh()
			if got := s.titles(); fmt.Sprint(got) != "[A B D E F]" {
				t.Errorf("live are %v", got)
			}
		})
	}
}

// What an operator did to articles that have left the live document, or were in it as notices, is learned too.
func TestAnOperatorsWorkIsLearned(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 4
	s.refresh(article("a.txt", "A"))
	s.refresh(article("b.txt", "B"))
	for i := range 20 {
		s.refresh(article(fmt.Sprintf("n%d.txt", i), fmt.Sprint("N ", i)))
	}
	s.refresh(article("r.txt", "R"))
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "r.txt"); err != nil {
		t.Fatal(err)
	}
	restore := s.keep()
	s.now = s.now.Add(time.Minute)
	if _, err := s.mill.Restore(t.Context(), s.feed, "r.txt"); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(time.Minute)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	before := s.entries()
	shown := s.shown()
	restore()
	if got := s.learn(shown); fmt.Sprint(got) != "{[] [R] [a.txt]}" {
		t.Errorf("learned %+v", got)
	}
	s.refresh(article("a.txt", "A"), article("r.txt", "R"))
	s.same(before, "after the restore")
}

// Documents from before the backup tell nothing about what is missing in them.
func TestAnOldDocumentWithdrawsNothing(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	old := s.shown()
	s.refresh(article("b.txt", "B"))
	s.keep()()
	if got := s.learn(old); len(got.New)+len(got.Changed)+len(got.Withdrawn) > 0 {
		t.Errorf("learned %+v", got)
	}
	s.refresh()
	if got := s.titles(); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("live are %v", got)
	}
}

// With no backup at all the documents are all there is.
func TestAStateIsBegunAnewFromDocuments(t *testing.T) {
	s := newStand(t)
	restore := s.keepNothing()
	s.refresh(article("a.txt", "A"), article("b.txt", "B"))
	s.refresh(article("c.txt", "C"))
	before := s.entries()
	shown := s.shown("json", "rss")
	restore()
	if got := s.learn(shown); fmt.Sprint(got.New) != "[A B C]" {
		t.Errorf("learned %+v", got)
	}
	if r := s.refresh(article("a.txt", "A"), article("b.txt", "B"), article("c.txt", "C"), article("d.txt", "D")); r.Published != 1 {
		t.Errorf("%d were published", r.Published)
	}
	after := s.entries()
	delete(after, "D")
	if fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the feed shows\n%v, before\n%v", after, before)
	}
}

// keepNothing puts an empty state in the state's place.
func (s *stand) keepNothing() (restore func()) {
	s.Helper()
	empty := newStand(s.T)
	return func() {
		s.store = empty.store
		s.mill = mill.New(empty.store, empty.store, func() time.Time { return s.now })
	}
}

// What somebody wrote into the folder meanwhile is made safe like all that comes in.
func TestWhatIsLearnedIsHarmless(t *testing.T) {
	s := newStand(t)
	s.refresh(article("a.txt", "A"))
	restore := s.keep()
	s.refresh(article("b.txt", "B"))
	s.site.documents["world.atom"] = bytes.ReplaceAll(s.site.documents["world.atom"],
		[]byte("The text of B"), []byte("&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;The text of B"))
	shown := s.shown()
	restore()
	s.learn(shown)
	s.refresh(article("c.txt", "C"))
	s.want("A", "B", "C")
	for path, body := range s.site.documents {
		if bytes.Contains(body, []byte("alert(")) {
			t.Errorf("%s shows what was written into the folder", path)
		}
	}
}
