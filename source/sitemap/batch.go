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
	b := feed.Batch{Extent: feed.Unchanged, Foreign: true, Problems: w.problems, Notes: w.notes}
	marks := make([]string, 0, len(w.files))
	for _, f := range w.files {
		marks = append(marks, markOf(f.url).String())
	}
	slices.Sort(marks)
	if w.changed || !slices.Equal(marks, w.state.Files) {
		for _, f := range w.files {
			if f.kept {
				w.choose(f, recallArticles(w.memory, f.url))
			}
		}
		b.Articles = w.divide()
		w.forget(marks)
		w.state.Files, w.state.Floor = marks, w.floor()
		digest := batch.Digest(b.Articles)
		if bytes.Equal(w.memory.Get(batchKey), digest) {
			b.Articles = nil
		} else {
			b.Extent = feed.Listing
		}
		put(w.memory, batchKey, digest)
	}
	w.remember()
	b.Notes = append(b.Notes, w.tellFirst()...)
	return b
}

// divide gives each file its share of what was chosen, and remembers that. It returns the articles.
func (w *walk) divide() []feed.Article {
	var articles []feed.Article
	at, shares := map[string]int{}, map[*file][]candidate{}
	for _, c := range w.chosen {
		if c.file.rows != nil {
			c.file.rows[c.row+rowSize-1] |= taken
		}
		c.file.record.Young = c.file.record.Young || c.Young != 0
		shares[c.file] = append(shares[c.file], *c)
		i, twice := at[c.Article.Link]
		switch {
		case !twice:
			at[c.Article.Link] = len(articles)
			articles = append(articles, c.Article)
		case !isWhole(articles[i]) && isWhole(c.Article):
			articles[i] = c.Article // news says more
		}
	}
	for _, f := range w.files {
		if !f.record.IsIndex {
			putJSON(w.memory, takenKey+markOf(f.url).String(), shares[f])
		}
	}
	return articles
}

// forget what is remembered of files that are no more. While some cannot be told, all stay.
func (w *walk) forget(marks []string) {
	if len(w.problems) > 0 || w.left > 0 {
		return
	}
	for _, gone := range w.state.Files {
		if _, still := slices.BinarySearch(marks, gone); still {
			continue
		}
		for _, key := range []string{recordKey, takenKey, seenKey, toldKey} {
			put(w.memory, key+gone, []byte{})
		}
	}
}

// remember keeps what the files said.
func (w *walk) remember() {
	for _, f := range w.files {
		name := markOf(f.url).String()
		putJSON(w.memory, recordKey+name, f.record)
		if f.rows != nil {
			put(w.memory, seenKey+name, f.rows)
		}
	}
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
