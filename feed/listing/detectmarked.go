package listing

import (
	"path"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// marked are groups of what the markup itself calls articles: h-entry and hAtom (microformats), schema.org's articles as
// microdata, and article elements.
func (s *survey) marked(leads []lead) []*cluster {
	var all []*cluster
	for _, m := range []struct {
		way Way
		is  func(*html.Node) bool
	}{
		{ByMicro, func(n *html.Node) bool { return hasClass(n, "h-entry") || hasClass(n, "hentry") }},
		{ByMicro, isMicrodata},
		{ByStructure, func(n *html.Node) bool { return n.DataAtom == atom.Article }},
	} {
		if g := s.groupOf(leads, m.is); g != nil {
			g.way, g.is, g.trust = m.way, m.is, 1.1*g.trust
			all = append(all, g)
		}
	}
	return all
}

// isMicrodata reports whether an element is an article in the words of schema.org.
func isMicrodata(n *html.Node) bool {
	kind := path.Base(attr(n, "itemtype"))
	return strings.HasSuffix(kind, "Article") || kind == "BlogPosting" || kind == "Report" || kind == "DiscussionForumPosting" || kind == "LiveBlogPosting"
}

// groupOf makes a group of elements of a kind, each with the link that leads to its article. Elements within another one
// of the kind are parts of it. Nil when there are too few.
func (s *survey) groupOf(leads []lead, is func(*html.Node) bool) *cluster {
	g := &cluster{trust: 1}
	seen := map[string]bool{}
	next := 0
	for i := int32(0); i < int32(len(s.spots)); i++ {
		if s.spots[i].place > banner || !is(s.spots[i].node) {
			continue
		}
		end := s.spots[i].end
		for next < len(leads) && leads[next].at < i {
			next++
		}
		inside := leads[next:]
		for n := range inside {
			if inside[n].at >= end {
				inside = inside[:n]
				break
			}
		}
		l, ok := s.main(inside)
		if ok && !seen[l.href] {
			seen[l.href] = true
			g.leads, g.roots, g.heads, g.tails = append(g.leads, l), append(g.roots, i), append(g.heads, i), append(g.tails, end)
		}
		i = end - 1
	}
	if len(g.leads) < fewest {
		return nil
	}
	s.name(g, s.headings())
	return g
}

// main picks of the links of an element the one that leads to its article: the one that its markup names, else one in a heading,
// else the longest.
func (s *survey) main(leads []lead) (found lead, ok bool) {
	rank := -1
	for _, l := range leads {
		n := s.spots[l.at].node
		r := min(l.runes, 100)
		switch {
		case l.runes == 0 || l.inline:
			continue
		case hasClass(n, "u-url") && hasClass(n, "p-name") || attr(n, "rel") == "bookmark" && l.heading:
			r += 400
		case l.heading:
			r += 300
		case hasClass(n, "u-url") || attr(n, "rel") == "bookmark" || attr(n, "itemprop") == "url":
			r += 200
		case l.article < 0.3:
			r -= 50
		}
		if r > rank {
			found, rank, ok = l, r, true
		}
	}
	return found, ok
}
