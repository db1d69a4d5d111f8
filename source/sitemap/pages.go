package sitemap

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// row is what is remembered of an address in a file, in rowSize bytes: its mark, the date by which it is ranked, its
// lastmod as it was last read, both in seconds and 0 when there is none, and flags.
const rowSize = 8 + 4 + 4 + 1

const (
	taken byte = 1 << iota // it was handed over
	young                  // its lastmod was too young to be believed
)

type row struct {
	date, lastmod uint32
	flags         byte
}

func readRows(table []byte) map[mark]row {
	rows := make(map[mark]row, len(table)/rowSize)
	for ; len(table) >= rowSize; table = table[rowSize:] {
		rows[mark(table[:8])] = row{binary.BigEndian.Uint32(table[8:]), binary.BigEndian.Uint32(table[12:]), table[16]}
	}
	return rows
}

func appendRow(table []byte, at mark, r row) []byte {
	table = append(table, at[:]...)
	table = binary.BigEndian.AppendUint32(table, r.date)
	table = binary.BigEndian.AppendUint32(table, r.lastmod)
	return append(table, r.flags)
}

// candidate is a page that may become an article.
type candidate struct {
	Article feed.Article `json:"article"`
	Date    int64        `json:"date"`            // by which it is ranked
	Young   int64        `json:"young,omitempty"` // a lastmod that has not come to rest

	file *file
	row  int // where its row begins in the file's
}

// settle believes a lastmod.
func (c *candidate) settle() {
	c.Date, c.Young = c.Young, 0
	c.Article.Updated = time.Unix(c.Date, 0).UTC()
	c.Article.Revision = c.Article.Updated.Format(time.RFC3339)
}

// settle believes the dates of a file's articles that are the same as last time.
func settle(m feed.Memory, address string) {
	rested, articles := map[mark]*candidate{}, recallArticles(m, address)
	for i := range articles {
		if c := &articles[i]; c.Young != 0 {
			c.settle()
			rested[markOf(c.Article.Link)] = c
		}
	}
	putJSON(m, takenKey+markOf(address).String(), articles)
	key := seenKey + markOf(address).String()
	rows := bytes.Clone(m.Get(key))
	for at := 0; at+rowSize <= len(rows); at += rowSize {
		if c := rested[mark(rows[at:at+8])]; c != nil {
			binary.BigEndian.PutUint32(rows[at+8:], uint32(c.Date))
			rows[at+rowSize-1] &^= young
		}
	}
	m.Put(key, rows)
}

// restless is how old a lastmod must be to be believed when it has moved: many sites write the moment at which they are
// asked. A younger one counts when it is the same the next time.
const restless = time.Hour

// takePages takes the pages of a sitemap that may become articles.
func (w *walk) takePages(f *file, old *record, isNew bool, entries []parse.Entry) []error {
	entries, problems := w.wanted(entries)
	before := readRows(w.memory.Get(seenKey + markOf(f.url).String()))
	marks := make([]mark, len(entries))
	for i := range entries {
		marks[i] = markOf(entries[i].URL)
	}
	f.record.Redated = redated(entries, marks, before)
	if f.record.Redated && (old == nil || !old.Redated) {
		problems = append(problems, errors.New("most dates (<lastmod>) moved at once: they say when the sitemap was written, and move no article"))
	}
	j := judging{walk: w, before: before, earlier: byLink(recallArticles(w.memory, f.url)), isNew: isNew || old != nil, still: f.record.Redated}
	f.rows = make([]byte, 0, len(entries)*rowSize)
	var found []likely
	for i := range entries {
		r, l := j.page(&entries[i], marks[i])
		if l.taken {
			l.entry, l.row = i, len(f.rows)
			found = append(found, l)
		}
		f.rows = appendRow(f.rows, marks[i], r)
	}
	f.record.Count = len(entries)
	w.known += len(entries)
	slices.SortStableFunc(found, func(a, b likely) int { return cmp.Compare(b.date, a.date) })
	w.over = w.over || len(found) > mostArticles
	var newest []candidate
	for _, l := range found[:min(len(found), mostArticles)] {
		newest = append(newest, j.candidate(&entries[l.entry], l, f.url))
	}
	w.choose(f, newest)
	return problems
}

