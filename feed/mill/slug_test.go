package mill_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// untitled is an article that has neither a link nor a slug nor a title of its own.
func untitled(i int, at time.Time) feed.Article {
	return feed.Article{ID: fmt.Sprintf("tag:x,%d", i), Title: "Untitled", Content: fmt.Sprintf("<p>Text %d.</p>", i), Published: at.Add(time.Duration(i) * time.Second)}
}

// links are the articles' addresses in the feed by id.
func (s *stand) links() map[string]string {
	links := map[string]string{}
	eachOfAtom(s.T, s.site.documents["world.atom"], func(_ string, e entry) { links[e.id] = e.link })
	return links
}

func TestArticlesOfOneTitleGetNumberedAddresses(t *testing.T) {
	const base = "https://feeds.example.org/world/a/untitled"
	s := newStand(t)
	sources := s.merge("a")
	at := s.now.Add(-time.Hour)
	var batch []feed.Article
	want := map[string]string{}
	add := func(link string) {
		a := untitled(len(batch), at)
		want[a.ID] = link
		batch = append(batch, a)
	}
	add(base)
	add(base + "-2")
	add(base + "-3")
	check := func(batch ...feed.Article) {
		t.Helper()
		sources["a"].batch = listing(batch...)
		s.mustTick()
		got := s.links()
		for id, link := range want {
			if got[id] != link {
				t.Errorf("%s lies at %q, want %q", id, got[id], link)
			}
			if page := string(s.site.documents[strings.TrimPrefix(link, "https://feeds.example.org/")]); !strings.Contains(page, "Text "+strings.TrimPrefix(id, "tag:x,")+".") {
				t.Errorf("the page at %s is not that of %s", link, id)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d articles are published, not %d", len(got), len(want))
		}
	}
	check(batch...)
	check(batch[2], batch[0])
	add(base + "-4")
	check(batch[3], batch[1])
	for i := 5; i < 12; i++ {
		add(fmt.Sprintf("%s-%d", base, i))
	}
	check(batch...)
}

// The page of an article that was taken back is not another's.
func TestANumberIsNotGivenTwice(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	sources["a"].batch = listing(untitled(0, s.now), untitled(1, s.now))
	s.mustTick()
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "tag:x,1"); err != nil {
		t.Fatal(err)
	}
	sources["a"].batch = listing(untitled(2, s.now))
	s.mustTick()
	if got := s.links()["tag:x,2"]; got != "https://feeds.example.org/world/a/untitled-3" {
		t.Errorf("it lies at %s", got)
	}
}

func TestManyArticlesOfOneTitle(t *testing.T) {
	s := newStand(t)
	s.feed.Limit.Articles = 300
	sources := s.merge("a")
	at := s.now.Add(-time.Hour)
	var batch []feed.Article
	for i := range 200 {
		batch = append(batch, untitled(i, at))
	}
	sources["a"].batch = listing(batch...)
	s.mustTick()
	sources["a"].batch = listing(untitled(200, at))
	s.mustTick()
	got := s.links()
	if len(got) != 201 || got["tag:x,200"] != "https://feeds.example.org/world/a/untitled-201" {
		t.Errorf("of %d articles the last lies at %s", len(got), got["tag:x,200"])
	}
}
