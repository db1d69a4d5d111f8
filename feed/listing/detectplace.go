package listing

import (
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"
)

// region is the part of a page where something stands.
type region uint8

const (
	open       region = iota // nothing says what it is
	content                  // the page's main part, or an article
	banner                   // the head of the page
	navigation               // menus, breadcrumbs, pages of the list
	footer
	sidebar
	related  // other things to read, boxes of tags, share buttons
	comments // of readers
	regions
)

// what a place is called in explanations.
func (p region) String() string {
	return [regions]string{"the page", "the main part", "the head of the page", "a menu", "the footer", "a sidebar", "a box beside the articles", "readers' comments"}[p]
}

// weight is what a link in a place counts.
func (p region) weight() float64 {
	return [regions]float64{open: 1, content: 1.1, banner: 0.25, navigation: 0.08, footer: 0.06, sidebar: 0.2, related: 0.2, comments: 0.1}[p]
}

// byWord are the places that a word of a class or id tells. They are words of the trade of making pages.
var byWord = map[string]region{
	"nav": navigation, "navbar": navigation, "navigation": navigation, "menu": navigation, "submenu": navigation, "breadcrumb": navigation,
	"breadcrumbs": navigation, "pagination": navigation, "pager": navigation, "paging": navigation, "pagenavi": navigation, "paginator": navigation, "toolbar": navigation,
	"topbar": navigation, "megamenu": navigation, "toc": navigation, "tabs": navigation, "dropdown": navigation,
	"footer": footer, "foot": footer, "bottom": footer, "colophon": footer,
	"sidebar": sidebar, "sidebars": sidebar, "aside": sidebar, "rail": sidebar, "secondary": sidebar, "blogroll": sidebar,
	"related": related, "recommended": related, "recommendations": related, "popular": related, "trending": related, "mostread": related, "tagcloud": related,
	"cloud": related, "share": related, "sharing": related, "social": related, "sharedaddy": related, "promo": related, "sponsored": related, "sponsor": related, "sponsors": related, "advert": related,
	"ads": related, "ad": related, "newsletter": related, "cookie": related, "cookies": related, "consent": related, "modal": related, "popup": related, "login": related, "filters": related,
	"ticker": related, "tags": related, "archives": related,
	"comments": comments, "comment": comments, "commentlist": comments, "respond": comments, "disqus": comments,
}

// byRole are the places that an ARIA role tells.
var byRole = map[string]region{
	"navigation": navigation, "menu": navigation, "menubar": navigation, "tablist": navigation, "contentinfo": footer, "complementary": sidebar, "banner": banner, "search": related,
	"dialog": related, "alertdialog": related, "main": content, "feed": content, "article": content,
}

// placeOf tells the place of a spot, whose parent stands at around. What stands in a menu or footer stays there; of the
// rest the innermost word counts. A word on an element that holds most of the page says nothing of all of it.
func placeOf(s *survey, i int32, around region) region {
	if around > content {
		return around
	}
	p := &s.spots[i]
	found := open
	switch p.node.DataAtom {
	case atom.Nav, atom.Menu:
		found = navigation
	case atom.Footer:
		found = footer
	case atom.Aside:
		found = sidebar
	case atom.Header:
		if around == open {
			found = banner
		}
	case atom.Main, atom.Article:
		found = content
	case atom.Dialog:
		found = related
	case atom.Body, atom.Html, atom.A:
		return around
	}
	if by, ok := byRole[attr(p.node, "role")]; ok {
		found = by
	}
	if found == open {
		found = wordOf(attr(p.node, "id"))
	}
	if found == open {
		found = wordOf(attr(p.node, "class"))
	}
	if found == open && around == open {
		found = boxOf(attr(p.node, "class"))
	}
	if found == open || found > content && 2*p.text > s.spots[s.body].text {
		return around
	}
	return found
}

// wordOf tells a place from the last word of a name, or the first. One in the middle belongs to something else.
func wordOf(names string) region {
	for name := range strings.FieldsSeq(names) {
		words := wordsOf(name)
		for _, word := range []string{words[len(words)-1], words[0]} {
			if p, ok := byWord[word]; ok {
				return p
			}
		}
	}
	return open
}

// boxOf finds the word widget, which means a box of a sidebar unless the main part is built of them.
func boxOf(names string) region {
	for name := range strings.FieldsSeq(names) {
		if words := wordsOf(name); words[0] == "widget" || words[0] == "widgets" {
			return sidebar
		}
	}
	return open
}

// wordsOf cuts a name at its hyphens, underscores and capitals.
func wordsOf(name string) []string {
	name = strings.TrimRightFunc(name, func(r rune) bool { return unicode.IsDigit(r) || r == '-' || r == '_' })
	var words []string
	start := 0
	cut := func(end int) {
		if end > start {
			words = append(words, strings.ToLower(name[start:end]))
		}
	}
	lower := false
	for i, r := range name {
		switch {
		case r == '-' || r == '_' || r == ':':
			cut(i)
			start = i + 1
		case unicode.IsUpper(r) && lower:
			cut(i)
			start = i
		}
		lower = unicode.IsLower(r)
	}
	cut(len(name))
	if len(words) == 0 {
		return []string{""}
	}
	return words
}
