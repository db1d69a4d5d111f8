package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
)

const (
	// pageTimeout bounds how long a document may take that has to be made.
	pageTimeout = 10 * time.Second
	// makersAtOnce bounds how many of them are made at once; who comes then waits for his turn within pageTimeout.
	makersAtOnce = 8
)

// asked is what kind of document is asked for that no release holds.
type asked int

const (
	released     asked = iota // none: it is in a release
	askedPage                 // of an article that is not shown any more
	askedArchive              // closed: it changes only when an article is taken out of it
	askedFacet                // the articles with one tag, as a feed or a page
	askedMedia                // a file that articles show; it never changes
)

// folders are the parts of addresses below a feed's key that are asked for.
var folders = map[string]asked{"a": askedPage, "archive": askedArchive, "tag": askedFacet}

// whyGone is what readers are told of a document that is no more; all else goes with its feed.
var whyGone = map[asked]string{askedPage: "This article was withdrawn.", askedMedia: "The article with this file was withdrawn."}

// mediaFolder is where the files lie that articles show, whichever feed they are of.
const mediaFolder = "media/"

// kindAt is the kind of document at a path, released when it is none that is asked for. owner is the key of the feed that the path
// lies under.
func kindAt(path, owner string) asked {
	if !plausible(path) {
		return released
	}
	if name, ok := strings.CutPrefix(path, mediaFolder); ok && owner == "" {
		if name == "" || strings.Contains(name, "/") {
			return released
		}
		return askedMedia
	}
	below, ok := strings.CutPrefix(path, owner+"/")
	folder, name, _ := strings.Cut(below, "/")
	if owner == "" || !ok || name == "" {
		return released
	}
	return folders[folder]
}

// mostName is the length of the longest path that anybody is asked about.
const mostName = 2048

// plausible reports whether there may be something at the path: nobody is asked about what no name can be.
func plausible(path string) bool {
	return len(path) <= mostName && utf8.ValidString(path) && !strings.ContainsFunc(path, unicode.IsControl)
}

// inquiry is a request for a document that no release holds.
type inquiry struct {
	path string // as it was asked for
	kind asked
	at   finding
}

// name is what is asked for: what lies on no shelf is asked for without a slash at its end.
func (q inquiry) name() string {
	if q.kind == released {
		return q.path
	}
	return strings.TrimSuffix(q.path, "/")
}

// onRequest answers with a document that is made or read when it is asked for.
func (s *Server) onRequest(w http.ResponseWriter, r *http.Request, q inquiry) {
	ctx, cancel := context.WithTimeout(r.Context(), pageTimeout)
	defer cancel()
	doc, err := s.fetch(ctx, q)
	switch {
	case r.Context().Err() != nil:
		return // the reader went away
	case err == nil && doc.path != q.path:
		redirect(w, http.StatusMovedPermanently, s.address(doc.path), q.at.terms)
	case err == nil:
		at := q.at
		if doc.feed && clicked(r) {
			doc, at = s.pageOnRequest(ctx, s.table.Load(), q, doc)
		}
		s.send(w, r, doc, at)
	case errors.Is(err, fs.ErrNotExist) && !q.at.shelf.released():
		later(w) // it was never made
	case feed.ClassOf(err) == feed.Gone:
		if why := whyGone[q.kind]; why != "" {
			refuse(w, http.StatusGone, why)
			return
		}
		s.ended(w, r, s.table.Load(), q.at)
	case errors.Is(err, fs.ErrNotExist):
		notFound(w)
	default:
		s.trouble(q, err)
		busy(w)
	}
}

// before answers for a feed whose documents were not brought yet: after a start they are read from where they were kept.
func (s *Server) before(w http.ResponseWriter, r *http.Request, path string, at finding) {
	if s.pages.Load() == nil || at.key == "" || !plausible(path) {
		later(w)
		return
	}
	s.onRequest(w, r, inquiry{path: path, kind: kindAt(strings.TrimSuffix(path, "/"), at.key), at: at})
}

// trouble says once that documents cannot be made.
func (s *Server) trouble(q inquiry, err error) {
	if !s.pagesFailing.CompareAndSwap(false, true) {
		return
	}
	where := q.path
	switch {
	case q.kind == askedMedia:
		where = mediaFolder + "…" // it may be a private feed's, whose files nobody else knows the names of
	case q.at.terms.private():
		where = q.at.key + "/a/…" // the rest is an article's
	}
	s.log.Error("pages of articles cannot be made; readers are asked to come back", "path", where, "error", err)
}

// fetch returns a document from the cache, or has it made and keeps it there as long as the feed's release is the same.
func (s *Server) fetch(ctx context.Context, q inquiry) (*document, error) {
	revision := q.at.shelf.serial
	if doc := s.made.get(q.name(), revision); doc != nil {
		return doc, nil
	}
	select {
	case s.makers <- struct{}{}:
		defer func() { <-s.makers }()
	case <-ctx.Done():
		return nil, feed.Classify(feed.Unavailable, ctx.Err())
	}
	if doc := s.made.get(q.name(), revision); doc != nil {
		return doc, nil // somebody else had it made meanwhile
	}
	d, err := (*s.pages.Load())(ctx, q.name())
	if err != nil {
		return nil, err
	}
	if s.pagesFailing.CompareAndSwap(true, false) {
		s.log.Info("pages of articles can be made again")
	}
	if d.Path != q.name() && (d.Path != q.name()+"/" || q.kind == released) {
		return nil, feed.Classify(feed.Internal, fmt.Errorf("%q was asked for, and %q came", q.name(), d.Path))
	}
	link := ""
	if q.kind != askedMedia && !strings.HasPrefix(d.Type, "text/html") {
		link = s.link(d.Path, "self", d.Type)
	}
	if q.at.doc != nil && q.at.doc.link != nil {
		link = q.at.doc.link[0]
	}
	doc, err := s.prepare(d, q.kind, link)
	if err != nil || doc.large != nil {
		return doc, err
	}
	if err := s.squeeze(doc); err != nil {
		return nil, err
	}
	s.made.put(q.name(), revision, doc)
	return doc, nil
}
