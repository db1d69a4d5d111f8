// Package outputtest is the suite that every output passes: what a reader finds after a release, whatever the output is
// made of. A new output calls [Run] from its own tests and adds tests only for what is special to it.
//
// It asks nothing about headers, modes or speed; those belong to the output.
package outputtest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

// Run publishes releases through publisher and looks at them with get, which returns what a reader finds under the path
// of a document, and false when there is nothing. The output is empty at first and belongs to the suite. get is called
// from several goroutines at once.
func Run(t *testing.T, publisher feed.Publisher, get func(path string) (body []byte, ok bool)) {
	s := &suite{publisher: publisher, get: get}
	for _, c := range []struct {
		name string
		test func(*testing.T)
	}{
		{"publish", s.publish},
		{"republish unchanged", s.republish},
		{"change", s.change},
		{"pages stay until removed", s.pages},
		{"remove", s.remove},
		{"several feeds", s.severalFeeds},
		{"nested keys", s.nestedKeys},
		{"non-ASCII", s.nonASCII},
		{"the site's own documents", s.site},
		{"concurrent feeds", s.concurrent},
	} {
		t.Run(c.name, c.test)
	}
}

type suite struct {
	publisher feed.Publisher
	get       func(string) ([]byte, bool)
}

var modified = time.Date(2026, 11, 20, 6, 30, 15, 0, time.UTC)

// documents makes the live documents of a feed; text is in each, so that a later state differs.
func documents(key, text string) []feed.Document {
	var docs []feed.Document
	for _, d := range []struct{ path, mediaType string }{
		{key + ".rss", feed.TypeRSS}, {key + ".atom", feed.TypeAtom}, {key + ".json", feed.TypeJSON}, {key + "/", feed.TypeHTML},
	} {
		docs = append(docs, feed.NewDocument(d.path, d.mediaType, modified, []byte(d.path+" "+text)))
	}
	return docs
}

func page(path, text string) feed.Document {
	return feed.NewDocument(path, feed.TypeHTML, modified, []byte(path+" "+text))
}

func (s *suite) release(t *testing.T, r feed.Release) {
	t.Helper()
	if err := s.publisher.Publish(t.Context(), r); err != nil {
		t.Fatalf("Publish(feed %q, revision %d): %v", r.Feed, r.Revision, err)
	}
}

// finds checks that every document is found, byte for byte.
func (s *suite) finds(t *testing.T, docs ...feed.Document) {
	t.Helper()
	for _, d := range docs {
		want, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := s.get(d.Path)
		if !ok {
			t.Errorf("%q is not found", d.Path)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%q holds %.80q, want %.80q", d.Path, got, want)
		}
	}
}

func (s *suite) misses(t *testing.T, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if body, ok := s.get(p); ok {
			t.Errorf("%q is still found: %.80q", p, body)
		}
	}
}

func (s *suite) publish(t *testing.T) {
	docs := append(documents("first", "one"), page("first/a/slug", "one"))
	s.release(t, feed.Release{Feed: "first", Revision: 1, Documents: docs})
	s.finds(t, docs...)
	s.misses(t, "first.xml", "first/a/other", "firs.rss")
}

func (s *suite) republish(t *testing.T) {
	r := feed.Release{Feed: "again", Revision: 1, Documents: documents("again", "one"), Removed: []string{"again/a/never"}}
	for range 3 {
		s.release(t, r)
		s.finds(t, r.Documents...)
	}
}

func (s *suite) change(t *testing.T) {
	s.release(t, feed.Release{Feed: "changing", Revision: 1, Documents: documents("changing", "a long first text")})
	for revision, text := range []string{"a long other text", "short", "", strings.Repeat("very long ", 50_000)} {
		docs := documents("changing", text)
		s.release(t, feed.Release{Feed: "changing", Revision: int64(revision + 2), Documents: docs})
		s.finds(t, docs...)
	}
}

// pages publishes a page once and then only others: an unchanged page need not come again.
func (s *suite) pages(t *testing.T) {
	old, changed := page("paged/a/old", "one"), page("paged/a/new", "one")
	s.release(t, feed.Release{Feed: "paged", Revision: 1, Documents: append(documents("paged", "1"), old, changed)})
	docs := append(documents("paged", "2"), page("paged/a/new", "two"))
	s.release(t, feed.Release{Feed: "paged", Revision: 2, Documents: docs})
	s.finds(t, append(docs, old)...)
	s.release(t, feed.Release{Feed: "paged", Revision: 3, Documents: documents("paged", "3"), Removed: []string{"paged/a/old"}})
	s.finds(t, page("paged/a/new", "two"))
	s.misses(t, "paged/a/old")
}

func (s *suite) remove(t *testing.T) {
	docs := documents("removing", "one")
	s.release(t, feed.Release{Feed: "removing", Revision: 1, Documents: docs})
	less := feed.Release{Feed: "removing", Revision: 2, Documents: docs[:1], Removed: []string{"removing.atom", "removing.json", "removing/"}}
	for range 2 {
		s.release(t, less)
		s.finds(t, docs[0])
		s.misses(t, less.Removed...)
	}
	s.release(t, feed.Release{Feed: "removing", Revision: 3, Documents: docs})
	s.finds(t, docs...)
}

