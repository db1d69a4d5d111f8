package readable

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// authors are those that the page names for machines, else those that it shows to readers. A login is an author only
// where no name stands.
func (h *head) authors() []feed.Person {
	var logins []feed.Person
	for _, from := range []func() []feed.Person{h.linkedAuthors, h.metaAuthors, h.shownAuthors} {
		all := from()
		if len(all) == 0 {
			continue
		}
		if !slices.ContainsFunc(all, isLogin) {
			return all
		}
		if len(logins) == 0 {
			logins = all
		}
	}
	return logins
}

// isLogin reports whether a name is one under which somebody writes to a machine: a word with digits.
func isLogin(p feed.Person) bool {
	return strings.ContainsFunc(p.Name, unicode.IsDigit) && !strings.Contains(p.Name, " ")
}

func (h *head) linkedAuthors() []feed.Person {
	var all []feed.Person
	for _, e := range many(h.linked.first("author", "creator")) {
		p := feed.Person{Name: words(e)}
		if e, ok := e.(map[string]any); ok {
			p = feed.Person{Name: linked(e).words("name"), URL: h.webAddress(linked(e).words("url"))}
		}
		all = addAuthor(all, p)
	}
	return all
}

// metaAuthors takes the first meta element's word that names somebody. Each creator of Dublin Core is one person, and may
// be written with the last name first.
func (h *head) metaAuthors() []feed.Person {
	for _, name := range []string{"dc:creator", "dcterms:creator", "author", "parsely-author", "sailthru:author", "article:author", "og:article:author", "byl"} {
		var all []feed.Person
		for _, s := range h.metas[name] {
			people := clean.People(clean.Title(withoutBy(s)))
			if strings.HasPrefix(name, "dc") {
				people = []feed.Person{clean.Person(clean.Title(s))}
			}
			all = addAuthor(all, people...)
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// shownAuthors takes the authors that the first element below the heading names, else above it, which says that it holds
// them, and stands neither in a comment nor beside the article.
func (h *head) shownAuthors() []feed.Person {
	bylines := slices.Concat(h.bylines[h.above:], h.bylines[:h.above])
	for _, sure := range []bool{true, false} {
		for _, n := range bylines {
			if saysAuthor(n) != sure || h.isAside(n, sure) {
				continue
			}
			if all := namesIn(n, sure); len(all) > 0 {
				return all
			}
		}
	}
	return nil
}

// addressAfter matches the address that some put behind a name.
var addressAfter = late.Regexp(`\s*[(<\[]?https?://\S*`)

func addAuthor(to []feed.Person, people ...feed.Person) []feed.Person {
	for _, p := range people {
		p.Name = clean.Title(addressAfter().ReplaceAllString(p.Name, ""))
		if p.Name == "" || slices.ContainsFunc(to, func(q feed.Person) bool { return strings.EqualFold(p.Name, q.Name) }) {
			continue
		}
		to = append(to, p)
	}
	return to
}

// bylineClass matches the classes and ids of elements that hold an author's name.
var bylineClass = late.Regexp(`byline|writtenby|(^|[\s_-])authors?($|[\s_-]|name)`)

// isByline reports whether an element says that it holds the author.
func isByline(n *html.Node) bool {
	if n.DataAtom == atom.Meta || n.DataAtom == atom.Link {
		return false
	}
	if saysAuthor(n) {
		return true
	}
	for _, a := range n.Attr {
		if (a.Key == "class" || a.Key == "id") && len(a.Val) < maxText && isBylineName(a.Val) {
			return true
		}
	}
	return false
}

// isBylineName asks the pattern about those few names that can fit it.
func isBylineName(names string) bool {
	lower := strings.ToLower(names)
	return (strings.Contains(lower, "author") || strings.Contains(lower, "byline") || strings.Contains(lower, "writtenby")) && bylineClass().MatchString(lower)
}

// saysAuthor reports whether an element says so in words made for machines.
func saysAuthor(n *html.Node) bool {
	return hasWord(attr(n, "rel"), "author") || hasWord(attr(n, "itemprop"), "author")
}

// asideClass matches the classes and ids of what stands beside an article, or below it.
var asideClass = late.Regexp(`(?i)(^|[\s_-])(comments?|related|sidebar|widget|teasers?|follow|promo)($|[\s_-])`)

// isAside reports whether an element stands in something beside the article: which does not hold the page's heading. What
// is sure to be the author may stand in an aside or a footer.
func (h *head) isAside(n *html.Node, sure bool) bool {
	for ; n != nil && !h.holdsHeading(n); n = n.Parent {
		switch n.DataAtom {
		case atom.Aside, atom.Nav, atom.Footer:
			if !sure {
				return true
			}
		case atom.Body:
			return false
		}
		for _, names := range []string{attr(n, "class"), attr(n, "id")} {
			if len(names) < maxText && asideClass().MatchString(names) {
				return true
			}
		}
	}
	return false
}

// holdsHeading reports whether the page's first h1 is in an element.
func (h *head) holdsHeading(n *html.Node) bool {
	for _, e := range h.headings {
		if e.node.DataAtom == atom.H1 {
			return inside(e.node, n)
		}
	}
	return false
}

// Bounds of a line of authors, in characters and in authors.
const (
	longestByline = 100
	maxAuthors    = 10
)

// namesIn reads the authors in an element, each text in it for itself: names stand in elements of their own, beside the
// author's role and the date. In an element that is not sure to hold names, they must look like names.
func namesIn(n *html.Node, sure bool) []feed.Person {
	if sure {
		for d := range n.Descendants() {
			if hasWord(attr(d, "itemprop"), "name") {
				n = d
				break
			}
		}
	}
	if s := line(n); s == "" || !sure && utf8.RuneCountInString(s) > longestByline {
		return nil
	}
	var all []feed.Person
	joined, linked := true, false // whether the next name may follow at once; whether the last one is a link
	for d := range n.Descendants() {
		if d.Type != html.TextNode || len(all) == maxAuthors {
			continue
		}
		s := withoutBy(byEnd().ReplaceAllString(clean.Line(d.Data), ""))
		switch people, ok := clean.Byline("By " + s); {
		case s == "":
		case ok && (joined || linked && d.Parent.DataAtom == atom.A):
			all, joined, linked = addAuthor(all, people...), false, d.Parent.DataAtom == atom.A
		case sure && len(all) == 0 && isName(s):
			return addAuthor(all, clean.People(s)...)
		case joins(s):
			joined = true
		case len(all) > 0:
			return all // the role, the date
		}
	}
	return all
}

// joins reports whether a text between two names joins them.
func joins(s string) bool {
	switch strings.Trim(s, " ,;") {
	case "and", "&", "und", "et", "y":
		return true
	}
	return false
}

// by matches the words that stand before authors.
var by = late.Regexp(`(?i)^\s*(?:(?:written|posted|published|reported|words|story|text|edited|scritto|geschrieben|escrito|écrit|publicado) )?(?:by|von|par|por|di|da|door|av|af)(?:[:\s]+|$)|^(?:authors?|autore?n?|auteurs?|text|words)\s*:\s*`)

// byEnd matches where a line of authors ends and something else begins.
var byEnd = late.Regexp(`\s*(?:[|•·—–/]|\s-\s|\d|\s@|\bUpdated\b|\bPublished\b|\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d).*$`)

func withoutBy(s string) string {
	s = by().ReplaceAllString(strings.TrimSpace(s), "")
	return strings.Trim(s, " ,;:|-–—")
}

// isName reports whether a line can be names: it begins with a letter and is short.
func isName(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && len(strings.Fields(s)) <= 12 && utf8.RuneCountInString(s) <= longestByline
}
