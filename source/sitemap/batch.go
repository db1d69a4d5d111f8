package sitemap

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/clean"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// batch makes the batch of what was chosen, and remembers it. An address that stands in several sitemaps is taken once.
func (w *walk) batch() feed.Batch {
	b := feed.Batch{Extent: feed.Listing, Foreign: true, Problems: w.problems, Notes: w.notes}
	linked := map[string]int{}
	for _, f := range w.files {
		f.record.Articles = nil
	}
	for _, c := range w.chosen {
		if c.file.rows != nil {
			c.file.rows[c.row+rowSize-1] |= taken
		}
		c.file.record.Articles = append(c.file.record.Articles, *c)
		if at, twice := linked[c.Article.Link]; twice {
			if !isWhole(b.Articles[at]) && isWhole(c.Article) {
				b.Articles[at] = c.Article // news says more
			}
			continue
		}
		linked[c.Article.Link] = len(b.Articles)
		b.Articles = append(b.Articles, c.Article)
	}
	w.remember()
	digest := batch.Digest(b.Articles)
	if bytes.Equal(w.memory.Get(batchKey), digest) {
		b.Articles, b.Extent = nil, feed.Unchanged
	}
	put(w.memory, batchKey, digest)
	b.Notes = append(b.Notes, w.tellFirst()...)
	return b
}

// remember keeps what the files said, and forgets those that are no more.
func (w *walk) remember() {
	var marks []string
	for _, f := range w.files {
		name := markOf(f.url).String()
		marks = append(marks, name)
		putJSON(w.memory, recordKey+name, f.record)
		if f.rows != nil {
			put(w.memory, seenKey+name, f.rows)
		}
	}
	slices.Sort(marks)
	for _, gone := range w.state.Files {
		if _, still := slices.BinarySearch(marks, gone); !still && len(w.problems) == 0 && w.left == 0 {
			for _, key := range []string{recordKey, seenKey, toldKey} {
				put(w.memory, key+gone, []byte{})
			}
		}
	}
	w.state.Files = marks
	w.state.Late = w.inTurn()
	putJSON(w.memory, stateKey, w.state)
}

// inTurn are the files that wait, those first that waited before.
func (w *walk) inTurn() []string {
	var before []string
	for _, name := range w.state.Late {
		if slices.Contains(w.late, name) {
			before = append(before, name)
		}
	}
	for _, name := range w.late {
		if !slices.Contains(before, name) {
			before = append(before, name)
		}
	}
	return before
}

// tellFirst says after the first look what of the sitemaps is taken.
func (w *walk) tellFirst() (notes []string) {
	if !w.first {
		return nil
	}
	if w.over {
		notes = append(notes, fmt.Sprintf("%s has %s; the newest %d by <lastmod> are taken now, and all that appear later", fetch.Shown(w.config.URL), counted(w.known, "address"), mostArticles))
	} else if w.config.MaxAge > 0 && len(w.chosen) < w.known {
		notes = append(notes, fmt.Sprintf("%s has %s, of which %d changed within max_age; the others, and those without <lastmod>, are left out", fetch.Shown(w.config.URL), counted(w.known, "address"), len(w.chosen)))
	}
	if w.left > 0 {
		notes = append(notes, fmt.Sprintf("%s of %s not read yet: %d are asked for in one refresh, of %d at most with %d addresses", counted(w.left, "sitemap"), fetch.Shown(w.config.URL)+" "+isOrAre(w.left), mostAsked, mostFiles, mostAddresses))
	}
	return notes
}

// article is an entry as it is listed. where is the sitemap.
func article(e *parse.Entry, where string) feed.Article {
	a := feed.Article{
		Link: e.URL, Title: e.Title, Summary: e.Summary, Language: e.Language, Tags: e.Tags, Image: e.Image,
		Published: e.Published, Source: feed.Origin{Title: e.Name},
	}
	u, err := url.Parse(e.URL)
	if err == nil {
		a.Source.Link = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
		if a.Source.Title == "" {
			a.Source.Title = u.Hostname()
		}
		if a.Title == "" {
			a.Title = titleOf(u)
		}
	}
	if e.Video.URL != "" {
		a.Enclosures = []feed.Enclosure{e.Video}
	}
	a.Trace.Add(feed.TracePage, fetch.Shown(where))
	if e.IsNews() {
		a.Trace.Add("title", newsTitle)
	}
	return a
}

// newsTitle is where the title of an article was read that a news sitemap lists whole.
const newsTitle = "news:title"

// isWhole reports that a sitemap says of the article all that is needed.
func isWhole(a feed.Article) bool {
	for word, place := range a.Trace.All() {
		if word == "title" && place == newsTitle {
			return true
		}
	}
	return false
}

// titleOf makes a title of an address, for a page that never gives one.
func titleOf(u *url.URL) string {
	name := path.Base(strings.TrimSuffix(u.Path, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	words := clean.Title(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_+. ", r) }), " "))
	if words == "" || words == "/" {
		return u.Host
	}
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
