package files

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// page is an HTML document while it is read.
type page struct {
	draft  *draft
	doc    *goquery.Document
	linked value // the article in the page's JSON-LD
	broken bool  // some JSON-LD is not JSON
	source string
	line   int // the line of the file on which source begins
}

// readHead sets what the document says about itself and front matter did not say already: first its JSON-LD, which is
// made for machines, then Open Graph and meta elements, then what readers see.
func (p *page) readHead() error {
	a := &p.draft.article
	fill(&a.Title, clean.Title, p.linked.first("headline").text, p.meta("og:title"), p.doc.Find("h1").First().Text(), p.doc.Find("title").First().Text())
	fill(&a.Summary, clean.Line, p.meta("description"), p.meta("og:description"), p.linked.first("description").text)
	fill(&a.Link, address, p.attr(`link[rel~="canonical" i]`, "href"), p.meta("og:url"), p.linked.first("url").text,
		p.linked.first("mainEntityOfPage").text, p.linked.first("mainEntityOfPage").first("@id").text)
	fill(&a.Language, tag, p.attr("html", "lang"), p.attr("html", "xml:lang"), p.linked.first("inLanguage").text)
	fill(&a.Image.URL, image, p.meta("og:image"), p.linkedImage(), p.meta("twitter:image"))
	p.readAuthors()
	p.readTags()
	if err := p.readDate(&a.Published, p.linked.first("datePublished").text, p.meta("article:published_time"), p.meta("date"),
		p.meta("dc.date"), p.meta("dcterms.date"), p.visibleDate()); err != nil {
		return err
	}
	return p.readDate(&a.Updated, p.linked.first("dateModified").text, p.meta("article:modified_time"), p.meta("last-modified"),
		p.meta("dcterms.modified"))
}

// fill sets to the first of texts that as makes something of, unless it is set.
func fill(to *string, as func(string) string, texts ...string) {
	for _, t := range texts {
		if *to == "" {
			*to = as(t)
		}
	}
}

func address(s string) string {
	u, _ := webAddress(s)
	return u
}

func image(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	u, _ := imageAddress(s)
	return u
}

func tag(s string) string {
	t, _ := languageTag(s)
	return t
}

// meta returns the content of the first meta element with that name or property.
func (p *page) meta(name string) string {
	all := p.metas(name)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func (p *page) metas(name string) []string {
	var all []string
	for _, e := range p.doc.Find("meta[content]").EachIter() {
		if strings.EqualFold(e.AttrOr("name", ""), name) || strings.EqualFold(e.AttrOr("property", ""), name) {
			if content := strings.TrimSpace(e.AttrOr("content", "")); content != "" {
				all = append(all, content)
			}
		}
	}
	return all
}

func (p *page) attr(selector, name string) string {
	return p.doc.Find(selector).First().AttrOr(name, "")
}

// readAuthors takes the authors of the JSON-LD, else of the meta elements; an address (of a profile page) is no name.
func (p *page) readAuthors() {
	authors := &p.draft.article.Authors
	if len(*authors) > 0 {
		return
	}
	for _, e := range p.linked.first("author", "creator").oneOrMany() {
		name := clean.Line(e.text)
		if e.kind == table {
			name = clean.Line(e.first("name").text)
		}
		if name != "" && address(name) == "" {
			addPeople(authors, feed.Person{Name: name, URL: address(e.first("url").text)})
		}
	}
	for _, word := range []string{"author", "article:author", "dc.creator"} {
		if len(*authors) > 0 {
			return
		}
		for _, s := range p.metas(word) {
			if address(s) == "" {
				addPeople(authors, clean.People(s)...)
			}
		}
	}
	if len(*authors) == 0 {
		name := clean.Line(p.doc.Find(`[rel~="author"]`).First().Text())
		addPeople(authors, clean.People(name)...)
	}
}

// readTags collects the tags of the head. They are foreign text, so that what does not fit is no error.
func (p *page) readTags() {
	tags := &p.draft.article.Tags
	if len(*tags) > 0 {
		return
	}
	sources := p.metas("article:tag")
	if len(sources) == 0 {
		sources = append(p.metas("keywords"), p.metas("news_keywords")...)
	}
	for _, s := range sources {
		_ = setTags(tags, "tags", textValue(0, s))
	}
	if len(*tags) == 0 {
		_ = setTags(tags, "tags", p.linked.first("keywords"))
	}
}

func (p *page) linkedImage() string {
	for _, e := range p.linked.first("image").oneOrMany() {
		if e.kind == table {
			e = e.first("url", "contentUrl", "@id")
		}
		if e.kind == scalar {
			return e.text
		}
	}
	return ""
}

// readDate takes the first date that can be read. When there are dates and none can be read, somebody must mend them: an
// article must not appear before its time because of a slip.
func (p *page) readDate(to *time.Time, dates ...string) error {
	if !to.IsZero() {
		return nil
	}
	unreadable, reason := "", error(nil)
	for _, s := range dates {
		if s == "" {
			continue
		}
		t, err := clean.Date(s, p.draft.loc)
		if err == nil {
			*to = t
			return nil
		}
		if unreadable == "" {
			unreadable, reason = s, err
		}
	}
	if unreadable == "" {
		return nil
	}
	return problem(p.lineOf(unreadable), "the date in the document: %w", reason)
}

// lineOf finds the line that holds a text; the parser tells no places.
func (p *page) lineOf(s string) int {
	before, _, ok := strings.Cut(p.source, s)
	if !ok {
		return 0
	}
	return p.line + strings.Count(before, "\n")
}

// visibleDate returns the date that the page shows as the article's. A <time> within a sentence may be anything, such as
// when an event will be, and is not taken.
func (p *page) visibleDate() string {
	for _, selector := range []string{`time[itemprop="datePublished"]`, "time[pubdate]", "time.dt-published", "article header time", "article time", "main time", "header time"} {
		for _, e := range p.doc.Find(selector).EachIter() {
			date := strings.TrimSpace(e.AttrOr("datetime", ""))
			if date != "" && utf8.RuneCountInString(clean.Line(e.Parent().Text())) <= maxShort {
				return date
			}
		}
	}
	return ""
}
