package mill_test

import (
	"errors"
	"testing"

	"feedmill/feed"
)

// stays checks that an article is the one that it was: what readers know it by must not change.
func (s *stand) stays(title string, was entry) {
	s.Helper()
	if now := s.entries()[title]; now.id != was.id || now.published != was.published {
		s.Errorf("%s was %+v and is %+v", title, was, now)
	}
}

func (s *stand) mustTick() {
	s.Helper()
	if r, err := s.tick(); err != nil {
		s.Fatal(err)
	} else {
		for _, o := range r.Outcomes {
			if o.Err != nil {
				s.Errorf("%s: %v", o.Key, o.Err)
			}
		}
	}
}

func TestForeignArticlesAreKnownByTheirLinksWhenTheirIDsChange(t *testing.T) {
	for name, test := range map[string]struct{ id, link string }{
		"all ids change":              {"https://x.example/?p=1", "https://x.example/1"},
		"the site goes over to https": {"http://x.example/1", "http://x.example/1"},
		"both":                        {"old-1", "http://x.example/1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			sources := s.merge("a")
			sources["a"].batch = listing(foreign(test.id, test.link, "A"), foreign(test.id+"2", test.link+"2", "B"))
			s.mustTick()
			a, b := s.entries()["A"], s.entries()["B"]
			sources["a"].batch = listing(foreign("https://x.example/1", "https://x.example/1", "A"), foreign("https://x.example/12", "https://x.example/12", "B"))
			for range 2 {
				s.mustTick()
				s.want("A", "B")
				s.stays("A", a)
				s.stays("B", b)
			}
			sources["a"].batch = listing(foreign("https://x.example/1", "https://x.example/moved", "A")) // the new id is known now
			s.mustTick()
			s.want("A", "B")
			s.stays("A", a)
		})
	}
}

func TestALinkThatManyShareTellsNoArticleApart(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a")
	const home = "https://x.example/"
	sources["a"].batch = listing(passedOn(foreign("tag:x,1", home, "A")), passedOn(foreign("tag:x,2", home, "B")))
	s.mustTick()
	s.want("A", "B")
	sources["a"].batch = listing(passedOn(foreign("tag:x,3", home, "C"))) // the web site's address, even if only one has it
	s.mustTick()
	s.want("A", "B", "C")
}

// passedOn is an article with the feed that it comes from.
func passedOn(a feed.Article) feed.Article {
	a.Source = feed.Origin{Title: "X", Link: "https://x.example/"}
	return a
}

func TestNumbersAsIDsDieWithTheirSource(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	sources["a"].batch = listing(foreign("1", "https://a.example/1", "First of A"))
	sources["b"].err = feed.Classify(feed.Unavailable, errors.New("away"))
	_, _ = s.tick()
	s.want("First of A")
	s.feed.Sources = s.feed.Sources[1:]
	sources["b"].err, sources["b"].batch = nil, listing(foreign("1", "https://b.example/1", "First of B"))
	s.mustTick()
	s.want("First of A", "First of B")
}

func TestOneArticleWithTwoIDsInTwoSourcesIsOne(t *testing.T) {
	s := newStand(t)
	sources := s.merge("a", "b")
	sources["a"].batch = listing(foreign("tag:a,1", "https://x.example/1", "A"))
	sources["b"].batch = feed.Batch{Extent: feed.Unchanged}
	s.mustTick()
	sources["a"].batch = feed.Batch{Extent: feed.Unchanged}
	sources["b"].batch = listing(foreign("tag:b,1", "https://x.example/1", "A, as B has it"))
	s.mustTick()
	s.want("A")
}
