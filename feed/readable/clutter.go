package readable

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/late"
)

// clutterWords are the words of classes and ids by which sites call what stands around and within an article and is none of
// it. They count as whole words: "related-links" and "relatedLinks" hold related, "unrelated" does not.
var clutterWords = wordSet(`ad ads advert adverts advertisement advertising adsense adslot dfp sponsor sponsored promo promos promotion
	outbrain taboola zergnet recirc recirculation recommended recommendation recommendations related readmore mostread
	mostpopular popular trending newsletter newsletters signup subscribe subscription paywall
	share shares sharing sharebar social socials sharedaddy addthis addtoany
	comment comments commentlist disqus respond reactions livefyre
	breadcrumb breadcrumbs crumbs pagination pager
	cookie cookies consent gdpr popup modal overlay lightbox tooltip
	nav navbar navigation menu megamenu topbar toolbar masthead skiplink
	tags taglist keywords`)

// clutterPairs are such names of two words.
var clutterPairs = []string{"read-more", "read-next", "see-also", "also-like", "also-read", "more-from", "more-on", "more-stories", "most-read",
	"most-popular", "author-bio", "author-box", "about-author", "author-info", "bio-box", "story-footer", "article-footer", "post-footer", "entry-footer",
	"next-article", "next-post", "prev-post", "post-navigation", "print-only", "screen-reader", "sr-only", "visually-hidden", "skip-link", "skip-to",
	"in-article-promo", "teaser-list", "follow-us", "app-promo", "email-signup", "sign-up", "tag-list", "post-tags", "article-tags", "entry-tags"}

// clutterRoles are the roles (WAI-ARIA) of such elements.
var clutterRoles = []string{"navigation", "menu", "menubar", "search", "dialog", "alertdialog", "banner", "contentinfo", "tooltip"}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// clearClutter takes out of a page what names itself as something other than its text. An element that holds the page's
// heading, or much of its prose, is kept whatever its name.
func clearClutter(root *html.Node) {
	c := clearing{total: prose(root), known: map[string]bool{}}
	for n := range root.ChildNodes() {
		c.clear(n)
	}
	for _, n := range c.gone {
		detach(n)
	}
}

type clearing struct {
	total int
	known map[string]bool // what was found of classes and ids; pages repeat them
	gone  []*html.Node
}

// mostCleared is how much of a page's prose one piece of clutter may hold at most.
const mostCleared = 0.25

// longestNoscript bounds, in bytes, the source of the picture that stands in for a lazy one.
const longestNoscript = 4096

// clear looks at an element after all in it, and returns how much prose it holds and whether it holds a heading of the
// first level.
func (c *clearing) clear(n *html.Node) (size int, heading bool) {
	if n.Type != html.ElementNode {
		return 0, false
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Svg:
		return 0, false
	case atom.Noscript: // its content is a text that others would parse once more; that of one picture is short
		if len(text(n)) > longestNoscript {
			c.gone = append(c.gone, n)
		}
		return 0, false
	case atom.P, atom.Pre, atom.Code: // coloured code calls its comments comments
		return proseOf(n), false
	case atom.H1:
		return 0, true
	}
	for child := range n.ChildNodes() {
		s, h := c.clear(child)
		size, heading = size+s, heading || h
	}
	if !heading && float64(size) <= mostCleared*float64(c.total) && c.isClutter(n) {
		c.gone = append(c.gone, n)
		return 0, false
	}
	return size, heading
}

// prose is the length of all paragraphs below a node.
func prose(root *html.Node) int {
	size := 0
	for n := range root.Descendants() {
		if n.DataAtom == atom.P {
			size += proseOf(n)
		}
	}
	return size
}

func proseOf(n *html.Node) int {
	size := 0
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			size += len(d.Data)
		}
	}
	return size
}

// isClutter reports whether an element names itself as something other than a text.
func (c *clearing) isClutter(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Dialog, atom.Menu:
		return true
	case atom.Html, atom.Head, atom.Body, atom.Main, atom.Article, atom.Table, atom.Tbody, atom.Tr, atom.Td, atom.Th, atom.Pre, atom.Code,
		atom.Figure, atom.Picture, atom.Img, atom.Video, atom.Audio, atom.Iframe, atom.Blockquote, atom.A:
		return false
	}
	if role := attr(n, "role"); role != "" && containsFold(clutterRoles, role) {
		return true
	}
	return c.isName(attr(n, "class")) || !isHeading(n) && n.DataAtom != atom.Span && isClutterID(attr(n, "id"))
}

func (c *clearing) isName(names string) bool {
	if names == "" || len(names) > longestNames {
		return false
	}
	is, known := c.known[names]
	if !known {
		is = isClutterName(names)
		c.known[names] = is
	}
	return is
}

// longestNames bounds, in bytes, what is looked at of a class or id.
const longestNames = 500

func isClutterName(names string) bool {
	for name := range strings.FieldsSeq(names) {
		parts := nameParts(name)
		for _, p := range parts {
			if clutterWords[p] {
				return true
			}
		}
		whole := strings.Join(parts, "-")
		for _, pair := range clutterPairs {
			if strings.Contains("-"+whole+"-", "-"+pair+"-") {
				return true
			}
		}
	}
	return false
}

// plainParts are what names of clutter have besides; an id with other words may be made of a heading of the text, such as
// "comments-on-the-draft".
var plainParts = wordSet(`bar box block area wrap wrapper container section module widget list links link items item posts post articles article
	stories story content inner outer form footer header top bottom left right main site page global primary secondary 1 2 3 4`)

func isClutterID(id string) bool {
	if id == "" || len(id) > longestNames {
		return false
	}
	clutter := false
	for _, p := range nameParts(id) {
		if !clutterWords[p] && !plainParts[p] {
			return false
		}
		clutter = clutter || clutterWords[p]
	}
	return clutter
}

// hump is where a name in camel case is parted.
var hump = late.Regexp(`([\p{Ll}\d])(\p{Lu})`)

// nameParts parts a name at its marks and humps, in small letters.
func nameParts(name string) []string {
	return strings.FieldsFunc(strings.ToLower(hump().ReplaceAllString(name, "$1-$2")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