// wanted are the entries that the configuration asks for, and that the site may speak for: addresses of other sites are left
// out (sitemaps.org, protocol) unless only names hosts.
func (w *walk) wanted(entries []parse.Entry) (kept []parse.Entry, problems []error) {
	foreign, first := 0, ""
	for _, e := range entries {
		if !w.config.Only.IsZero() && !w.config.Only.finds(e.URL) || !w.config.Except.IsZero() && w.config.Except.finds(e.URL) {
			continue
		}
		u, err := url.Parse(e.URL)
		if err != nil {
			continue // clean addresses: it cannot be
		}
		if !w.hosts[bareHost(u.Host)] && !w.config.Only.namesHosts() {
			if foreign++; first == "" {
				first = fetch.Shown(e.URL)
			}
			continue
		}
		kept = append(kept, e)
	}
	if foreign > 0 {
		problems = append(problems, fmt.Errorf("%s of other sites (first %s) %s left out: a sitemap speaks for its own; to take them, name them "+
			"in only with their host, such as only: ^https://other\\.example/", counted(foreign, "address"), first, isOrAre(foreign)))
	}
	return kept, problems
}

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// redated reports that most addresses that were known have another lastmod than before: no site edits all of its pages at
// once.
func redated(entries []parse.Entry, marks []mark, before map[mark]row) bool {
	const many = 5
	known, moved, dates := 0, 0, map[int64]bool{}
	for i := range entries {
		if r, ok := before[marks[i]]; ok {
			known++
			if at := seconds(entries[i].Modified); at > int64(r.lastmod) {
				moved++
				dates[at] = true
			}
		}
	}
	return known >= many && moved*2 > known || moved > 1 && moved == known && len(dates) == 1
}

// judging judges the pages of one sitemap.
type judging struct {
	*walk
	before  map[mark]row
	earlier map[string]*candidate // articles, by link
	isNew   bool                  // what appears in the sitemap has appeared since it was last read
	still   bool                  // no date moves anything
}

// likely is an entry that may become an article.
type likely struct {
	taken          bool
	date           uint32
	moved          bool  // its lastmod has, and is believed
	lastmod, young int64 // young: the lastmod that is not believed yet
	entry, row     int
}

// page is what is remembered of an entry, and whether it may become an article.
func (j *judging) page(e *parse.Entry, at mark) (row, likely) {
	was, known := j.before[at]
	l := likely{lastmod: seconds(e.Modified)}
	r := row{date: was.date, lastmod: uint32(l.lastmod), flags: was.flags & taken}
	switch {
	case !known:
		r.date = uint32(cmp.Or(seconds(e.Published), l.lastmod))
		if r.date == 0 && j.isNew {
			r.date = uint32(j.at.Unix())
		}
	case l.lastmod == 0, l.lastmod < int64(was.lastmod), j.still:
	case l.lastmod == int64(was.lastmod) && was.flags&young == 0:
	case l.lastmod > int64(was.lastmod) && j.isYoung(e):
		r.flags |= young
		l.young = l.lastmod
	default:
		r.date, l.moved = uint32(l.lastmod), true
	}
	l.date = r.date
	tooOld := j.config.MaxAge > 0 && int64(r.date) < j.at.Add(-time.Duration(j.config.MaxAge)).Unix()
	l.taken = r.flags&taken != 0 || (!known || l.moved) && !tooOld
	return r, l
}

// isYoung reports that a lastmod may be the moment at which the sitemap was asked for.
func (j *judging) isYoung(e *parse.Entry) bool {
	if e.Day {
		return j.at.Sub(e.Modified) < 24*time.Hour
	}
	return j.at.Sub(e.Modified) < restless
}

// candidate makes an article of an entry. Its first date stays, and a lastmod that is believed moves the second.
func (j *judging) candidate(e *parse.Entry, l likely, where string) candidate {
	c := candidate{Article: article(e, where), Date: int64(l.date), Young: l.young, row: l.row}
	a := &c.Article
	earlier := j.earlier[a.Link]
	if earlier == nil {
		if l.lastmod != 0 {
			a.Updated = e.Modified.UTC()
			a.Revision = a.Updated.Format(time.RFC3339)
		}
		if a.Published.IsZero() {
			a.Published = a.Updated
		}
		return c
	}
	if a.Published.IsZero() {
		a.Published = earlier.Article.Published
	}
	a.Updated, a.Revision = earlier.Article.Updated, earlier.Article.Revision
	if l.moved {
		c.Young = l.lastmod
		c.settle()
	}
	return c
}

// byLink are articles by their links.
func byLink(articles []candidate) map[string]*candidate {
	all := make(map[string]*candidate, len(articles))
	for i := range articles {
		all[articles[i].Article.Link] = &articles[i]
	}
	return all
}

// choose takes the newest of all pages so far.
func (w *walk) choose(f *file, found []candidate) {
	for i := range found {
		found[i].file = f
		w.chosen = append(w.chosen, &found[i])
	}
	slices.SortStableFunc(w.chosen, func(a, b *candidate) int { // the same whatever file was read first
		return cmp.Or(cmp.Compare(b.Date, a.Date), strings.Compare(a.file.url, b.file.url))
	})
	w.over = w.over || len(w.chosen) > mostArticles
	clear(w.chosen[min(len(w.chosen), mostArticles):])
	w.chosen = w.chosen[:min(len(w.chosen), mostArticles)]
}
