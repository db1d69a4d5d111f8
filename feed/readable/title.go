package readable

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// title is the headline that the page names for machines, else the heading that its title element repeats, else its
// title element without the site's name, else its first heading.
func (h *head) title() string {
	shown := ""
	if len(h.titles) > 0 {
		shown = clean.Title(h.titles[0])
	}
	if named := h.named(shown); named != "" {
		return h.withoutSite(named)
	}
	if repeated := h.repeated(shown); repeated != "" {
		return repeated
	}
	if heading := h.firstHeading(); heading != "" && (h.own || shown == "" || strings.EqualFold(shown, h.site())) {
		return heading
	}
	if h.own {
		return shown
	}
	return withoutEnd(h.withoutSite(shown))
}

// named is the headline in words made for machines. JSON-LD gives two; that of readers tells which one is meant.
func (h *head) named(shown string) string {
	headline, name := clean.Title(h.linked.words("headline")), clean.Title(h.linked.words("name"))
	seen := shown + "\n" + clean.Title(h.meta("og:title"))
	if name != "" && !strings.Contains(seen, headline) && strings.Contains(seen, name) {
		headline = name
	}
	return first(clean.Title, headline, h.meta("dc:title", "dcterms:title"), h.meta("og:title"), name,
		h.meta("weibo:article:title", "title", "twitter:title", "parsely-title"))
}

// titleSeparator parts a headline from the name of its site.
var titleSeparator = late.Regexp(`\s+[|\-–—·•:»«/\\>~]+\s+|\s*[|»]\s*|\s::\s`)

// repeated is the heading that stands whole in the title, as its beginning or end up to a separator. Sites write their
// name behind more often than before.
func (h *head) repeated(title string) string {
	best, rank := "", 0
	for _, e := range h.headings {
		if r := standsIn(e.text, title); r > rank {
			best, rank = clean.Title(e.text), r
		}
	}
	return best
}

// standsIn tells how a heading stands in the title: 3 is all of it, 2 its beginning, 1 its end, 0 not at all.
func standsIn(heading, title string) int {
	if strings.EqualFold(heading, title) {
		return 3
	}
	if utf8.RuneCountInString(heading) < 4 {
		return 0
	}
	for _, at := range titleSeparator().FindAllStringIndex(title, -1) {
		if strings.EqualFold(heading, title[:at[0]]) {
			return 2
		}
		if strings.EqualFold(heading, title[at[1]:]) {
			return 1
		}
	}
	return 0
}

// firstHeading is the text of the page's first h1, "" when it has none.
func (h *head) firstHeading() string {
	for _, e := range h.headings {
		if e.node.DataAtom == atom.H1 {
			return clean.Title(e.text)
		}
	}
	return ""
}

// site is the name of the site, "" when the page does not say it.
func (h *head) site() string {
	return first(clean.Line, h.meta("og:site_name"), h.linked.within("publisher").words("name"), h.meta("application-name"))
}

// withoutSite takes the name of the site off the end or the beginning of a title.
func (h *head) withoutSite(title string) string {
	site := h.site()
	if site == "" {
		return title
	}
	for _, at := range titleSeparator().FindAllStringIndex(title, -1) {
		if strings.EqualFold(title[at[1]:], site) {
			return title[:at[0]]
		}
		if strings.EqualFold(title[:at[0]], site) {
			return title[at[1]:]
		}
	}
	return title
}

// fullTitle is how many words make a title of their own.
const fullTitle = 5

// withoutEnd takes the last part off a title whose site is unknown, when what is left is long enough to be the title.
func withoutEnd(title string) string {
	all := titleSeparator().FindAllStringIndex(title, -1)
	if len(all) == 0 {
		return title
	}
	if rest := title[:all[len(all)-1][0]]; len(strings.Fields(rest)) >= fullTitle {
		return rest
	}
	return title
}

// shownTitles are the texts that may stand above the article as its title.
func (h *head) shownTitles() []string {
	if len(h.titles) == 0 {
		return nil
	}
	shown := clean.Title(h.titles[0])
	titles := []string{shown, h.withoutSite(shown), withoutEnd(shown)}
	for _, e := range h.headings {
		if standsIn(e.text, shown) > 0 {
			titles = append(titles, e.text)
		}
	}
	return titles
}
