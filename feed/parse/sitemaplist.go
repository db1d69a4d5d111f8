package parse

import (
	"fmt"
	"mime"
	"path"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// listBuilder makes a list of the entries of a sitemap.
type listBuilder struct {
	where
	index                   bool
	list                    List
	begun                   bool // an entry has
	entry                   Entry
	address, modified, news string         // its address and dates, as written
	thumb                   string         // the picture of its video
	places                  map[string]int // of entries, by address
	faults                  []*fault
	beyond                  bool // there are more than may be
}

// fault is one kind of fault of entries.
type fault struct {
	text  string // with a verb for the first one
	count int
	first string
}

func newListBuilder(w where) *listBuilder {
	if base, err := clean.URL(w.base, ""); err == nil {
		w.base = base
	} else {
		w.base = ""
	}
	return &listBuilder{where: w, places: map[string]int{}}
}

func (b *listBuilder) begin() {
	b.entry, b.address, b.modified, b.thumb, b.news, b.begun = Entry{}, "", "", "", "", true
}

// word takes the text of an element; open are the elements around it, its own last.
func (b *listBuilder) word(open []string, text string) {
	e := &b.entry
	if len(open) == 3 {
		switch open[2] {
		case "loc":
			b.address = firstOf(b.address, strings.TrimSpace(text))
		case "lastmod":
			b.modified = firstOf(b.modified, strings.TrimSpace(text))
		}
		return
	}
	switch name := open[len(open)-1]; name {
	case "news:title":
		e.Title = firstOf(clean.Title(text), e.Title)
	case "news:publication_date":
		b.news = firstOf(b.news, clean.Line(text))
	case "news:name":
		e.Name = firstOf(e.Name, clean.Title(text))
	case "news:language":
		e.Language = firstOf(e.Language, language(text))
	case "news:keywords", "video:tag":
		b.tags(text)
	case "image:loc":
		e.Image.URL = firstOf(e.Image.URL, b.whole(text))
	case "image:caption", "image:title":
		if open[len(open)-2] == "image:image" {
			e.Image.Caption = firstOf(e.Image.Caption, clean.Title(text))
		}
	case "video:title":
		e.Title = firstOf(e.Title, clean.Title(text))
	case "video:description":
		e.Summary = firstOf(e.Summary, clean.Title(text))
	case "video:thumbnail_loc":
		b.thumb = firstOf(b.thumb, b.whole(text))
	case "video:content_loc":
		b.video(text)
	}
}

const mostTags = 100

func (b *listBuilder) tags(text string) {
	for t := range strings.SplitSeq(text, ",") {
		if t = clean.Title(t); t != "" && len(b.entry.Tags) < mostTags {
			b.entry.Tags = append(b.entry.Tags, t)
		}
	}
}

func (b *listBuilder) video(text string) {
	address := b.whole(text)
	if address == "" || b.entry.Video.URL != "" {
		return
	}
	bare, _, _ := strings.Cut(address, "?")
	kind, _, _ := mime.ParseMediaType(mime.TypeByExtension(path.Ext(bare)))
	if !strings.HasPrefix(kind, "video/") {
		kind = "video/mp4"
	}
	b.entry.Video = feed.Enclosure{URL: address, Type: kind}
}

// whole is a web address, "" for anything else.
func (b *listBuilder) whole(text string) string {
	whole, err := clean.URL(text, b.base)
	if err != nil {
		return ""
	}
	return whole
}

// end takes the entry that has ended. name is that of its element.
func (b *listBuilder) end(name string, line int) {
	if !b.begun || name != "url" && name != "sitemap" {
		return
	}
	b.begun = false
	b.add(fmt.Sprintf("line %d", line))
}

// add takes an entry. place says where it stands.
func (b *listBuilder) add(place string) {
	if len(b.list.Entries) == MostAddresses {
		b.beyond = true
		return
	}
	whole, err := clean.URL(b.address, b.base)
	switch {
	case b.address == "":
		b.fault("without an address (<loc>) are left out", place)
		return
	case err != nil:
		b.fault("whose address cannot be used are left out", place+": "+shortly(b.address))
		return
	case !strings.Contains(b.address, "://"):
		b.fault("are relative, which sitemaps do not allow; they are read as addresses of the site", place+": "+shortly(b.address))
	}
	whole, _, _ = strings.Cut(whole, "#")
	e := &b.entry
	e.URL = whole
	if e.Image.URL == "" {
		e.Image.URL = b.thumb
	}
	e.Modified, e.Day = b.dated(b.modified, "lastmod", place)
	e.Published, _ = b.dated(b.news, "news:publication_date", place)
	if at, twice := b.places[whole]; twice {
		b.fault("stand there more than once; the latest date counts", place+": "+shortly(b.address))
		if before := &b.list.Entries[at]; e.Modified.After(before.Modified) {
			before.Modified, before.Day = e.Modified, e.Day
		}
		return
	}
	b.places[whole] = len(b.list.Entries)
	b.list.Entries = append(b.list.Entries, *e)
}

// dated reads a date (W3C Datetime, or as it is met with).
func (b *listBuilder) dated(s, element, place string) (t time.Time, day bool) {
	if s == "" {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation(time.DateOnly, s, b.loc)
	if day = err == nil; !day {
		if t, err = time.Parse(time.RFC3339, s); err != nil {
			t, err = clean.WildDate(s, b.loc, b.now)
		}
	}
	switch {
	case err != nil:
		b.fault("have a <"+element+"> that is no date; it is left out", place+": "+shortly(s))
	case t.Year() < earliest:
		b.fault("have a <"+element+"> before "+strconv.Itoa(earliest)+"; it is left out", place+": "+shortly(s))
	case t.After(b.now.Add(24 * time.Hour)):
		b.fault("have a <"+element+"> in the future; it is left out", place+": "+shortly(s))
	default:
		return t, day
	}
	return time.Time{}, false
}

// shortly is what a sitemap says, on one short line.
func shortly(s string) string { return clean.Summary(clean.Line(s), 80) }

func (b *listBuilder) fault(text, first string) {
	for _, f := range b.faults {
		if f.text == text {
			f.count++
			return
		}
	}
	b.faults = append(b.faults, &fault{text, 1, first})
}

func (b *listBuilder) finish() List {
	b.list.Index, b.list.Format = b.index, "sitemap"
	if b.index {
		b.list.Format = "index of sitemaps"
	}
	for _, f := range b.faults {
		b.list.Problems = append(b.list.Problems, fmt.Errorf("%d of its addresses %s (first %s)", f.count, f.text, f.first))
	}
	if b.beyond {
		b.list.Problems = append(b.list.Problems, fmt.Errorf("it has more than %d addresses; what follows them is left out", MostAddresses))
	}
	return b.list
}

// plainList reads a sitemap in plain text: an address a line.
func plainList(text string, w where) (List, error) {
	b := newListBuilder(w)
	b.base = ""
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")); line == "" {
			continue
		}
		if len(b.places) == 0 && len(b.faults) == 0 && !isWebAddress(line) {
			return List{}, &NotSitemap{NotFeed{Kind: Text}}
		}
		b.begin()
		b.address = line
		b.add(fmt.Sprintf("line %d", number))
	}
	l := b.finish()
	l.Format = "sitemap in plain text"
	return l, nil
}

func isWebAddress(s string) bool {
	lower := strings.ToLower(s[:min(len(s), len("https://"))])
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}
