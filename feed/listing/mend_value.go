package listing

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// way is how the value of a word may be had from an element: which of several, and which attribute.
type way struct{ which, attr string }

// finds are, by way and item, the elements that give the value that is known of the item's article.
type finds struct {
	ways  []way // in the order of their worth
	nodes map[way][][]*html.Node
	items int
}

func (f *finds) add(w way, item int, n ...*html.Node) {
	if f.nodes[w] == nil {
		f.ways = append(f.ways, w)
		f.nodes[w] = make([][]*html.Node, f.items)
	}
	if f.nodes[w][item] == nil {
		f.nodes[w][item] = n
	}
}

// mostLooks bounds how many nodes are looked at in all for the values of fields.
const mostLooks = 6_000_000

// longestLine bounds the text of an element that may be a value.
const longestLine = 20_000

// textOf returns the text of an element as [brief] has it; empty when it is too long, or too much was looked at already.
func (r *repair) textOf(n *html.Node) string {
	var b strings.Builder
	if !r.gather(&b, n) {
		return ""
	}
	return brief(b.String())
}

func (r *repair) gather(b *strings.Builder, n *html.Node) bool {
	if r.looks++; r.looks > mostLooks || b.Len() > longestLine {
		return false
	}
	switch n.Type {
	case html.TextNode:
		b.WriteString(n.Data)
		return true
	case html.ElementNode:
		switch n.Data {
		case "script", "style", "template", "noscript", "iframe":
			return true
		case "span", "a", "b", "i", "em", "strong", "small", "time", "mark", "abbr", "sup", "sub", "u", "font", "cite", "code", "label", "bdi":
		default:
			b.WriteByte(' ')
			defer b.WriteByte(' ')
		}
	}
	for c := range n.ChildNodes() {
		if !r.gather(b, c) {
			return false
		}
	}
	return true
}

// search finds in every item the elements that give what is known of a word of its article.
func (r *repair) search(word string, items []*html.Node, articles []int) *finds {
	f := &finds{nodes: map[way][][]*html.Node{}, items: len(items)}
	for i, item := range items {
		known := r.known.Articles[articles[i]]
		if known.Values[word] == "" {
			continue
		}
		switch word {
		case "link":
			r.searchLink(f, i, item, known)
		case "image", "audio":
			r.searchAddress(f, i, item, known.Values[word], word)
		case "published", "updated", "expires":
			r.searchTexts(f, i, item, known.Raw[word])
			r.searchDate(f, i, item, known.Values[word])
		default:
			r.searchTexts(f, i, item, known.Raw[word])
		}
	}
	return f
}

// each gives an item and the elements in it.
func each(item *html.Node, yield func(*html.Node)) {
	yield(item)
	for n := range item.Descendants() {
		if n.Type == html.ElementNode {
			yield(n)
		}
	}
}

func (r *repair) searchLink(f *finds, i int, item *html.Node, known KnownArticle) {
	at := place(known.Values["link"], "")
	var links []*html.Node
	var attr string
	each(item, func(n *html.Node) {
		r.looks++
		for _, a := range n.Attr {
			if isAddress(a.Key) && (attr == "" || attr == a.Key) && place(a.Val, r.page.Base) == at {
				attr = a.Key
				links = append(links, n)
				return
			}
		}
	})
	if len(links) == 0 {
		return
	}
	for _, n := range links {
		if isHeading(n.Parent) || len(known.Raw["title"]) > 0 && r.textOf(n) == known.Raw["title"][0] || hasHeading(n) {
			f.add(way{"title", attr}, i, n)
			break
		}
	}
	f.add(way{"first", attr}, i, links[0])
	f.add(way{"last", attr}, i, links[len(links)-1])
	f.add(way{"all", attr}, i, links...)
}

func isHeading(n *html.Node) bool {
	return n != nil && len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6'
}

func hasHeading(n *html.Node) bool {
	for c := range n.Descendants() {
		if isHeading(c) {
			return true
		}
	}
	return false
}

// searchTexts finds elements, and attributes, with the texts of a word: each text in one place.
func (r *repair) searchTexts(f *finds, i int, item *html.Node, texts []string) {
	if len(texts) == 0 {
		return
	}
	chains := make([][]*html.Node, len(texts))
	whole := brief(strings.Join(texts, " "))
	each(item, func(n *html.Node) {
		text := r.textOf(n)
		if k := slices.Index(texts, text); k >= 0 && (len(chains[k]) == 0 || isBelow(n, chains[k][0])) {
			chains[k] = append(chains[k], n)
		}
		if len(texts) > 1 && text == whole {
			f.add(way{"whole", ""}, i, n)
		}
	})
	var deepest, highest, headings []*html.Node
	for _, chain := range chains {
		if len(chain) == 0 {
			r.searchAttribute(f, i, item, texts)
			return
		}
		deepest, highest = append(deepest, chain[len(chain)-1]), append(highest, chain[0])
		if at := slices.IndexFunc(chain, isHeading); at >= 0 {
			headings = append(headings, chain[at])
		}
	}
	if len(headings) == len(texts) {
		f.add(way{"heading", ""}, i, headings...)
	}
	if !slices.Contains(highest, item) {
		f.add(way{"highest", ""}, i, highest...)
	}
	f.add(way{"deepest", ""}, i, deepest...)
	r.searchAttribute(f, i, item, texts)
}