// severalFeeds changes one feed and finds the other as it was.
func (s *suite) severalFeeds(t *testing.T) {
	left, right := documents("left", "one"), documents("right", "one")
	s.release(t, feed.Release{Feed: "left", Revision: 1, Documents: left})
	s.release(t, feed.Release{Feed: "right", Revision: 1, Documents: right})
	s.finds(t, append(left, right...)...)
	left = documents("left", "two")
	s.release(t, feed.Release{Feed: "left", Revision: 2, Documents: left})
	s.finds(t, append(left, right...)...)
	s.release(t, feed.Release{Feed: "left", Revision: 3, Removed: []string{"left.rss", "left.atom", "left.json", "left/"}})
	s.misses(t, "left.rss", "left/")
	s.finds(t, right...)
}

// nestedKeys takes away a feed whose key lies under that of another, which stays.
func (s *suite) nestedKeys(t *testing.T) {
	outer := append(documents("region", "outer"), page("region/a/slug", "outer"))
	inner := append(documents("region/north/coast", "inner"), page("region/north/coast/a/slug", "inner"))
	s.release(t, feed.Release{Feed: "region/north/coast", Revision: 1, Documents: inner})
	s.release(t, feed.Release{Feed: "region", Revision: 1, Documents: outer})
	s.finds(t, append(inner, outer...)...)
	var paths []string
	for _, d := range inner {
		paths = append(paths, d.Path)
	}
	s.release(t, feed.Release{Feed: "region/north/coast", Revision: 2, Removed: paths})
	s.misses(t, paths...)
	s.finds(t, outer...)
}

func (s *suite) nonASCII(t *testing.T) {
	docs := documents("scripts", "Ελληνικά, עברית, 日本語, “quoted” — 🗞")
	for _, slug := range []string{"日本", "київ-сьогодні", "عاجل", "größe", "a b", "100%", "50%25", "a+b", "q?x=1&y", "#1"} {
		docs = append(docs, page("scripts/a/"+slug, slug))
	}
	s.release(t, feed.Release{Feed: "scripts", Revision: 1, Documents: docs})
	s.finds(t, docs...)
	s.release(t, feed.Release{Feed: "scripts", Revision: 2, Documents: docs[:4], Removed: []string{"scripts/a/日本", "scripts/a/100%"}})
	s.misses(t, "scripts/a/日本", "scripts/a/100%")
	s.finds(t, page("scripts/a/50%25", "50%25"))
}

func (s *suite) site(t *testing.T) {
	for revision, text := range []string{"one", "two"} {
		index := page("", text)
		s.release(t, feed.Release{Revision: int64(revision + 1), Documents: []feed.Document{index}})
		s.finds(t, index)
	}
}

// concurrent publishes and empties feeds that share a folder, side by side, while readers look: each document found
// must be one that was published, whole.
func (s *suite) concurrent(t *testing.T) {
	const feeds, rounds = 4, 6
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	key := func(i int) string { return fmt.Sprintf("shared/busy-%d", i) }
	text := func(round int) string { return strings.Repeat(fmt.Sprintf("round %d;", round), 2000) }

	var writers, readers sync.WaitGroup
	for i := range feeds {
		writers.Go(func() {
			for round := range rounds {
				docs := append(documents(key(i), text(round)), page(key(i)+"/a/slug", text(round)))
				r := feed.Release{Feed: key(i), Revision: int64(2 * round), Documents: docs}
				if err := s.publisher.Publish(ctx, r); err != nil {
					t.Errorf("Publish(%s, round %d): %v", key(i), round, err)
				}
				if round == rounds-1 {
					return
				}
				r = feed.Release{Feed: key(i), Revision: int64(2*round + 1), Documents: docs[:3], Removed: []string{docs[3].Path, docs[4].Path}}
				if err := s.publisher.Publish(ctx, r); err != nil {
					t.Errorf("Publish(%s, round %d, removals): %v", key(i), round, err)
				}
			}
		})
		readers.Go(func() {
			for ctx.Err() == nil {
				path := key(i) + ".rss"
				body, ok := s.get(path)
				if ok && !wholeRound(body, path, rounds, text) {
					t.Errorf("%s is not whole: %d bytes, %.60q", path, len(body), body)
					return
				}
			}
		})
	}
	writers.Wait()
	stop()
	readers.Wait()
	for i := range feeds {
		s.finds(t, append(documents(key(i), text(rounds-1)), page(key(i)+"/a/slug", text(rounds-1)))...)
	}
}

func wholeRound(body []byte, path string, rounds int, text func(int) string) bool {
	for round := range rounds {
		if string(body) == path+" "+text(round) {
			return true
		}
	}
	return false
}
