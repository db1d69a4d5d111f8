package readable

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// Lengths of a text, in characters that can be seen.
const (
	shortest = 25   // of what is taken for an article that does not call itself one
	markSize = 140  // up to which a page with the marks of a wall is one; articles carry them too
	wallSize = 1500 // up to which a page may name itself a wall or an error; behind one stand few words
)

// signs are what of a page tells that it is no article. They are taken before the page is cut down.
type signs struct {
	opening  string // its title and its first headings, a line each
	marked   string // the wall whose marks stand in its source, "" for none
	password bool
	claims   bool // it says itself that it is an article
}

func (h *head) signs() signs {
	s := signs{claims: h.linked != nil || strings.EqualFold(h.meta("og:type"), "article") || h.meta("article:published_time") != ""}
	lines := append([]string{}, h.titles...)
	for _, e := range h.headings[:min(len(h.headings), 3)] {
		lines = append(lines, e.text)
	}
	s.opening = strings.Join(lines, "\n")
	for n := range h.root.Descendants() {
		switch n.DataAtom {
		case atom.Input:
			s.password = s.password || strings.EqualFold(attr(n, "type"), "password")
		case atom.Article:
			s.claims = true
		case atom.Script, atom.Iframe, atom.Div:
			if s.marked == "" {
				s.marked = markOf(n)
			}
		}
	}
	return s
}

// marks are what the source of a wall holds: in addresses and names of scripts, frames and boxes.
var marks = []struct{ word, wall string }{
	{"challenge-platform", "Cloudflare's browser check"}, {"cf-turnstile", "Cloudflare's browser check"}, {"cf-chl-", "Cloudflare's browser check"},
	{"captcha-delivery.com", "DataDome's bot check"}, {"px-captcha", "HUMAN's bot check"}, {"_incapsula_", "Imperva's bot check"},
	{"g-recaptcha", "a captcha"}, {"recaptcha/api", "a captcha"}, {"h-captcha", "a captcha"}, {"hcaptcha.com", "a captcha"},
	{"anubis", "Anubis, a proof-of-work check"},
}

func markOf(n *html.Node) string {
	for _, a := range n.Attr {
		if a.Key != "src" && a.Key != "class" && a.Key != "id" || len(a.Val) > maxText {
			continue
		}
		value := strings.ToLower(a.Val)
		for _, m := range marks {
			if strings.Contains(value, m.word) {
				return m.wall
			}
		}
	}
	return ""
}

var (
	// wallWords match the titles and headings of walls, lineWords the titles of what is shown when something went wrong.
	wallWords = late.Regexp(`(?im)^\W*(?:just a moment|attention required|are you a (?:robot|human)|robot check|verify(?:ing)? (?:that )?you(?:'|’)?(?: a|’)?re? (?:not a robot|human)|verifying your browser|` +
		`security (?:check|verification)|human verification|bot verification|pardon our interruption|ddos-guard|one moment,? please|checking your browser|please wait|making sure you(?:'|’)re not a bot|` +
		`access (?:to this page has been )?denied|request blocked|unusual traffic|you have been blocked)`)
	consentWords = late.Regexp(`(?im)^\W*(?:before you continue|we value your privacy|your privacy(?: choices)?|privacy settings|cookie (?:consent|settings|preferences|policy)|we use cookies|consent|datenschutz-?einstellungen|` +
		`ihre privatsphäre|wir verwenden cookies|gestion des cookies|votre vie privée|(?:su|tu) privacidad)`)
	loginWords = late.Regexp(`(?im)^\W*(?:log ?in|sign ?in|log on|anmelden|anmeldung|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar)\b`)
	scriptWord = late.Regexp(`(?i)(?:enable|activate|turn on|requires?|needs?|without) (?:\w+ ){0,3}javascript|javascript (?:is )?(?:required|disabled|not (?:enabled|available)|aktivieren)|javascript muss`)
	lostWords  = late.Regexp(`(?im)^\W*(?:(?:error|http|fehler|erreur)?\W*(?:404|410)\b|(?:page|article|story|file|url|content|seite|artikel)(?: \w+){0,2} (?:not found|nicht gefunden|no longer (?:exists|available)|does not exist|doesn(?:'|’)t exist)|not found$|` +
		`page (?:introuvable|non trouvée)|página no encontrada|pagina non trovata|seite nicht gefunden|oops\b)`)
	downWords = late.Regexp(`(?im)^\W*(?:(?:error|http)?\W*(?:500|502|503|504|429)\b\W*(?:$|[a-z])|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|internal server error|too many requests|` +
		`(?:site |scheduled )?(?:under )?maintenance|we(?:'|’)ll be (?:right )?back|wartungsarbeiten|application error|a fatal error)`)
)

// refuse returns an error when a page with this text is no article.
func (s signs) refuse(content string) error {
	text := clean.PlainText(content)
	size := visible(text)
	if size > wallSize {
		return nil
	}
	everything := s.opening + "\n" + clean.Summary(text, wallSize)
	switch {
	case wallWords().MatchString(s.opening):
		return wall(first(clean.Line, s.marked, "a bot check"))
	case consentWords().MatchString(s.opening):
		return wall("a consent page")
	case s.password && (size < markSize || loginWords().MatchString(s.opening)):
		return wall("a login page")
	case downWords().MatchString(s.opening):
		return feed.Classify(feed.Unavailable, fmt.Errorf("the page is an error message of its site (%s)", title(s.opening)))
	case lostWords().MatchString(s.opening) && !s.claims:
		return unreadable("the page is an error message of its site (%s)", title(s.opening))
	case size < markSize && s.marked != "" && !s.claims:
		return wall(s.marked)
	case size < 2*markSize && scriptWord().MatchString(everything) && !s.claims:
		return unreadable("the page shows its text only to browsers that run JavaScript; read it with render: true")
	case size >= shortest, s.claims && (size > 0 || holdsMedia(content)):
		return nil
	case size == 0:
		return unreadable("the page holds no text")
	}
	return unreadable("the page holds no article, only “%s”", clean.Summary(clean.Line(text), 80))
}

// wall is the error of a page that stands before the article: it may let us in next time.
func wall(name string) error {
	return feed.Classify(feed.Unavailable, errors.New(name+" stands before the article; ask the site to let your user agent in, or set cookies or headers of the source"))
}

func title(opening string) string {
	line, _, _ := strings.Cut(opening, "\n")
	return clean.Summary(clean.Line(line), 80)
}

// holdsMedia reports whether a content shows a picture or a film.
func holdsMedia(content string) bool {
	return strings.Contains(content, "<img ") || strings.Contains(content, "<video") || strings.Contains(content, "<iframe ")
}
