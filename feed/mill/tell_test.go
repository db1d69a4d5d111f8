package mill_test

import (
	"fmt"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// told is what the source was told of its articles: state, address and moment.
func (s *stand) told() (all []string) {
	for _, o := range s.source.told {
		at := "-"
		if !o.At.IsZero() {
			at = o.At.Format("2 15:04")
		}
		all = append(all, fmt.Sprint(o.Key, " ", o.State, " ", o.Link, " ", at))
	}
	s.source.told = nil
	return all
}

func (s *stand) wasTold(want ...string) {
	s.Helper()
	if got := s.told(); fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("the source was told\n%q, want\n%q", got, want)
	}
}

func TestSourcesAreToldWhereTheirArticlesAre(t *testing.T) {
	s := newStand(t)
	a, b, c := article("a.txt", "A"), article("b.txt", "B"), article("c.txt", "C")
	b.Published = s.now.Add(20 * time.Hour)
	b.Link, c.Status = "https://news.example.org/b", feed.Draft
	s.refreshBatch(feed.Batch{Articles: []feed.Article{a, b, c}})
	s.wasTold("a.txt published https://feeds.example.org/world/a/a 24 12:01", "b.txt waiting  25 08:00", "c.txt waiting  -")
	a.Title = "A, changed"
	s.refresh(a)
	s.wasTold("a.txt changed https://feeds.example.org/world/a/a 24 12:01")
	s.now = b.Published
	s.refresh()
	s.wasTold("b.txt published https://news.example.org/b 25 08:01")
	// Of a list of all there is, what is known already is told too: who asks may be new.
	s.refreshBatch(feed.Batch{Articles: []feed.Article{a, b, c}})
	s.wasTold("a.txt unchanged https://feeds.example.org/world/a/a 24 12:01", "b.txt unchanged https://news.example.org/b 25 08:01", "c.txt waiting  -")
	s.refresh(a)
	s.wasTold()
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "a.txt"); err != nil {
		t.Fatal(err)
	}
	s.wasTold("a.txt withdrawn  -")
}

// What time or an operator did to an article is told to its own source only.
func TestEachSourceIsToldOfItsOwn(t *testing.T) {
	s := newStand(t)
	other := &script{}
	s.feed.Sources = append(s.feed.Sources, mill.Source{Name: "other", Digest: "o", Source: other})
	a := article("a.txt", "A")
	a.Published = s.now.Add(time.Hour)
	s.refresh(a)
	s.now = a.Published
	s.refresh()
	s.wasTold("a.txt published https://feeds.example.org/world/a/a 24 13:01")
	if other.told != nil {
		t.Errorf("the other one was told %v", other.told)
	}
}
