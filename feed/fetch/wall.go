package fetch

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"feedmill/feed/late"
)

// walls are pages that stand before the content, each told by a header or by words of its source, in lower case.
var walls = []struct {
	name      string
	header    string // a header that only the wall sets, with this beginning of its value
	value     string
	words     []string // any of them, in the page's source
	onRefusal bool     // its marks stand on ordinary pages too: they count on refusals only
}{
	{name: "Cloudflare's browser check", header: "Cf-Mitigated", value: "challenge", words: []string{"window._cf_chl_opt", "<title>just a moment...</title>", "cf-browser-verification", "<title>attention required! | cloudflare</title>"}},
	{name: "DataDome's bot check", words: []string{"geo.captcha-delivery.com", "captcha-delivery.com/c.js"}},
	{name: "HUMAN's bot check", words: []string{"px-captcha", "perimeterx.net"}, onRefusal: true},
	{name: "Imperva's bot check", words: []string{"_incapsula_resource?", "incapsula incident id"}},
	{name: "the bot check of AWS", header: "X-Amzn-Waf-Action", words: []string{"gokuprops"}},
	{name: "Akamai's refusal", words: []string{"errors.edgesuite.net"}},
	{name: "DDoS-Guard's browser check", words: []string{"ddos-guard.net/", "<title>ddos-guard</title>"}, onRefusal: true},
	{name: "Sucuri's firewall", words: []string{"sucuri website firewall"}},
	{name: "Anubis, a proof-of-work check", words: []string{"within.website/x/cmd/anubis", "making sure you&#39;re not a bot", "making sure you're not a bot"}},
	{name: "a captcha", words: []string{"g-recaptcha", "hcaptcha.com/1/api.js", "cf-turnstile"}, onRefusal: true},
	{name: "a consent page", words: []string{"<title>before you continue"}},
}

// loginPath tells addresses to which visitors without an account are led.
var loginPath = late.Regexp(`(?i)(^|[/_.-])(log-?in|sign-?in|sso|auth|account/login|consent|captcha)([/_.?-]|$)`)

// wall names the page that stands before the content, "" when an HTML answer looks like none. A page that is not HTML is
// none: feeds quote anything.
func wall(answer *http.Response, asked, came *url.URL, body []byte) string {
	for _, w := range walls {
		if w.header != "" && strings.HasPrefix(strings.ToLower(answer.Header.Get(w.header)), w.value) && answer.Header.Get(w.header) != "" {
			return w.name
		}
	}
	start := bytes.TrimLeft(body[:min(len(body), lookAt)], "\xef\xbb\xbf \t\r\n")
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && !looksLikeHTML(start) || looksLikeXML(start) {
		return ""
	}
	refused := answer.StatusCode >= 400
	page := bytes.ToLower(start)
	for _, w := range walls {
		if w.onRefusal && !refused {
			continue
		}
		for _, word := range w.words {
			if bytes.Contains(page, []byte(word)) {
				return w.name
			}
		}
	}
	if asked != came && !loginPath().MatchString(asked.Path) && (loginPath().MatchString(came.Path) || strings.HasPrefix(came.Host, "consent.")) {
		return "a login or consent page"
	}
	return ""
}

func looksLikeHTML(start []byte) bool {
	head := bytes.ToLower(start[:min(len(start), 15)])
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html"))
}

// looksLikeXML: feeds are often sent as text/html.
func looksLikeXML(start []byte) bool {
	for _, opening := range []string{"<?xml", "<rss", "<feed", "<rdf:", "{"} {
		if bytes.HasPrefix(start, []byte(opening)) && !bytes.Contains(start[:min(len(start), 512)], []byte("<html")) {
			return true
		}
	}
	return false
}
