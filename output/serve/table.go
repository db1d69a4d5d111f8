package serve

import "sync/atomic"

// table is everything that is served. Which feeds there are never changes in it; the shelf of each is replaced as a whole.
type table struct {
	// feeds holds a shelf for each feed by its key, and the site's own under "".
	feeds map[string]*atomic.Pointer[shelf]
	// longest is the length of the longest key: no longer prefix of a path can be one.
	longest int
	// size is that of all shelves.
	size atomic.Int64
}

func newTable() *table { return &table{feeds: map[string]*atomic.Pointer[shelf]{}} }

// put adds the shelf of a feed, before anybody looks.
func (t *table) put(key string, s *shelf) {
	place := new(atomic.Pointer[shelf])
	place.Store(s)
	t.feeds[key] = place
	t.size.Add(s.size)
	t.longest = max(t.longest, len(key))
}

// replace puts another shelf in the place of a feed's. It reports whether there is one.
func (t *table) replace(key string, with func(old *shelf) *shelf) bool {
	place := t.feeds[key]
	if place == nil {
		return false
	}
	old := place.Load()
	fresh := with(old)
	place.Store(fresh)
	t.size.Add(fresh.size - old.size)
	return true
}

// shelf is that of a feed, nil when there is no such feed.
func (t *table) shelf(key string) *shelf {
	if place := t.feeds[key]; place != nil {
		return place.Load()
	}
	return nil
}

// shelf is what one feed has to show. It is never changed.
type shelf struct {
	terms *terms
	part  bool // the documents are on the shelf of the feed above; only the terms are here
	docs  map[string]*document
	// serial is another one for each release and each change of settings.
	serial uint64
	// size is how many bytes of documents are in memory, as far as it was known when they were put here: it is not to be
	// counted again for each release of each feed.
	size int64
}

// sizeOf is how many bytes of documents are in memory.
func sizeOf(docs map[string]*document) (n int64) {
	for _, doc := range docs {
		n += doc.held()
	}
	return n
}

// released reports whether the feed has had a release.
func (s *shelf) released() bool { return s.docs != nil }

// held is how many bytes of documents are in memory for feeds besides one.
func (t *table) held(besides string) int64 {
	if one := t.shelf(besides); one != nil {
		return t.size.Load() - one.size
	}
	return t.size.Load()
}

// finding is what there is at a path.
type finding struct {
	doc   *document // nil: nothing
	shelf *shelf    // which holds doc; without doc, that of the longest key, or the site's
	key   string    // of the shelf
	terms *terms    // of the longest key: they hold for the path, whichever shelf has a document there
	// clicked says that doc is a page that is shown at the address of its feed.
	clicked bool
}

// find looks for the document at path among the feeds whose key the path begins with: "teams/red/a/slug" may belong to
// teams/red/a/slug, teams/red/a, teams/red, teams or the site, and the longest that has it wins.
func (t *table) find(path string) finding {
	site := t.shelf("")
	at := finding{doc: site.docs[path], shelf: site, terms: site.terms}
	for i := 1; i <= min(len(path), t.longest); i++ {
		if i < len(path) && path[i] != '/' && path[i] != '.' {
			continue
		}
		candidate := t.shelf(path[:i])
		if candidate == nil {
			continue
		}
		if at.terms = candidate.terms; candidate.part {
			continue
		}
		if found := candidate.docs[path]; found != nil || at.doc == nil {
			at.doc, at.shelf, at.key = found, candidate, path[:i]
		}
	}
	return at
}
