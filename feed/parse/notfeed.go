package parse

import (
	"fmt"
	"slices"
	"strings"

	"feedmill/feed/clean"
	"feedmill/feed/late"

	"golang.org/x/net/html"
)

// Kind is what a document is instead of a feed.
type Kind string

// What documents turn out to be.
const (
	Page      Kind = "page"      // a web page
	Login     Kind = "login"     // a web page that asks for a password
	Challenge Kind = "challenge" // a bot wall or captcha
	OPML      Kind = "opml"      // a list of feeds
	Sitemap   Kind = "sitemap"   // a list of pages
	XML       Kind = "xml"       // some other XML
	JSON      Kind = "json"      // some other JSON
	Text      Kind = "text"      // no markup at all
	Empty     Kind = "empty"     // nothing
)

// NotFeed is the error of a document that is something else than a feed.
type NotFeed struct {
	Kind Kind
	// Root is the name of the element that an XML document starts with.
	Root string
	// Title is the title of a web page.
	Title string
	// Feeds are the absolute addresses of the feeds that a web page names (link rel="alternate").
	Feeds []string
}

func (n *NotFeed) Error() string {
	titled := ""
	if n.Title != "" {
		titled = fmt.Sprintf(" (“%s”)", n.Title)
	}
	switch n.Kind {
	case Login:
		return "this is a login page" + titled + ", not a feed: the site wants a password or a cookie; set auth, headers or cookies of the source"
	case Challenge:
		return "this is a bot wall or captcha" + titled + ", not a feed: the site does not let programs in; ask its owner to allow your user agent, or use another address"
	case Page:
		if len(n.Feeds) > 0 {
			return "this is a web page" + titled + ", not a feed; its feed is " + strings.Join(n.Feeds, " or ")
		}
		return "this is a web page" + titled + ", not a feed, and it names none; look for the feed's address on the site"
	case OPML:
		return "this is a list of feeds (OPML), not a feed; use it with opml:"
	case Sitemap:
		return "this is a sitemap, not a feed; use it with sitemap:"
	case XML:
		return fmt.Sprintf("this is XML, but no feed: it begins with <%s>; a feed begins with <rss>, <feed> or <rdf:RDF>", n.Root)
	case JSON:
		return "this is JSON, but no JSON Feed: it has no version of jsonfeed.org and no list of items; read it with json:"
	case Empty:
		return "the document is empty"
	default:
		return "this is text, not a feed"
	}
}

// anyTag matches the first start tag of a document.
var anyTag = late.Regexp(`<([\pL_][\pL\pN_.:\-]*)`)

// htmlDoctype matches a document that says it is HTML, whose first element may be any (HTML, section 13.1.2.4).
var htmlDoctype = late.Regexp(`(?i)^\s*(?:<!--[^>]*-->\s*)*<!doctype\s+html`)

// notXMLFeed tells what a text without the start of a feed is.
func notXMLFeed(text, base string) error {
	root := anyTag().FindStringSubmatch(withoutComments(text))
	if root == nil {
		return &NotFeed{Kind: Text}
	}
	switch name := strings.ToLower(root[1]); name {
	case "opml":
		return &NotFeed{Kind: OPML, Root: root[1]}
	case "urlset", "sitemapindex":
		return &NotFeed{Kind: Sitemap, Root: root[1]}
	default:
		if htmlDoctype().MatchString(text) || name == "html" || name == "head" || name == "body" || name == "script" || name == "meta" || name == "title" || isHTML(name) {
			return page(text, base)
		}
		return &NotFeed{Kind: XML, Root: clean.Line(root[1])}
	}
}

func withoutComments(text string) string {
	for {
		text = strings.TrimSpace(text)
		rest, ok := strings.CutPrefix(text, "<!--")
		if !ok {
			return text
		}
		_, text, _ = strings.Cut(rest, "-->")
	}
}

// wall matches what the bot walls in use say in their pages.
var wall = late.Regexp(`(?i)<title>\s*(?:just a moment|attention required|access denied|are you a robot|robot check|` +
	`verify(?:ing)? you are human|security check|human verification|pardon our interruption|ddos-guard|one moment, please)|` +
	`cf-chl-|challenge-platform|g-recaptcha|h-captcha|hcaptcha\.com|captcha-delivery\.com|_incapsula_|px-captcha|/_guard/|anubis_challenge`)

// page tells what a web page is and which feeds it names.
func page(text, base string) *NotFeed {
	const within = 512 << 10 // what stands further down names no feed
	text = text[:min(len(text), within)]
	n := &NotFeed{Kind: Page}
	password := false
	tokens := html.NewTokenizer(strings.NewReader(text))
	for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := tokens.Token()
		switch t.Data {
		case "title":
			if n.Title == "" && tokens.Next() == html.TextToken {
				n.Title = clean.Summary(clean.Line(tokens.Token().Data), 80)
			}
		case "base":
			if to, err := clean.URL(value(t, "href"), base); err == nil {
				base = to
			}
		case "input":
			password = password || strings.EqualFold(value(t, "type"), "password")
		case "link":
			if to := alternate(t, base); to != "" && len(n.Feeds) < 5 && !slices.Contains(n.Feeds, to) {
				n.Feeds = append(n.Feeds, to)
			}
		}
	}
	switch {
	case len(n.Feeds) > 0:
	case wall().MatchString(text):
		n.Kind = Challenge
	case password:
		n.Kind = Login
	}
	return n
}

// alternate returns the address of the feed that a link element names.
func alternate(t html.Token, base string) string {
	switch strings.ToLower(clean.Line(value(t, "type"))) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json":
	default:
		return ""
	}
	for rel := range strings.FieldsSeq(strings.ToLower(value(t, "rel"))) {
		if rel == "alternate" || rel == "feed" {
			to, _ := clean.URL(value(t, "href"), base)
			return to
		}
	}
	return ""
}

func value(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
