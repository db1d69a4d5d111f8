package readable

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// Date is a date that a page gives.
type Date struct {
	Time time.Time
	// Written and Err are set when there are dates and none of them can be read: the first one, and what is wrong with it.
	Written string
	Err     error
}

// head is what a page says about itself: first its JSON-LD, which is made for machines, then its meta elements, then what
// readers see.
type head struct {
	root       *html.Node
	zone       *time.Location
	base       string // the address that the page's addresses are relative to, "" when it is unknown
	metas      map[string][]string
	properties map[string]int // how many of the metas were properties; they stand first
	linked     linked
	broken     bool // some JSON-LD is not JSON
	own        bool // the page is a document of its author\'s, whose first heading is meant as the title

	canonical string
	titles    []string // of the title element, at most one
	headings  []heading
	bylines   []*html.Node // elements that say they hold the author
	above     int          // how many of the bylines stand above the first h1
	times     []*html.Node

	published, updated Date
}

// heading is one of the page's h1 and h2 elements.
type heading struct {
	node *html.Node
	text string
}

// Bounds of what is looked at of a head, far beyond any honest page.
const (
	maxHeadings = 50
	maxBylines  = 200
	maxTimes    = 50
	maxMetas    = 50 // of one name
	maxTags     = 100
	maxText     = 1000 // bytes of a heading or byline
)

// readHead walks the tree once and keeps what may speak of the article.
func readHead(p *markup.Page, zone *time.Location) *head {
	h := &head{root: p.Root, zone: zone, base: p.Base, metas: map[string][]string{}, properties: map[string]int{}}
	h.linked, h.broken = linkedArticle(p)
	for n := range p.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Meta:
			h.keepMeta(n)
		case atom.Title:
			if len(h.titles) == 0 && !below(n, atom.Svg) {
				h.titles = append(h.titles, text(n))
			}
		case atom.Link:
			if h.canonical == "" && hasWord(attr(n, "rel"), "canonical") {
				h.canonical = attr(n, "href")
			}
		case atom.H1, atom.H2:
			if t := line(n); t != "" && len(h.headings) < maxHeadings {
				if n.DataAtom == atom.H1 && h.above == 0 {
					h.above = len(h.bylines)
				}
				h.headings = append(h.headings, heading{n, t})
			}
		case atom.Time:
			if len(h.times) < maxTimes {
				h.times = append(h.times, n)
			}
		}
		if len(h.bylines) < maxBylines && isByline(n) {
			h.bylines = append(h.bylines, n)
		}
	}
	return h
}

func (h *head) keepMeta(n *html.Node) {
	content := strings.TrimSpace(attr(n, "content"))
	if content == "" {
		return
	}
	for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
		for name := range strings.FieldsSeq(strings.ToLower(attr(n, key))) {
			name = strings.ReplaceAll(name, ".", ":")
			if len(h.metas[name]) == maxMetas {
				continue
			}
			if key == "property" { // what is said in a vocabulary counts before what has its name by custom
				h.metas[name] = slices.Insert(h.metas[name], h.properties[name], content)
				h.properties[name]++
				continue
			}
			h.metas[name] = append(h.metas[name], content)
		}
	}
}

// meta returns the first content of the meta elements with one of the names.
func (h *head) meta(names ...string) string {
	for _, name := range names {
		if all := h.metas[name]; len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

// article collects what the head says. Of the dates it holds those that can be read.
func (h *head) article() feed.Article {
	a := feed.Article{Title: h.title(), Authors: h.authors(), Tags: h.tags()}
	a.Summary = first(clean.Title, h.meta("description"), h.meta("og:description"), h.linked.words("description"),
		h.meta("dc:description", "dcterms:description", "twitter:description"))
	a.Link = first(h.webAddress, h.canonical, h.meta("og:url"), h.linked.words("url"), h.linked.words("mainEntityOfPage"),
		h.linked.within("mainEntityOfPage").words("@id"))
	a.Language = first(languageTag, h.language(), h.linked.words("inLanguage"), h.meta("content-language"), h.meta("og:locale"),
		h.meta("dc:language"))
	a.Image.URL = first(h.imageAddress, h.meta("og:image", "og:image:url", "og:image:secure_url"), linkedImage(h.linked), h.meta("twitter:image", "twitter:image:src"))
	h.readDates()
	a.Published, a.Updated = h.published.Time, h.updated.Time
	return a
}

// first returns what as makes of the first of texts that it makes something of.
func first(as func(string) string, texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			if t = as(t); t != "" {
				return t
			}
		}
	}
	return ""
}

// webAddress is an address as a whole one. Relative ones are resolved when the page's own address is known.
func (h *head) webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" && h.base == "" {
		return ""
	}
	whole, err := clean.URL(s, h.base)
	if err != nil {
		return ""
	}
	return whole
}

// imageAddress is an address as a whole one, or as it stands when it is relative and the page's address is unknown.
func (h *head) imageAddress(s string) string {
	if u, err := url.Parse(s); err == nil && u.Scheme == "" && u.Host == "" && h.base == "" {
		return u.String()
	}
	return h.webAddress(s)
}

func languageTag(s string) string {
	tag, err := language.Parse(strings.ReplaceAll(s, "_", "-"))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

func (h *head) language() string {
	n := findElement(h.root, atom.Html)
	if n == nil {
		return ""
	}
	return cmp.Or(attr(n, "lang"), attr(n, "xml:lang"))
}

// tags are those of the article's own meta elements, else of the keywords.
func (h *head) tags() []string {
	sources := h.metas["article:tag"]
	if len(sources) == 0 {
		sources = slices.Concat(h.metas["keywords"], h.metas["news_keywords"])
	}
	if len(sources) == 0 {
		for _, e := range many(h.linked.first("keywords")) {
			sources = append(sources, words(e))
		}
	}
	var tags []string
	for _, s := range sources {
		for t := range strings.SplitSeq(s, ",") {
			t = strings.TrimPrefix(clean.Line(t), "#")
			if len(tags) == maxTags {
				return tags
			}
			if t != "" && !containsFold(tags, t) {
				tags = append(tags, t)
			}
		}
	}
	return tags
}

func linkedImage(l linked) string {
	for _, e := range many(l.first("image")) {
		if e, ok := e.(map[string]any); ok {
			if address := linked(e).words("url", "contentUrl", "@id"); address != "" {
				return address
			}
		}
		if address := words(e); address != "" {
			return address
		}
	}
	return ""
}
