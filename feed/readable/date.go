package readable

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
)

// readDates reads when the article was published and changed.
func (h *head) readDates() {
	h.published = h.date(h.linked.words("datePublished"), h.meta("article:published_time", "og:published_time", "datepublished"),
		h.meta("date", "pubdate", "publishdate", "publish_date", "parsely-pub-date", "sailthru:date"),
		h.meta("dc:date", "dc:date:issued", "dcterms:date", "dcterms:issued", "dcterms:created", "dcterms:available"), h.visibleDate())
	h.updated = h.date(h.linked.words("dateModified"), h.meta("article:modified_time", "og:updated_time", "datemodified"), h.meta("last-modified"),
		h.meta("dcterms:modified", "dc:date:modified"))
}

// date takes the first date that can be read.
func (h *head) date(dates ...string) Date {
	var unread Date
	for _, s := range dates {
		if s == "" {
			continue
		}
		t, err := clean.Date(s, h.zone)
		if wild, failed := clean.WildDate(s, h.zone, time.Time{}); err != nil && failed == nil { // no clock, no "today"
			t, err = wild, nil
		}
		if err == nil {
			return Date{Time: t}
		}
		if unread.Written == "" {
			unread = Date{Written: s, Err: err}
		}
	}
	return unread
}

// longestDateline bounds, in characters, what stands beside a date that is the article's own. A <time> within a sentence
// may be anything, such as when an event will be.
const longestDateline = 70

// visibleDate returns the date that the page shows as the article's: one that says so, else one in the article's header,
// in the article, in the main part, or in a header.
func (h *head) visibleDate() string {
	best, rank := "", len(datePlaces)
	for _, n := range h.times {
		date := strings.TrimSpace(attr(n, "datetime"))
		if date == "" {
			continue
		}
		for i, fits := range datePlaces[:rank] {
			if fits(n) && utf8.RuneCountInString(clean.Line(line(n.Parent))) <= longestDateline {
				best, rank = date, i
				break
			}
		}
	}
	return best
}

// datePlaces are where the article's date stands, surest first.
var datePlaces = []func(*html.Node) bool{
	func(n *html.Node) bool { return hasWord(attr(n, "itemprop"), "datePublished") },
	func(n *html.Node) bool { return hasAttr(n, "pubdate") },
	func(n *html.Node) bool { return hasWord(attr(n, "class"), "dt-published") },
	func(n *html.Node) bool { return below(n, atom.Header) && below(n, atom.Article) },
	func(n *html.Node) bool { return below(n, atom.Article) },
	func(n *html.Node) bool { return below(n, atom.Main) },
	func(n *html.Node) bool { return below(n, atom.Header) },
}