// searchAttribute finds the first attribute with the first text of a word.
func (r *repair) searchAttribute(f *finds, i int, item *html.Node, texts []string) {
	if len(texts) > 1 {
		return
	}
	each(item, func(n *html.Node) {
		r.looks++
		for _, a := range n.Attr {
			if a.Key != "class" && a.Key != "style" && a.Key != "id" && a.Namespace == "" && brief(a.Val) == texts[0] {
				f.add(way{"attribute", a.Key}, i, n)
			}
		}
		if id := attributeOf(n, "id"); n == item && id != "" && id == texts[0] {
			f.add(way{"attribute", "id"}, i, n)
		}
	})
}

// searchAddress finds the elements that show a picture or a sound: where their address ends as it did.
func (r *repair) searchAddress(f *finds, i int, item *html.Node, address, word string) {
	end := tail(address)
	each(item, func(n *html.Node) {
		r.looks++
		shown := markup.Match{Page: r.page, Node: n}
		switch {
		case end == "":
		case word == "image" && n.Data == "img" && tail(shown.Image()) == end:
			f.add(way{"picture", ""}, i, n)
		case word == "audio" && tail(shown.Address()) == end:
			f.add(way{"sound", ""}, i, n)
		}
	})
}

// searchDate finds the elements that say the same day.
func (r *repair) searchDate(f *finds, i int, item *html.Node, value string) {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return
	}
	each(item, func(n *html.Node) {
		r.looks++
		for _, a := range n.Attr {
			if (a.Key == "datetime" || a.Key == "content" || a.Key == "title" || strings.HasPrefix(a.Key, "data-")) && r.isDay(a.Val, at) {
				f.add(way{"date", a.Key}, i, n)
			}
		}
		if n.FirstChild != nil && n.FirstChild == n.LastChild && n.FirstChild.Type == html.TextNode && r.isDay(n.FirstChild.Data, at) {
			f.add(way{"date", ""}, i, n)
		}
	})
}

// isDay reports whether a text is a date of the same day.
func (r *repair) isDay(text string, at time.Time) bool {
	if len(text) < 6 || len(text) > 80 || !hasDigit(text) {
		return false
	}
	zone := r.env.Location
	if zone == nil {
		zone = time.UTC
	}
	said, err := clean.WildDate(strings.TrimSpace(text), zone, r.env.Now)
	return err == nil && sameDay(said, at, zone)
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// same reports whether a word of an article came out as it was.
func (r *repair) same(word, now, before string) bool {
	switch word {
	case "link":
		return place(now, "") == place(before, "")
	case "image", "audio":
		return tail(now) == tail(before) && tail(now) != ""
	case "published", "updated", "expires":
		a, err := time.Parse(time.RFC3339, now)
		b, err2 := time.Parse(time.RFC3339, before)
		zone := r.env.Location
		if zone == nil {
			zone = time.UTC
		}
		return err == nil && err2 == nil && sameDay(a, b, zone)
	}
	return brief(now) == before
}

// ruled returns, for each rule of a word that chooses anything, the rules in which it does so with another selector. What
// it does with what it chose stays, and so do the other rules. A rule that has its attribute apart keeps it apart.
func ruled(rules field.Rules[markup.Selector], text, attr string) (all []field.Rules[markup.Selector]) {
	for i, rule := range rules {
		written := text
		switch {
		case rule.Select.IsZero() && rule.Attr == "", rule.Attr != "" && attr == "":
			continue
		case rule.Attr != "":
			rule.Attr = attr
		case attr != "":
			written += "@" + attr
		}
		s, err := markup.Compile(written)
		if err != nil {
			continue
		}
		rule.Select = s
		now := slices.Clone(rules)
		now[i] = rule
		all = append(all, now)
	}
	return all
}

// chooses reports whether any rule looks at the page.
func chooses(rules field.Rules[markup.Selector]) bool {
	return slices.ContainsFunc(rules, func(rule field.Rule[markup.Selector]) bool { return !rule.Select.IsZero() || rule.Attr != "" })
}
