package listing

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
)

// dates reads dates, each text once.
type dates struct {
	now  time.Time
	read map[string]time.Time
}

func newDates(now time.Time) *dates { return &dates{now: now, read: map[string]time.Time{}} }

// of reads a date that an article may bear, zero for none.
func (d *dates) of(text string) time.Time {
	const shortest, longest = 4, 60
	text = clean.Line(text)
	if len(text) < shortest || len(text) > longest {
		return time.Time{}
	}
	if t, ok := d.read[text]; ok {
		return t
	}
	t, err := clean.WildDate(text, time.UTC, d.now)
	if err != nil || t.Year() < 1990 || t.After(d.now.AddDate(2, 0, 0)) {
		t = time.Time{}
	}
	d.read[text] = t
	return t
}

// inText are the forms of a date among other words, the most exact first. Each is what a field's regex would be.
var inText = []*regexp.Regexp{
	regexp.MustCompile(`\d{4}-\d\d-\d\d`),
	regexp.MustCompile(`\d{1,2}\. ?\d{1,2}\. ?\d{4}`),
	regexp.MustCompile(`\d{1,2}(?:st|nd|rd|th|\.)?(?: of| de)? \pL{3,}\.?,?(?: de)? \d{4}`),
	regexp.MustCompile(`\pL{3,}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}`),
	regexp.MustCompile(`\d{4}年\d{1,2}月\d{1,2}日`),
	regexp.MustCompile(`\d{4}[./]\d{1,2}[./]\d{1,2}`),
	regexp.MustCompile(`\d{1,2}[./-]\d{1,2}[./-]\d{4}`),
}

// The ways in which a page can tell a date, the best first: by an attribute, by a text of its own, among other words.
const (
	byAttribute = iota
	byText
	byPart
	dateWays
)

// dates finds the dates of a group, all in the same way: the one that most items have.
func (s *survey) dates(g *cluster, d *dates) column {
	var ways [dateWays]column
	best := 0
	for way := range ways {
		ways[way] = s.column("published", g, func(s *survey, g *cluster, i int) spotted { return s.dateCell(g, i, way, d) })
		if 10*ways[way].filled() > 12*ways[best].filled() {
			best = way
		}
	}
	c := ways[best]
	if best == byPart {
		oneForm(&c)
	}
	return c
}

// oneForm leaves the dates of the form that most have, since a field has one regex.
func oneForm(c *column) {
	count, usual := map[string]int{}, ""
	for _, cell := range c.cells {
		if cell.node == nil {
			continue
		}
		if count[cell.regex]++; count[cell.regex] > count[usual] {
			usual = cell.regex
		}
	}
	for i := range c.cells {
		if c.cells[i].regex != usual {
			c.cells[i] = spotted{}
		}
	}
}

func (s *survey) dateCell(g *cluster, i, way int, d *dates) spotted {
	for at := g.heads[i]; at < g.tails[i]; at++ {
		if s.within(at, g.leads[i].at) && !linkedAll(s, g, i) && s.spots[at].node.DataAtom != atom.Time {
			continue // a year in a title
		}
		if cell := dateOf(&s.spots[at], way, d); cell.node != nil {
			return cell
		}
	}
	return spotted{}
}

func dateOf(p *spot, way int, d *dates) spotted {
	const longest = 300
	n := p.node
	switch way {
	case byAttribute:
		for _, name := range []string{"datetime", "content", "title"} {
			if name != "datetime" && attr(n, "itemprop") != "datePublished" && !hasClass(n, "dt-published") && !hasClass(n, "published") {
				continue
			}
			if v := attr(n, name); v != "" && !d.of(v).IsZero() {
				return spotted{node: n, attr: name, value: v}
			}
		}
	case byText:
		if p.text < 4 || p.text > 60 || isTitle(n) {
			return spotted{}
		}
		if text := lineOf(n); !d.of(text).IsZero() && (hasDigit(text) || n.DataAtom == atom.Time) && !digitsOnly(text) {
			return spotted{node: innermost(n), value: text}
		}
	case byPart:
		if p.text < 8 || p.text > longest || isTitle(n) {
			return spotted{}
		}
		text := ownText(n)
		for _, form := range inText {
			if part := form.FindString(text); part != "" && !d.of(part).IsZero() {
				return spotted{node: n, regex: form.String(), value: part}
			}
		}
	}
	return spotted{}
}

// digitsOnly reports whether a text is a bare number, which is no date here.
func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" }

// innermost is the element that holds all the text of another.
func innermost(n *html.Node) *html.Node {
	for {
		var only *html.Node
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" || c.Type == html.CommentNode:
			case c.Type == html.ElementNode && only == nil:
				only = c
			default:
				return n
			}
		}
		if only == nil {
			return n
		}
		n = only
	}
}

// ownText is the text of an element without that of the elements in it.
func ownText(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil && b.Len() < longestTitle; c = c.NextSibling {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
	}
	return clean.Line(b.String())
}

func hasClass(n *html.Node, class string) bool {
	for c := range strings.FieldsSeq(attr(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}
