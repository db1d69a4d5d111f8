package readable

import (
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/markup"
)

// Head makes an article of what a web page says about itself, and leaves its text alone: title, summary, authors, tags,
// language, lead image, dates and canonical link. Arguments are those of [Read]; zone is where dates are that name none.
//
// The errors are those of [Read] for what stands before the article and for error messages; one of class unreadable means
// that the page has no title either. A page with little text is one all the same.
func Head(page []byte, contentType string, address *url.URL, zone *time.Location) (feed.Article, error) {
	where := ""
	if address != nil {
		where = address.String()
	}
	p, err := markup.Parse(page, contentType, where)
	if err != nil {
		return feed.Article{}, err
	}
	h := readHead(p, zone)
	a, signs := h.article(), h.signs()
	if err := signs.refuse(html.EscapeString(beginning(p.Root))); err != nil {
		lost := lostWords().MatchString(signs.opening) && !signs.claims
		if feed.ClassOf(err) == feed.Unavailable || lost || a.Title == "" {
			return feed.Article{}, err
		}
	}
	if a.Title == "" {
		return feed.Article{}, unreadable("the page has no title")
	}
	return a, nil
}

// beginning is the text that a page shows, cut where it is longer than that of any wall.
func beginning(root *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if b.Len() > 8*wallSize {
			return
		}
		switch n.DataAtom {
		case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Head, atom.Svg:
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}
