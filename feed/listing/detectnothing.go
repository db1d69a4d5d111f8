package listing

import (
	"errors"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/markup"
)

// nothing is the error of a page that lists no articles: what it is instead, and what to do.
func (s *survey) nothing(page *markup.Page, all []*cluster) error {
	what := s.whatItIs(page)
	class := feed.Unreadable
	var advice string
	switch what {
	case isLogin:
		class = feed.Refused
		advice = "it is a login page: the site wants a password or a cookie; set auth, headers or cookies under fetch: of the source"
	case isWall:
		class = feed.Refused
		advice = "it is a bot check or captcha, which keeps programs out; ask whoever runs the site to let feedmill in, or look for another address"
	case isShell:
		advice = "it is empty until a browser runs its scripts; write render: true under page:, which reads it with Chromium"
	case isArticle:
		advice = "it is a single article, not a list of articles; write the address of the page that lists them"
	default:
		advice = "nothing on it looks like a list of articles; write items and fields under page: to say where they are, or render: true if a browser shows more than the page's source"
		if len(all) == 0 {
			advice = "it has no list of links; write the address of the page that lists the articles, or render: true under page: if a browser shows more than the page's source"
		}
	}
	return feed.Classify(class, errors.New("no articles were found on the page: "+advice))
}

// What a page without a list is.
const (
	isOther = iota
	isLogin
	isWall
	isShell
	isArticle
)

func (s *survey) whatItIs(page *markup.Page) int {
	var password, scripts, prose, captcha int
	for n := range page.Root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.Input:
			password += int(one(strings.EqualFold(attr(n, "type"), "password")))
		case atom.Script:
			scripts++
		case atom.P:
			prose += int(min(visibleBelow(n), 1000))
		}
		captcha += int(one(isCaptcha(n)))
	}
	const little, article = 250, 600
	text := s.spots[s.body].text
	switch {
	case captcha > 0 && text < 2000:
		return isWall
	case password > 0 && prose < article && text < 3000:
		return isLogin
	case scripts > 0 && text < little:
		return isShell
	case prose >= article && 2*prose > int(text):
		return isArticle
	}
	return isOther
}

// isCaptcha reports whether an element belongs to one of the captchas in use.
func isCaptcha(n *html.Node) bool {
	for _, name := range []string{"class", "id", "src"} {
		value := strings.ToLower(attr(n, name))
		for _, mark := range []string{"g-recaptcha", "h-captcha", "hcaptcha.com", "cf-turnstile", "challenge-platform", "captcha-delivery"} {
			if strings.Contains(value, mark) {
				return true
			}
		}
	}
	return false
}

// visibleBelow counts the text directly in an element and its inline elements.
func visibleBelow(n *html.Node) int32 { return visible(lineOf(n)) }
