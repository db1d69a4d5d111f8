package readable

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/markup"
)

// Own is what an author's own document says.
type Own struct {
	// Article has what the document says and its content, as that of [Read].
	Article feed.Article
	// Published and Updated are the dates of the document with what is wrong with them.
	Published, Updated Date
	// Broken says that some of its JSON-LD is not JSON.
	Broken bool
}

// ReadOwn makes an article of an HTML document that its author wrote or exported, which may be a fragment: its main part
// is the article, as it stands and however short, without navigation, asides, forms and scripts. Only a document that is a
// whole web page without a main part is read as one. Title is the one that is known already, "" if none; a heading that
// repeats it is left out. Addresses stay as they stand.
//
// A document without text gives an article without content. An error is one of markup that cannot be parsed.
func ReadOwn(text, title string, o Options) (Own, error) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return Own{}, unreadable("the HTML cannot be read (%w); save the article with fewer elements inside each other", err)
	}
	d := document{page: &markup.Page{Root: root}, options: o}
	d.head = readHead(d.page, o.Zone)
	d.head.own = true
	own := Own{Article: d.head.article(), Published: d.head.published, Updated: d.head.updated, Broken: d.head.broken}
	if title == "" {
		title = own.Article.Title
	}
	own.Article.Content, err = d.ownContent(title)
	return own, err
}

// ownContent returns what stands in the main part.
func (d *document) ownContent(title string) (string, error) {
	main := mainPart(d.page.Root)
	if main.DataAtom == atom.Body && isWebPage(main) {
		return d.content(feed.Article{Title: title})
	}
	unwanted := []atom.Atom{atom.Nav, atom.Aside, atom.Form, atom.Script, atom.Style, atom.Template, atom.Noscript}
	if main.DataAtom == atom.Body {
		unwanted = append(unwanted, atom.Header, atom.Footer)
	}
	if h1 := findElement(main, atom.H1); h1 != nil && sameLine(line(h1), title) {
		detach(h1)
	}
	for _, n := range elements(main, unwanted...) {
		detach(n)
	}
	return d.render(main)
}

// mainPart returns the part of the document that holds the article: of several candidates of one kind the longest.
func mainPart(root *html.Node) *html.Node {
	fits := []func(*html.Node) bool{
		func(n *html.Node) bool { return n.DataAtom == atom.Article },
		func(n *html.Node) bool { return n.DataAtom == atom.Main },
		func(n *html.Node) bool { return hasWord(attr(n, "role"), "main") },
	}
	found := make([]*html.Node, len(fits))
	longest := make([]int, len(fits))
	var walk func(n *html.Node, in uint)
	walk = func(n *html.Node, in uint) {
		if n.Type == html.ElementNode {
			for i, fit := range fits {
				if in&(1<<i) != 0 || !fit(n) {
					continue
				}
				in |= 1 << i // one within another is part of it
				if size := proseOf(n); found[i] == nil || size > longest[i] {
					found[i], longest[i] = n, size
				}
			}
		}
		for c := range n.ChildNodes() {
			walk(c, in)
		}
	}
	walk(root, 0)
	for _, n := range found {
		if n != nil {
			return n
		}
	}
	if body := findElement(root, atom.Body); body != nil {
		return body
	}
	return root
}

// isWebPage reports whether a body is that of a page of a site, saved as it is: a good part of its text is links.
func isWebPage(body *html.Node) bool {
	return len(elements(body, atom.A)) > 20 && linkedShare(body) > 0.3
}

// elements returns the elements of some kinds below a node.
func elements(root *html.Node, kinds ...atom.Atom) []*html.Node {
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(kinds, n.DataAtom) {
			all = append(all, n)
		}
	}
	return all
}
