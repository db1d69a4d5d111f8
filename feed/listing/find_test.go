package listing

import (
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/field"
)

// notebook is a memory.
type notebook map[string][]byte

func (n notebook) Get(key string) []byte        { return n[key] }
func (n notebook) Put(key string, value []byte) { n[key] = value }

// list is a page of articles, each a letter, in elements of one class.
func list(class, letters string) string {
	var b strings.Builder
	b.WriteString("<!doctype html><main>")
	for _, l := range letters {
		b.WriteString(`<div class="` + class + `"><h2><a href="/news/` + string(l) + `">Headline of the article ` + string(l) + `</a></h2><p>What it says of the matter in a sentence or two.</p></div>`)
	}
	return b.String() + "</main>"
}

// TestFind: a reading is remembered, explained once, and given up only for one that has articles of it.
func TestFind(t *testing.T) {
	m := notebook{}
	for _, step := range []struct {
		name, page string
		articles   int
		notes      bool
		fails      feed.Class
	}{
		{"the first time", list("story", "abc"), 3, true, ""},
		{"the same", list("story", "abc"), 3, false, ""},
		{"one more", list("story", "dabc"), 4, false, ""},
		{"only one left, among others", list("story", "e") + list("other", "wxyz"), 1, false, ""},
		{"nothing", "<p>Closed for the day.", 0, false, feed.Unreadable},
		{"another look, other articles", list("entry", "pqr"), 0, false, feed.Suspicious},
		{"another look, one article known", list("entry", "fge"), 3, true, ""},
		{"the new look holds", list("entry", "hfge") + list("story", "st"), 4, false, ""},
		{"its name is another list's now", list("teaser", "khfge") + strings.ReplaceAll(list("entry", "uvw"), "div", "li"), 5, true, ""},
		{"all articles are new", list("teaser", "lmno"), 4, false, ""},
	} {
		taken, notes, err := Find(t.Context(), m, pageOf(t, step.page), field.Env{Now: noon})
		if feed.ClassOf(err) != step.fails || len(taken.Articles) != step.articles || (len(notes) > 0) != step.notes {
			t.Errorf("%s: %d articles, notes %q, %v", step.name, len(taken.Articles), notes, err)
		}
	}
}
