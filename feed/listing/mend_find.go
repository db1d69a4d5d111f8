package listing

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// trimPlace leaves out of an absolute address what does not say where it leads.
func trimPlace(link string) string {
	if rest, plain := strings.CutPrefix(link, "http://"); plain {
		link = "https://" + rest
	}
	end := strings.IndexAny(link, "?#")
	if end < 0 {
		end = len(link)
	}
	return strings.TrimSuffix(link[:end], "/") + link[end:]
}

// mostSpots bounds how many spots one article has.
const mostSpots = 24

// locate finds the spots of the known articles: by their links, or when fields has no link, by their titles. It is an
// error when too few of those that the page had are left.
func (r *repair) locate() error {
	r.spots = make([][]*html.Node, len(r.known.Articles))
	r.below = map[*html.Node]uint64{}
	if r.hasLinks() {
		r.locateLinks()
	} else {
		r.locateTitles()
	}
	here, listed, boxed := 0, 0, 0
	for i, a := range r.known.Articles {
		if !r.known.Aside && len(r.spots[i]) > 0 {
			if r.spots[i] = slices.DeleteFunc(r.spots[i], isAside); len(r.spots[i]) == 0 {
				boxed++
			}
		}
		if a.Listed {
			listed++
		}
		if len(r.spots[i]) > 0 {
			here++
		}
		for _, n := range r.spots[i] {
			for up := n; up != nil && r.below[up]&(1<<i) == 0; up = up.Parent {
				r.below[up] |= 1 << i
			}
		}
	}
	if least := needed(listed); here < least && here+boxed >= least {
		return errors.New("the known articles are only in a box beside the list, such as the most read")
	}
	if here == 0 {
		return errors.New("none of the articles that it had before is on the page")
	}
	if least := needed(listed); here < least {
		return fmt.Errorf("only %d of the %s that it had before %s on the page, too few to be sure", here, articleCount(listed), is(here))
	}
	return nil
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// needed is how many of so many articles must be found again. One article is not enough to tell what is like it.
func needed(listed int) int {
	if listed <= 3 {
		return 2
	}
	return max(3, (listed+2)/3)
}

func (r *repair) hasLinks() bool {
	with := 0
	for _, a := range r.known.Articles {
		if a.Values["link"] != "" {
			with++
		}
	}
	return with*2 > len(r.known.Articles)
}

// locateLinks finds the links to known articles.
func (r *repair) locateLinks() {
	places, tails := map[string]int{}, map[string]bool{}
	for i, a := range r.known.Articles {
		if link := a.Values["link"]; link != "" {
			at := place(link, "")
			if _, taken := places[at]; at != "" && !taken {
				places[at] = i
				tails[tail(at)] = true
			}
		}
	}
	for n := range r.page.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if end := tail(a.Val); !isAddress(a.Key) || end != "" && !tails[end] {
				continue
			}
			if i, ok := places[place(a.Val, r.page.Base)]; ok {
				if len(r.spots[i]) < mostSpots {
					r.spots[i] = append(r.spots[i], n)
				}
				break
			}
		}
	}
}

// isAddress reports whether an attribute may hold the address of an article.
func isAddress(key string) bool {
	switch key {
	case "href", "data-href", "data-url", "data-link":
		return true
	}
	return false
}

// tail is the last piece of an address's path, for a quick test; empty when that says nothing.
func tail(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	address = strings.TrimSuffix(strings.TrimSpace(address), "/")
	address = address[strings.LastIndexByte(address, '/')+1:]
	if strings.ContainsFunc(address, func(c rune) bool { return c > 0x7e || c == '%' || c <= ' ' }) {
		return "" // written in several ways
	}
	return address
}

