package serve

import (
	"context"
	"fmt"
	"mime"
	"strings"

	"feedmill/feed"
)

// Publish replaces all documents of the release's feed at once; a request sees all old or all new ones. Removed needs no
// work: what is not in the release is not served. A document that did not change is not compressed again. The first release
// of a feed is shown before it is compressed, for after a start all feeds have their first one at once. It is an error of
// class [feed.Internal] to publish a feed that [Server.SetFeeds] did not name.
func (s *Server) Publish(ctx context.Context, r feed.Release) error {
	t := s.table.Load()
	current := t.shelf(r.Feed)
	if current == nil {
		return notServed(r.Feed)
	}
	docs, links := make(map[string]*document, len(r.Documents)), s.links(r)
	room := s.room - t.held(r.Feed)
	for _, d := range r.Documents {
		if err := ctx.Err(); err != nil {
			return feed.Classify(feed.Unavailable, fmt.Errorf("serve feed %q: %w", r.Feed, err))
		}
		doc, err := s.place(ctx, d, current, links[d.Path], room)
		if err != nil {
			return feed.Classify(feed.Internal, fmt.Errorf("serve document %q: %w", d.Path, err))
		}
		docs[d.Path] = doc
		room -= doc.held()
	}
	if err := s.swap(r.Feed, docs); err != nil {
		return err
	}
	if !current.released() {
		select {
		case s.bare <- struct{}{}:
		default:
		}
	}
	return nil
}

// place makes a document ready for its shelf: as it was there, held in memory, or, when there is no room for it and somebody
// to ask, only by its headers.
func (s *Server) place(ctx context.Context, d feed.Document, current *shelf, link string, room int64) (*document, error) {
	// What it takes is known when it is compressed: three forms of a quarter are more than most need.
	fits := d.Size*7/4 <= room || d.Size > mostHeld || s.pages.Load() == nil || d.Path == ""
	if same, ok := current.docs[d.Path]; ok && same.made(d, link) && same.elsewhere != fits {
		return same, nil
	}
	if !fits {
		doc, err := outline(d, released, link)
		if err == nil {
			doc.elsewhere = true
		}
		return doc, err
	}
	doc, err := s.prepare(d, released, link)
	if err != nil || doc.large != nil || !current.released() {
		return doc, err
	}
	return doc, s.squeezeInTurn(ctx, doc)
}

// swap puts the documents on the feed's shelf. What was prepared outside the lock may meet a table that has changed.
func (s *Server) swap(key string, docs map[string]*document) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	there := s.table.Load().replace(key, func(old *shelf) *shelf {
		return &shelf{terms: old.terms, docs: docs, serial: s.serials.Add(1), size: sizeOf(docs)}
	})
	if !there {
		return notServed(key)
	}
	return nil
}

func notServed(key string) error {
	return feed.Classify(feed.Internal, fmt.Errorf("serve feed %q: it is not among the feeds of this server", key))
}

// links are what the documents of a release say of each other (RFC 8288): a feed where its page is, a page where its feeds
// are. Other documents than pages name themselves.
func (s *Server) links(r feed.Release) map[string]string {
	types := make(map[string]string, len(r.Documents))
	for _, d := range r.Documents {
		types[d.Path], _, _ = mime.ParseMediaType(d.Type)
	}
	links := make(map[string]string, len(r.Documents))
	for _, d := range r.Documents {
		if types[d.Path] == "text/html" {
			continue
		}
		links[d.Path] = s.link(d.Path, "self", d.Type)
		if !isFeed(types[d.Path]) {
			continue
		}
		page := stem(d.Path) + "/"
		if _, ok := types[page]; !ok {
			page = r.Feed + "/"
		} else {
			links[page] = strings.TrimPrefix(links[page]+", "+s.link(d.Path, "alternate", d.Type), ", ")
		}
		if types[page] == "text/html" {
			links[d.Path] += ", " + s.link(page, "alternate", "text/html")
		}
	}
	return links
}

func (s *Server) link(path, rel, mediaType string) string {
	bare, _, _ := strings.Cut(mediaType, ";")
	return fmt.Sprintf(`<%s>; rel=%q; type=%q`, s.address(path), rel, bare)
}

// stem is a document's path without its ending: its page lies at that, as a folder.
func stem(path string) string {
	if i := strings.LastIndexByte(path, '.'); i > strings.LastIndexByte(path, '/') {
		return path[:i]
	}
	return path
}
