package daemon

import (
	"hash/maphash"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// walker is somebody who comes once a week and holds everything: from the live document he follows the links to archives
// until he meets one that he has read (RFC 5005 section 4).
type walker struct {
	*subscriber
	archives map[string]*archive
	order    []string // their paths, as they were met
}

// archive is one as it was when it was last looked at.
type archive struct {
	looked time.Time
	sum    uint64
	parts  map[string]uint64 // the articles in it by their markers
}

func newWalker(y *years, feed, format string) *walker {
	return &walker{subscriber: newSubscriber(y, feed, format, 7*24*time.Hour), archives: map[string]*archive{}}
}

var previous = regexp.MustCompile(`<(?:atom:)?link rel="prev-archive"[^>]* href="https://feeds\.example\.org([^"]*)"`)

// walk reads the live document and the archives that are new.
func (w *walker) walk() {
	w.Helper()
	to, body, _, status := w.get(w.path, "")
	if status != http.StatusOK {
		w.Errorf("%s: %s answers %d", w.date(), w.path, status)
		return
	}
	if to != w.path { // he meets no address that he knows, and reads everything again
		w.archives, w.order = map[string]*archive{}, nil
	}
	w.visit()
	for {
		link := previous.FindStringSubmatch(body)
		if link == nil || w.archives[link[1]] != nil {
			return
		}
		at := link[1]
		if _, body, _, status = w.get(at, ""); status != http.StatusOK {
			w.Errorf("%s: the archive %s answers %d", w.date(), at, status)
			return
		}
		w.archives[at] = w.keep(at, body)
		w.order = append(w.order, at)
	}
}

// keep takes what is in an archive.
func (w *walker) keep(at, body string) *archive {
	w.Helper()
	a := &archive{looked: w.now, sum: maphash.String(seed, body), parts: map[string]uint64{}}
	for _, fragment := range fragments(at, body) {
		i := issueOf(at, fragment)
		a.parts[i.marker] = maphash.String(seed, fragment)
		if i.notice {
			w.Errorf("%s: the archive %s holds a notice: %+v", w.date(), at, *i)
			continue
		}
		k := w.byID[i.id]
		if k == nil || k.story == nil {
			w.isNew(i)
			w.isTrue(i)
			continue
		}
		if k.marker != i.marker || k.published != i.published {
			w.Errorf("%s: in the archive %s %+v has become %+v", w.date(), at, k.issue, *i)
		}
	}
	return a
}

var seed = maphash.MakeSeed()

// audit looks at all archives again: one may change only by an article that is withdrawn, expires, or comes back.
func (w *walker) audit() {
	w.Helper()
	for _, at := range w.order {
		if !strings.HasPrefix(at, "/"+w.key(w.feed)+"/") {
			return // he has not been here since the feed moved
		}
		was, body := w.archives[at], w.stored(at)
		if maphash.String(seed, body) == was.sum {
			was.looked = w.now
			continue
		}
		is := &archive{looked: w.now, sum: maphash.String(seed, body), parts: map[string]uint64{}}
		for _, fragment := range fragments(at, body) {
			is.parts[issueOf(at, fragment).marker] = maphash.String(seed, fragment)
		}
		w.mayChange(at, was, is)
		w.archives[at] = is
	}
}

// stored is an archive as the server would get it, which would only compress it.
func (w *walker) stored(at string) string {
	w.Helper()
	d, err := w.d.page(w.Context(), strings.TrimPrefix(at, "/"))
	if err != nil {
		w.Fatalf("%s: the archive %s: %v", w.date(), at, err)
	}
	body, err := d.Open()
	if err != nil {
		w.Fatal(err)
	}
	defer body.Close()
	read, err := io.ReadAll(body)
	if err != nil {
		w.Fatal(err)
	}
	return string(read)
}

func (w *walker) mayChange(at string, was, is *archive) {
	w.Helper()
	since := was.looked.Add(-w.late(w.feed) - 3*time.Hour)
	moved := false
	for marker, sum := range was.parts {
		switch now, there := is.parts[marker]; {
		case !there:
			moved = true
			if !w.truth.byMarker[marker].happened(since, withdrawn, expired) {
				w.Errorf("%s: %s is no longer in the archive %s", w.date(), marker, at)
			}
		case now != sum && !w.truth.byMarker[marker].happened(since, restored):
			w.Errorf("%s: %s is another one in the archive %s", w.date(), marker, at)
		}
	}
	for marker := range is.parts {
		if _, there := was.parts[marker]; !there {
			moved = true
			if !w.truth.byMarker[marker].happened(since, restored) {
				w.Errorf("%s: %s has come into the archive %s", w.date(), marker, at)
			}
		}
	}
	if !moved {
		w.Errorf("%s: the archive %s changed with the same articles in it", w.date(), at)
	}
}

func (y *years) date() string { return y.now.Format("2006-01-02 15:04") }
