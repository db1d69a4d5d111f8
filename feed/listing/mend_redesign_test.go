package listing

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// site is a page on its way through a redesign, and what is on it.
type site struct {
	t      testing.TB
	page   *markup.Page
	old    Selectors
	env    field.Env
	known  Known
	items  []*html.Node      // of the articles that were there before
	seen   []feed.Article    // the same
	fresh  []*html.Node      // items that are new
	truth  map[string]string // title by link, of the articles that the page shows
	random *rand.Rand
}

func newSite(t testing.TB, text, address string, old Selectors, seed uint64) *site {
	t.Helper()
	p, err := markup.Parse([]byte(text), "text/html; charset=utf-8", address)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, page: p, old: old, truth: map[string]string{}, random: rand.New(rand.NewPCG(seed, 1))}
	s.env = field.Env{Base: p.Base, Location: time.UTC, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	taken, err := Take(t.Context(), p, old.Items, old.Fields, s.env)
	if err != nil {
		t.Fatal(err)
	}
	s.seen = taken.Articles
	for _, item := range taken.Found {
		s.items = append(s.items, item.Node)
	}
	for _, a := range s.seen {
		s.truth[a.Link] = a.Title
	}
	s.known = Known{}.With(t.Context(), p, &s.old.Fields, taken)
	return s
}

// elements gives all elements of the page but html, head and body.
func (s *site) elements() (all []*html.Node) {
	for n := range s.page.Root.Descendants() {
		if n.Type == html.ElementNode && n.Data != "html" && n.Data != "head" && n.Data != "body" {
			all = append(all, n)
		}
	}
	return all
}

var newNames = []string{"tile", "entry", "panel", "stack", "unit", "brick", "cell", "strip", "lead", "byline-x", "frame", "slab"}

// renameClasses gives every class and id another name: that of a build tool, or a word.
func (s *site) renameClasses(made bool) {
	names := map[string]string{}
	rename := func(old string) string {
		if names[old] == "" {
			names[old] = fmt.Sprintf("%s-%c%c", newNames[s.random.IntN(len(newNames))], 'a'+rune(len(names)%26), 'a'+rune(len(names)/26%26))
			if made {
				names[old] = fmt.Sprintf("css-%dx%xk", s.random.IntN(10), s.random.Uint32())
			}
		}
		return names[old]
	}
	for _, n := range s.elements() {
		for i, a := range n.Attr {
			if a.Key != "class" && a.Key != "id" {
				continue
			}
			var words []string
			for w := range strings.FieldsSeq(a.Val) {
				words = append(words, rename(w))
			}
			n.Attr[i].Val = strings.Join(words, " ")
		}
	}
}

func (s *site) dropClasses() {
	for _, n := range s.elements() {
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "class" || a.Key == "id" })
	}
}

// replaceTags makes other elements of those that the map names.
func (s *site) replaceTags(tags map[string]string) {
	for _, n := range s.elements() {
		if now := tags[n.Data]; now != "" {
			n.Data, n.DataAtom = now, 0
		}
	}
}

// modern puts articles for list items and rows, and other headings.
var modern = map[string]string{
	"ul": "div", "ol": "div", "li": "article", "h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "table": "section", "tbody": "div", "tr": "article",
	"td": "div", "th": "div", "article": "section", "p": "div", "dl": "div", "dt": "div", "dd": "div", "thead": "div",
}

// listed puts lists for articles and sections.
var listed = map[string]string{"section": "ul", "article": "li", "div": "section", "h2": "h3", "h3": "h4", "tr": "li", "tbody": "ul", "td": "span", "table": "div", "p": "span"}

// list is the smallest element that holds all items.
func (s *site) list() *html.Node {
	for top := s.items[0].Parent; top != nil; top = top.Parent {
		if !slices.ContainsFunc(s.items, func(n *html.Node) bool { return !isBelow(n, top) }) {
			return top
		}
	}
	return nil
}

func element(tag, class string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag}
	if class != "" {
		n.Attr = []html.Attribute{{Key: "class", Val: class}}
	}
	return n
}

// wrap puts every item into an element of its own, and the list into two.
func (s *site) wrap() {
	around := func(n, outer *html.Node) {
		n.Parent.InsertBefore(outer, n)
		n.Parent.RemoveChild(n)
		outer.AppendChild(n)
	}
	list := s.list()
	for _, n := range append(slices.Clone(s.items), s.fresh...) {
		around(n, element("div", "cell-outer"))
	}
	if list.Data != "body" {
		around(list, element("section", ""))
		around(list, element("div", "shell"))
	}
}

