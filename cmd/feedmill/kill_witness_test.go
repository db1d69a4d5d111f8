package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// witness reads what is published, again and again, and remembers all of it: no document may be broken, no article may
// vanish, say something else than its file said, or change its id, link or dates.
type witness struct {
	t        *testing.T
	newsroom *newsroom
	public   string

	looking sync.Mutex // one look at the disk at a time, so that an older one is never judged after a newer

	mu      sync.Mutex
	known   map[int]*acquaintance
	owner   map[string]int         // id → story
	shown   map[string]map[int]int // document → story → version
	bodies  map[string][]byte      // document → what it last said
	changes int                    // of documents on the disk
}

// acquaintance is what is known of a story that has been shown.
type acquaintance struct {
	id, link  string
	published time.Time
	updated   map[int]time.Time // by version
}

func newWitness(t *testing.T, n *newsroom, public string) *witness {
	return &witness{
		t: t, newsroom: n, public: public, known: map[int]*acquaintance{}, owner: map[string]int{},
		shown: map[string]map[int]int{}, bodies: map[string][]byte{},
	}
}

// watchDisk looks at the output folder until ctx ends.
func (w *witness) watchDisk(ctx context.Context) {
	for look := 0; ctx.Err() == nil; look++ {
		w.look(look%25 == 0)
		time.Sleep(4 * time.Millisecond)
	}
}

// look reads the documents on the disk, and the pages too if asked.
func (w *witness) look(pages bool) {
	w.looking.Lock()
	defer w.looking.Unlock()
	for _, format := range formats {
		w.file("world." + format)
	}
	if !pages {
		return
	}
	names, err := filepath.Glob(filepath.Join(w.public, "world", "a", "*", "index.html"))
	if err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	for document := range w.shown { // pages seen before must still be there
		if name, ok := strings.CutPrefix(document, "disk "); ok && strings.HasSuffix(name, ".html") {
			names = append(names, filepath.Join(w.public, name))
		}
	}
	w.mu.Unlock()
	for _, name := range append(names, filepath.Join(w.public, "world", "index.html"), filepath.Join(w.public, "index.html")) {
		name, err := filepath.Rel(w.public, name)
		if err != nil {
			w.t.Error(err)
		}
		w.file(name)
	}
}

var formats = []string{"rss", "atom", "json"}

func (w *witness) file(name string) {
	body, err := os.ReadFile(filepath.Join(w.public, name))
	w.mu.Lock()
	defer w.mu.Unlock()
	document := "disk " + name
	before, seen := w.bodies[document]
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if seen {
			w.t.Errorf("%s has vanished", document)
			delete(w.bodies, document)
		}
	case err != nil:
		w.t.Errorf("read %s: %v", document, err)
	case !seen || !bytes.Equal(body, before):
		w.changes++
		w.judge(document, body)
	}
}

// served takes in what a daemon answered.
func (w *witness) served(path string, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	document := "served " + path
	if before, seen := w.bodies[document]; !seen || !bytes.Equal(body, before) {
		w.judge(document, body)
	}
}

// changed is how often a document on the disk has changed.
func (w *witness) changed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changes
}

// judge takes in what a document, on the disk or served, says now.
func (w *witness) judge(document string, body []byte) {
	w.bodies[document] = body
	var err error
	if read := readers[document[strings.LastIndex(document, ".")+1:]]; read != nil {
		var items []shownItem
		if items, err = read(body); err == nil {
			err = w.items(document, items)
		}
	} else {
		err = w.page(document, body)
	}
	if err != nil {
		w.t.Errorf("%s: %v\n%d bytes, which end in %q", document, err, len(body), body[max(0, len(body)-200):])
	}
}

// items judges all that a feed document shows.
func (w *witness) items(document string, items []shownItem) error {
	before, now := w.shown[document], map[int]int{}
	for _, it := range items {
		text := plain(it.content)
		number, version, err := w.newsroom.identify(text)
		if err != nil {
			return err
		}
		if _, twice := now[number]; twice {
			return fmt.Errorf("story %d is shown twice", number)
		}
		now[number] = version
		if want := strings.Join(w.newsroom.paragraphs(number, version), " "); text != want {
			return fmt.Errorf("story %d, version %d, is torn:\n%s\nwant:\n%s", number, version, text, want)
		}
		if want := w.newsroom.title(number, version); it.title != want {
			return fmt.Errorf("story %d, version %d, has the title %q, want %q", number, version, it.title, want)
		}
		if err := w.meet(number, version, it); err != nil {
			return fmt.Errorf("story %d, version %d: %w", number, version, err)
		}
	}
	for number, version := range before {
		if now[number] < version { // 0: not shown
			return fmt.Errorf("story %d was shown in version %d and is now in version %d", number, version, now[number])
		}
	}
	w.shown[document] = now
	return nil
}

// meet compares an article with what is known of it.
func (w *witness) meet(number, version int, it shownItem) error {
	published, err := instant(it.published)
	if err != nil {
		return err
	}
	if owner, ok := w.owner[it.id]; ok && owner != number {
		return fmt.Errorf("its id %s belongs to story %d", it.id, owner)
	}
	a := w.known[number]
	if a == nil {
		a = &acquaintance{it.id, it.link, published, map[int]time.Time{}}
		w.known[number], w.owner[it.id] = a, number
	}
	if it.id != a.id || it.link != a.link || !published.Equal(a.published) {
		return fmt.Errorf("it was %s, %s, published %s; it is %s, %s, published %s",
			a.id, a.link, a.published, it.id, it.link, published)
	}
	if date, dated := w.newsroom.date(number); dated && !published.Equal(date) {
		return fmt.Errorf("it is published %s, its file says %s", published, date)
	}
	if it.updated == "" {
		return nil
	}
	updated, err := instant(it.updated)
	if err != nil {
		return err
	}
	for v, u := range a.updated {
		if (v == version) != u.Equal(updated) || (v < version) != u.Before(updated) {
			return fmt.Errorf("it is updated %s, version %d was %s", updated, v, u)
		}
	}
	a.updated[version] = updated
	return nil
}

// page judges a page: it must be whole, and hold its article whole.
func (w *witness) page(document string, body []byte) error {
	page := strings.Join(strings.Fields(string(body)), " ")
	if !strings.HasPrefix(page, "<!doctype html>") || !strings.HasSuffix(page, "</html>") {
		return errors.New("the page is torn")
	}
	if !strings.Contains(document, "/a/") {
		return nil
	}
	number, version, err := w.newsroom.identify(page)
	if err != nil {
		return err
	}
	for _, p := range w.newsroom.paragraphs(number, version) {
		if !strings.Contains(page, "<p>"+p+"</p>") {
			return fmt.Errorf("the page of story %d, version %d, lacks %q", number, version, p)
		}
	}
	for before, was := range w.shown[document] {
		if before != number || was > version {
			return fmt.Errorf("the page was of story %d, version %d, and is of story %d, version %d", before, was, number, version)
		}
	}
	w.shown[document] = map[int]int{number: version}
	return nil
}

// plain is the text of an article's content.
func plain(content string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("<p>", " ", "</p>", " ").Replace(content)), " ")
}

func instant(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse(time.RFC1123Z, s)
	}
	return at.UTC(), err
}
