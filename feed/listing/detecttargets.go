package listing

import (
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/late"
)

// targets tells where the links of a page lead.
type targets struct {
	base *url.URL
	self string
	dir  string
	seen map[string]string
}

func newTargets(base string) *targets {
	u, err := url.Parse(base)
	if err != nil {
		u = &url.URL{}
	}
	t := &targets{base: u, seen: map[string]string{}}
	t.self, t.dir = plain(u), dirOf(u)
	return t
}

// of is the absolute address that a link leads to, "" when that is no other page.
func (t *targets) of(n *html.Node) string {
	href := strings.TrimSpace(attr(n, "href"))
	if href == "" || href[0] == '#' {
		return ""
	}
	if to, ok := t.seen[href]; ok {
		return to
	}
	to := t.resolve(href)
	t.seen[href] = to
	return to
}

func (t *targets) resolve(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return ""
	}
	u = t.base.ResolveReference(u)
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || plain(u) == t.self {
		return ""
	}
	if strings.HasPrefix(u.Fragment, "comment") || strings.HasPrefix(u.Fragment, "respond") || strings.HasPrefix(u.Fragment, "disqus") {
		return "" // the readers' part of an article that has a link of its own
	}
	if picture().MatchString(u.Path) {
		return ""
	}
	return u.String()
}

// picture matches the paths of files that are no articles.
var picture = late.Regexp(`(?i)\.(?:jpe?g|png|gif|webp|svg|avif|css|js|ico)$`)

// below reports whether an address lies under that of the page.
func (t *targets) below(address string) bool {
	if t.dir == "" {
		return false
	}
	rest, ok := strings.CutPrefix(address, t.dir)
	return ok && strings.Trim(rest, "/") != "" && rest[0] != '?'
}

// dirOf is the address of a page as the beginning of what lies below it, "" for the front page of a site.
func dirOf(u *url.URL) string {
	dir := u.Path
	if file := path.Base(dir); strings.Contains(file, ".") && !strings.HasSuffix(dir, "/") {
		dir = path.Dir(dir)
	}
	if strings.Trim(dir, "/.") == "" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(dir, "/") + "/"}).String()
}

// plain is an address without what makes no other page of it.
func plain(u *url.URL) string {
	v := *u
	v.Fragment, v.RawFragment = "", ""
	return strings.TrimSuffix(v.String(), "/")
}

var (
	// index matches the addresses of lists: of a topic, a writer, a month, another page of a list, and of what a site is
	// operated with.
	index = late.Regexp(`(?i)/(?:tags?|label|labels|categor(?:y|ies|ia)|kategorie|topics?|rubri[ck]\w*|authors?|aut[o]r|users?|profile|members?|account|search|archives?|page|login|signup|register|signin|` +
		`privacy|terms|contact|about|help|faq|imprint|impressum|subscribe|share|intent|feed|rss|cart|wishlist)(?:[/.]|$)|[?&](?:page|paged|cat|tag|author|sort|order|replytocom|share|start|p_l_id)=|` +
		`/\d{4}/(?:\d{1,2}/)?$|(?:facebook|twitter|x|linkedin|pinterest|instagram|whatsapp|t|reddit)\.(?:com|me)/(?:share|intent|sharer|submit|pin/create|shareArticle)`)
	// dated matches addresses with a date.
	dated = late.Regexp(`[/\-_](?:19|20)\d\d[/\-_](?:0?[1-9]|1[0-2])(?:[/\-_]|$)|/(?:19|20)\d{6}[/\-_]`)
	// numbered matches addresses with the number of an article.
	numbered = late.Regexp(`\d{4,}|[?&](?:id|p|t|nid|aid|newsid|article|topic|story)=\w+|/\d+(?:[/\-.]|$)`)
)

// articleLike rates an address from 0, which leads to a list or a service, to 1, which can only be an article's.
func articleLike(address string) float64 {
	if index().MatchString(address) {
		return 0.1
	}
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	last := path.Base(strings.TrimSuffix(u.Path, "/"))
	words := strings.FieldsFunc(last, func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '+' })
	switch {
	case dated().MatchString(u.Path):
		return 1
	case len(words) >= 4:
		return 1
	case numbered().MatchString(u.RequestURI()):
		return 0.8
	case len(words) == 3:
		return 0.7
	case strings.Trim(u.Path, "/") == "" && u.RawQuery == "":
		return 0.2 // the front page of a site
	case strings.Count(strings.Trim(u.Path, "/"), "/") >= 1 || len(words) == 2:
		return 0.5
	default:
		return 0.35
	}
}