// move takes the list to the end of the page.
func (s *site) move() {
	list := s.list()
	if list.Data == "body" {
		return
	}
	body := list
	for body.Data != "body" {
		body = body.Parent
	}
	list.Parent.RemoveChild(list)
	main := element("div", "content-x")
	body.AppendChild(main)
	main.AppendChild(list)
}

// turn reverses the order inside every item.
func (s *site) turn() {
	for _, n := range append(slices.Clone(s.items), s.fresh...) {
		var children []*html.Node
		for n.FirstChild != nil {
			children = append(children, n.FirstChild)
			n.RemoveChild(n.FirstChild)
		}
		slices.Reverse(children)
		for _, c := range children {
			n.AppendChild(c)
		}
	}
}

// shuffle changes the order of the items.
func (s *site) shuffle() {
	for i := range s.items {
		j := s.random.IntN(i + 1)
		if i == j {
			continue
		}
		a, b := s.items[i], s.items[j]
		holder := element("hr", "")
		a.Parent.InsertBefore(holder, a)
		a.Parent.RemoveChild(a)
		b.Parent.InsertBefore(a, b)
		b.Parent.RemoveChild(b)
		holder.Parent.InsertBefore(b, holder)
		holder.Parent.RemoveChild(holder)
		s.items[i], s.items[j] = b, a
		s.seen[i], s.seen[j] = s.seen[j], s.seen[i]
	}
}

func copyOf(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, Data: n.Data, DataAtom: n.DataAtom, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for child := range n.ChildNodes() {
		c.AppendChild(copyOf(child))
	}
	return c
}

// another makes a copy of an item with another link and title.
func (s *site) another(i int, link, title string) *html.Node {
	c := copyOf(s.items[i])
	was := s.seen[i]
	for n := range c.Descendants() {
		s.readdress(n, was.Link, link)
	}
	s.readdress(c, was.Link, link)
	var retitle func(n *html.Node) bool
	retitle = func(n *html.Node) bool {
		for i, a := range n.Attr {
			if brief(a.Val) == brief(was.Title) {
				n.Attr[i].Val = title
			}
		}
		if n.Type == html.ElementNode && markup.Text(n) == was.Title && n.FirstChild != nil && (n.FirstChild.Type == html.TextNode && n.FirstChild == n.LastChild) {
			n.FirstChild.Data = title
			return true
		}
		done := false
		for child := range n.ChildNodes() {
			done = retitle(child) || done
		}
		return done
	}
	if !retitle(c) {
		return nil
	}
	return c
}

func (s *site) readdress(n *html.Node, was, now string) {
	for i, a := range n.Attr {
		if a.Key == "href" && place(a.Val, s.page.Base) == place(was, "") {
			n.Attr[i].Val = now
		}
	}
}

// news puts new articles above and drops as many old ones.
func (s *site) news(count int) {
	count = min(count, len(s.items)/2)
	for k := range count {
		link := fmt.Sprintf("%s/fresh/%d-story", strings.TrimSuffix(siteOf(s.page.Base), "/"), k+1)
		title := fmt.Sprintf("A fresh headline with number %d", k+1)
		c := s.another(k, link, title)
		if c == nil {
			continue
		}
		s.items[0].Parent.InsertBefore(c, s.items[0])
		s.fresh = append(s.fresh, c)
		s.truth[link] = title
	}
	for range count {
		last := len(s.items) - 1
		s.items[last].Parent.RemoveChild(s.items[last])
		delete(s.truth, s.seen[last].Link)
		s.items, s.seen = s.items[:last], s.seen[:last]
	}
}

// replace puts new articles in the place of all old ones.
func (s *site) replace() {
	for i := range s.items {
		c := s.another(i, fmt.Sprintf("%s/fresh/%d-story", siteOf(s.page.Base), i+1), fmt.Sprintf("A fresh headline with number %d", i+1))
		if c != nil {
			s.items[i].Parent.InsertBefore(c, s.items[i])
		}
		s.items[i].Parent.RemoveChild(s.items[i])
		s.items[i] = c
	}
	s.items = slices.DeleteFunc(s.items, func(n *html.Node) bool { return n == nil })
	clear(s.truth)
}

func siteOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// advertise puts advertisements between the items that are made as they are.
func (s *site) advertise(class string) {
	for i := 2; i < len(s.items); i += 4 {
		link := fmt.Sprintf("https://shop.example/buy?%d", i)
		if class != "" {
			link = fmt.Sprintf("%s/partner/%d", siteOf(s.page.Base), i) // the mark alone tells it
		}
		c := s.another(i, link, "Buy this, it is cheap today")
		if c == nil {
			continue
		}
		if class != "" {
			marked := html.Attribute{Key: "class", Val: attributeOf(c, "class") + " " + class}
			c.Attr = append(slices.DeleteFunc(c.Attr, func(a html.Attribute) bool { return a.Key == "class" }), marked)
		}
		s.items[i].Parent.InsertBefore(c, s.items[i])
	}
}

// box puts some known articles, and others, into a box beside the list.
func (s *site) box(tag, class string) {
	if len(s.items) == 0 {
		return
	}
	box, list := element(tag, class), element("ul", "")
	box.AppendChild(list)
	for i := range min(5, len(s.seen)) {
		a := s.seen[i]
		list.AppendChild(linkItem(a.Link, a.Title))
		list.AppendChild(linkItem(siteOf(s.page.Base)+fmt.Sprintf("/archive/%d", i), fmt.Sprintf("An old favourite of many, %d", i)))
	}
	first := s.list()
	if first.Data == "body" {
		first = s.items[0]
	}
	first.Parent.InsertBefore(box, first)
}

func linkItem(link, title string) *html.Node {
	li, a := element("li", ""), element("a", "")
	a.Attr = []html.Attribute{{Key: "href", Val: link}}
	a.AppendChild(&html.Node{Type: html.TextNode, Data: title})
	li.AppendChild(a)
	return li
}

// redesigns are what a site may do to a page.
var redesigns = []struct {
	name string
	do   func(*site)
}{
	{"classes renamed by a build tool", func(s *site) { s.renameClasses(true) }},
	{"classes renamed, new articles above, old ones dropped", func(s *site) { s.news(3); s.renameClasses(false) }},
	{"all classes gone", func(s *site) { s.dropClasses() }},
	{"articles for lists and tables", func(s *site) { s.news(2); s.replaceTags(modern); s.renameClasses(false) }},
	{"lists for articles and tables", func(s *site) { s.news(2); s.replaceTags(listed); s.renameClasses(true) }},
	{"wrapped and moved", func(s *site) { s.renameClasses(false); s.wrap(); s.move() }},
	{"order inside the items changed", func(s *site) { s.turn(); s.replaceTags(modern); s.renameClasses(false) }},
	{"order of the items changed", func(s *site) { s.shuffle(); s.renameClasses(true) }},
	{"marked advertisements between", func(s *site) { s.renameClasses(false); s.advertise("ad") }},
	{"campaigns under a name of their own between", func(s *site) { s.renameClasses(false); s.advertise("campaign-box") }},
	{"advertisements without a mark between", func(s *site) { s.renameClasses(true); s.advertise("") }},
	{"a box with known articles beside", func(s *site) { s.renameClasses(false); s.box("aside", "") }},
	{"a box without a name above", func(s *site) { s.renameClasses(true); s.box("div", "") }},
	{"everything at once", func(s *site) {
		s.news(3)
		s.turn()
		s.advertise("promo")
		s.box("aside", "")
		s.replaceTags(modern)
		s.renameClasses(false)
		s.wrap()
		s.move()
	}},
}

// controls are changes after which there must be no repair.
var controls = []struct {
	name string
	do   func(*site)
}{
	{"all articles are new", func(s *site) { s.replace(); s.renameClasses(false) }},
	{"known articles only in a box", func(s *site) { s.replace(); s.renameClasses(true); s.box("aside", "") }},
	{"known articles only in a box without a name", func(s *site) { s.replace(); s.renameClasses(true); s.box("div", "") }},
}

// verdict is what became of a repair.
type verdict int

const (
	right   verdict = iota // all articles of the page, and nothing else
	partial                // some of them, and nothing else
	wrong                  // something else
	none                   // no repair
)

// judge repairs the page and compares what comes out with what is on it.
func (s *site) judge() (verdict, Mend, string) {
	m, err := s.known.Repair(s.t.Context(), s.page, s.old, s.env)
	if err != nil {
		return none, m, err.Error()
	}
	got := map[string]bool{}
	for _, seen := range m.Taken.Articles {
		title, ok := s.truth[seen.Link]
		if !ok || title != seen.Title {
			return wrong, m, fmt.Sprintf("%s %q, want %q", seen.Link, seen.Title, title)
		}
		got[seen.Link] = true
	}
	for link := range s.truth {
		if !got[link] {
			return partial, m, "without " + link
		}
	}
	return right, m, ""
}
