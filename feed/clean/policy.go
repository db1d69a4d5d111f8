package clean

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"

	"feedmill/feed/late"
)

// policy returns the allow list of an article's markup: what is not named here is taken out. It is built once; bluemonday
// never changes a policy in use.
//
// It has no style, no class but the language of code, no rel and target, no handlers, no forms; addresses are http,
// https, mailto or relative. Text attributes may hold any text, for they are escaped again.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	// Elements whose content goes with them are gone before bluemonday looks, so that a stray end tag cannot make it
	// swallow the rest of an article.
	p.AllowElementsContent("frame", "frameset", "iframe", "noembed", "noframes", "noscript", "nostyle", "object", "title")

	p.AllowElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "section", "article", "aside", "address", "hr", "br",
		"wbr", "pre", "blockquote", "figure", "figcaption", "details", "summary", "ul", "ol", "li", "dl", "dt", "dd")
	p.AllowElements("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
		"rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var")
	p.AllowElements("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td")
	p.AllowElements("img", "picture", "source", "audio", "video", "track", "iframe")
	p.AllowNoAttrs().OnElements("iframe", "big")

	allowText(p)
	allowMedia(p)
	return p
})

var (
	idPattern       = late.Regexp(`^[\p{L}\p{N}_:.\-]+$`)
	langPattern     = late.Regexp(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$`)
	languagePattern = late.Regexp(`^language-[\p{L}\p{N}_+#.\-]+$`)
	numberPattern   = late.Regexp(`^[0-9]{1,6}$`)
	measurePattern  = late.Regexp(`^[0-9]{1,5}%?$`)
	anyText         = late.Regexp(`^[^<>]*$`)
	booleanPattern  = late.Regexp(`^[a-z]{0,12}$`)
)

func allowText(p *bluemonday.Policy) {
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^(?i:ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(langPattern()).Globally()
	p.AllowAttrs("id").Matching(idPattern()).Globally()
	p.AllowAttrs("title").Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("cite").OnElements("blockquote", "q", "del", "ins")
	p.AllowAttrs("datetime").Matching(anyText()).OnElements("time", "del", "ins")
	p.AllowAttrs("class").Matching(languagePattern()).OnElements("code", "pre")
	p.AllowAttrs("open").Matching(booleanPattern()).OnElements("details")
	p.AllowAttrs("start", "value").Matching(regexp.MustCompile(`^-?[0-9]{1,6}$`)).OnElements("ol", "li")
	p.AllowAttrs("reversed").Matching(booleanPattern()).OnElements("ol")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^[aAiI1]$`)).OnElements("ol", "li")
	p.AllowAttrs("colspan", "rowspan").Matching(numberPattern()).OnElements("td", "th")
	p.AllowAttrs("span").Matching(numberPattern()).OnElements("col", "colgroup")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(?i:left|right|center|justify)$`)).
		OnElements("td", "th", "tr", "col", "colgroup", "thead", "tbody", "tfoot")
	p.AllowAttrs("scope").Matching(regexp.MustCompile(`^(?i:(row|col)(group)?)$`)).OnElements("th")
	p.AllowAttrs("abbr").OnElements("th")
}

func allowMedia(p *bluemonday.Policy) {
	p.AllowAttrs("src").OnElements("img", "audio", "video", "track", "source")
	p.AllowAttrs("srcset", "sizes").OnElements("img", "source")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(measurePattern()).OnElements("img", "video", "iframe", "source")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^[\w.+\-]+/[\w.+\-]+(; ?codecs=[\w.,+\- "]*)?$`)).OnElements("source")
	p.AllowAttrs("media").Matching(anyText()).OnElements("source")
	p.AllowAttrs("poster").OnElements("video")
	p.AllowAttrs("controls").Matching(booleanPattern()).OnElements("audio", "video")
	p.AllowAttrs("kind", "srclang", "label").Matching(anyText()).OnElements("track")
	p.AllowAttrs("default").Matching(booleanPattern()).OnElements("track")
	p.AllowAttrs("src").Matching(playerPattern()).OnElements("iframe")
	p.AllowAttrs("allowfullscreen").Matching(booleanPattern()).OnElements("iframe")
}

// playerPattern matches the addresses that an iframe may show: the embedded players of YouTube and Vimeo.
var playerPattern = late.Regexp(
	`^https://(?:www\.youtube(?:-nocookie)?\.com/embed/|player\.vimeo\.com/video/)[\w\-]+(?:\?[\w\-=&;.%]*)?(?:#t=\w+)?$`)