// locateTitles finds the elements whose text is the title of a known article.
func (r *repair) locateTitles() {
	titles, starts := map[string]int{}, map[string]bool{}
	for i, a := range r.known.Articles {
		for _, t := range a.Raw["title"] {
			if _, taken := titles[t]; !taken && len(t) >= 8 {
				titles[t] = i
				starts[t[:8]] = true
			}
		}
	}
	for n := range r.page.Root.Descendants() {
		if n.Type != html.TextNode {
			continue
		}
		text := strings.TrimSpace(n.Data)
		if len(text) < 8 || !starts[text[:8]] {
			continue
		}
		up := n.Parent
		for range 4 {
			if up == nil || up.Type != html.ElementNode {
				break
			}
			if i, ok := titles[r.textOf(up)]; ok {
				if len(r.spots[i]) < mostSpots {
					r.spots[i] = append(r.spots[i], up)
				}
				break
			}
			up = up.Parent
		}
	}
}

// mostRegions bounds how many places of the page are looked at as the list.
const mostRegions = 4

// regions returns the smallest elements that hold nearly all known articles that are on the page. Several are of one page
// when it shows the list several times.
func (r *repair) regions() []*html.Node {
	all := bits.OnesCount64(r.below[r.page.Root])
	enough := max(needed(min(all, r.known.Listed)), (all*4+4)/5)
	var found []*html.Node
	var descend func(n *html.Node)
	descend = func(n *html.Node) {
		deeper := false
		for c := range n.ChildNodes() {
			if bits.OnesCount64(r.below[c]) >= enough && len(found) < mostRegions {
				deeper = true
				descend(c)
			}
		}
		if !deeper && len(found) < mostRegions {
			found = append(found, n)
		}
	}
	descend(r.page.Root)
	slices.SortStableFunc(found, func(a, b *html.Node) int { return bits.OnesCount64(r.below[b]) - bits.OnesCount64(r.below[a]) })
	return found
}

// group are the spots of articles that lie alike: one of each article.
type group struct {
	articles []int // ascending
	nodes    []*html.Node
}

// groups sorts the spots in a region by the names of the elements that lead to them, those with the most articles first.
func (r *repair) groups(region *html.Node) []group {
	byPath := map[string]*group{}
	var paths []string
	for i, nodes := range r.spots {
		for _, n := range nodes {
			if !isBelow(n, region) || n == region {
				continue
			}
			path := tagPath(n, region)
			g := byPath[path]
			if g == nil {
				g = &group{}
				byPath[path] = g
				paths = append(paths, path)
			}
			if len(g.articles) == 0 || g.articles[len(g.articles)-1] != i {
				g.articles, g.nodes = append(g.articles, i), append(g.nodes, n)
			}
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int { return len(byPath[b].articles) - len(byPath[a].articles) })
	var sorted []group
	for _, p := range paths[:min(len(paths), 4)] {
		sorted = append(sorted, *byPath[p])
	}
	return sorted
}

// tagPath names the elements from below top to n.
func tagPath(n, top *html.Node) string {
	var b strings.Builder
	for ; n != nil && n != top; n = n.Parent {
		b.WriteString(n.Data)
		b.WriteByte(' ')
	}
	return b.String()
}

// asides are the words by which boxes beside the articles are called.
var asides = []string{
	"sidebar", "related", "popular", "mostread", "most-read", "most_read", "trending", "recommend", "footer", "breadcrumb", "menu", "navbar", "beliebt", "meistgelesen",
}

// around are words in the names of elements that hold the articles as well: content-sidebar-wrap, has-sidebar.
var around = []string{"wrap", "with", "has", "content", "main", "layout", "page", "container"}

// isAside reports whether n, or what it is in, stands beside the articles of a page by its name.
func isAside(n *html.Node) bool {
	for ; n != nil && n.Data != "body" && n.Data != "main"; n = n.Parent {
		switch n.Data {
		case "aside", "nav", "footer":
			return true
		}
		if namesAside(attributeOf(n, "class")) || namesAside(attributeOf(n, "id")) {
			return true
		}
	}
	return false
}

func namesAside(text string) bool {
	for name := range strings.FieldsSeq(strings.ToLower(text)) {
		holds := func(word string) bool { return strings.Contains(name, word) }
		if slices.ContainsFunc(asides, holds) && !slices.ContainsFunc(around, holds) {
			return true
		}
	}
	return false
}
