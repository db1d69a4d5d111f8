package parse

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/late"

	"golang.org/x/text/encoding/charmap"
)

// form is how a text stands in its element.
type form int

const (
	plainText form = iota
	escapedHTML
	markup
	nothing // a picture, a foreign document
)

// construct returns the text of an element and its form: Atom 1.0's text constructs (RFC 4287, section 3.1) and content
// (section 4.1.3), Atom 0.3's types with modes, and RSS, which does not say and means HTML.
func (b *builder) construct(n *node) (string, form) {
	kind, mode := strings.ToLower(n.attr("type")), strings.ToLower(n.attr("mode"))
	kind, _, _ = strings.Cut(kind, ";")
	atom := b.atom && !strings.Contains(n.key, ":") || strings.HasPrefix(n.key, "atom:")
	text := n.content()
	switch {
	case n.hasElements():
		if kind == "multipart/alternative" {
			return b.alternatives(n)
		}
		if inside := n.wrapper(); inside != nil && strings.HasSuffix(kind, "html") && kind != "xhtml" && !inside.hasElements() {
			return inside.content(), escapedHTML // a div around HTML that is escaped all the same
		}
		return n.unwrapped(), markup
	case mode == "base64", atom && mode == "" && foreign(kind):
		decoded, ok := fromBase64(text)
		if !ok || foreign(kind) && !isText(decoded) {
			return "", nothing
		}
		text = decoded
		if foreign(kind) {
			return text, escapedHTML
		}
	}
	switch {
	case kind == "html" || kind == "xhtml" || strings.HasSuffix(kind, "html") || strings.HasSuffix(kind, "html+xml"):
		return text, escapedHTML
	case atom && mode == "escaped" && kind != "text/plain":
		return text, escapedHTML
	case atom:
		return text, plainText
	}
	return text, escapedHTML
}

// alternatives returns the best of several forms of one text (Atom 0.3, section 3.1.1): the last with markup, else the first.
func (b *builder) alternatives(n *node) (text string, f form) {
	f = nothing
	for _, c := range n.all("content") {
		if s, how := b.construct(c); how != nothing && (f == nothing || how >= f) {
			text, f = s, how
		}
	}
	return text, f
}

// foreign reports whether a media type is neither text nor XML, so that its content is base64.
func foreign(kind string) bool {
	return strings.Contains(kind, "/") && !strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "xml") && kind != "multipart/alternative"
}

func fromBase64(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil || !utf8.Valid(decoded) {
		return "", false
	}
	return string(decoded), true
}

func isText(s string) bool {
	return s != "" && clean.Chars(s) == s
}

// wrapper returns the div that XHTML content stands in (RFC 4287, section 4.1.3.3), nil when it does not.
func (n *node) wrapper() *node {
	var only *node
	for _, c := range n.children {
		switch {
		case c.key == "" && strings.TrimSpace(c.text) == "":
		case only == nil && (c.tag == "div" || c.tag == "body") && len(c.attrs) == 0 && c.base == n.base:
			only = c
		default:
			return nil
		}
	}
	return only
}

// unwrapped returns the markup in a node, without its wrapper.
func (n *node) unwrapped() string {
	if inside := n.wrapper(); inside != nil {
		n = inside
	}
	return n.inner()
}

// html returns a text construct as HTML with absolute addresses. It is not safe yet: filters want to see the marks by which
// publishers name the parts of a page, which go together with what is harmful. The mill makes all content safe behind the filters.
func (b *builder) html(n *node) string {
	text, how := b.construct(n)
	switch how {
	case nothing:
		return ""
	case plainText:
		return fromPlain(text)
	default:
		return strings.TrimSpace(clean.Resolve(clean.Chars(text), clean.Base(text, n.base)))
	}
}

// fromPlain makes paragraphs of plain text: an empty line parts them, other line ends are kept.
func fromPlain(text string) string {
	text = strings.TrimSpace(clean.Chars(text))
	if text == "" {
		return ""
	}
	var b strings.Builder
	escape(&b, text)
	escaped := b.String()
	if !strings.Contains(escaped, "\n") {
		return clean.HTML(escaped)
	}
	paragraphs := emptyLine().Split(escaped, -1)
	for i, p := range paragraphs {
		paragraphs[i] = "<p>" + strings.ReplaceAll(strings.TrimSpace(p), "\n", "<br>\n") + "</p>"
	}
	return clean.HTML(strings.Join(paragraphs, "\n"))
}

var emptyLine = late.Regexp(`\n\s*\n`)

// title returns the title of an item or feed as plain text, and the name of the element that says it.
func (b *builder) title(n *node) (title, from string) {
	for _, key := range []string{"title", "atom:title", "media:title", "dc:title", "itunes:title"} {
		c := n.child(key)
		if c == nil {
			continue
		}
		if s := b.titleText(c); s != "" {
			return s, key
		}
	}
	return "", ""
}

// titleText makes a title of a text construct. RSS does not say whether a title is text or HTML: [clean.Title] judges.
func (b *builder) titleText(n *node) string {
	text, how := b.construct(n)
	switch {
	case how == nothing:
		return ""
	case how == plainText:
		return clean.Line(text)
	case how == markup || n.attr("type") != "":
		return clean.Line(clean.PlainText(text))
	}
	return clean.Title(text)
}

// plain returns the text of the first child that has any among keys, as plain text, and its key.
func (b *builder) plain(n *node, keys ...string) (text, from string) {
	for _, key := range keys {
		c := n.child(key)
		if c == nil {
			continue
		}
		text, how := b.construct(c)
		if how == plainText {
			text = clean.Chars(strings.TrimSpace(text))
		} else {
			text = clean.PlainText(text)
		}
		if text != "" && how != nothing {
			return text, key
		}
	}
	return "", ""
}

// The fields that hold texts, in the order in which they are believed.
var (
	contentKeys     = []string{"content:encoded", "content", "atom:content", "xhtml:body", "xhtml:div", "body", "fullitem"}
	descriptionKeys = []string{"description", "dc:description", "abstract"}
	summaryKeys     = []string{"summary", "atom:summary", "itunes:summary", "itunes:subtitle", "media:description", "dcterms:abstract", "googleplay:description"}
	extractKeys     = append(slices.Clone(descriptionKeys), summaryKeys...)
)

// texts reads content and summary, and the language of the content. RSS's description is the content when there is none
// beside it, and so is a summary with markup, which would be lost in plain text.
func (b *builder) texts(n *node, a *feed.Article) {
	var content, summary string // where they are read
	defer func() {
		a.Trace.Add("summary", summary)
		a.Trace.Add("content", content)
	}()
	if content = b.content(n, a, contentKeys); content != "" {
		if a.Summary, summary = b.plain(n, extractKeys...); b.sameText(a.Summary, a.Content) {
			a.Summary, summary = "", ""
		}
		return
	}
	if group := n.child("media:group"); group != nil { // YouTube says everything there
		a.Summary, summary = b.plain(group, "media:description")
	}
	if text, from := b.plain(n, summaryKeys...); text != "" {
		a.Summary, summary = text, from
	}
	if content = b.content(n, a, descriptionKeys); content != "" {
		if b.sameText(a.Summary, a.Content) {
			a.Summary, summary = "", ""
		}
		return
	}
	if content = b.content(n, a, summaryKeys); content != "" && !strings.Contains(a.Content, "<") {
		a.Content, content = "", ""
	}
}

// content takes the first text among keys as the content, and returns its key.
func (b *builder) content(n *node, a *feed.Article, keys []string) (from string) {
	for _, key := range keys {
		for _, c := range n.all(key) {
			if a.Content = b.html(c); a.Content != "" {
				a.Language = c.lang
				return key
			}
		}
	}
	return ""
}

// sameText reports whether a summary says just what the content says.
func (b *builder) sameText(summary, content string) bool {
	return summary != "" && len(content) < 4*len(summary)+200 && clean.PlainText(content) == summary
}

// latin1 puts C1 controls, which references such as &#150; leave in a text, back to the characters of windows-1252 that
// their author meant (HTML, section 13.2.5.84).
func latin1(s string) string {
	if !strings.ContainsFunc(s, isC1) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isC1(r) {
			return charmap.Windows1252.DecodeByte(byte(r))
		}
		return r
	}, s)
}

func isC1(r rune) bool { return r >= 0x80 && r <= 0x9F }

// language makes a BCP 47 tag of what a feed says; what cannot be one is empty.
func language(s string) string {
	s = strings.ReplaceAll(clean.Line(s), "_", "-")
	const longest = 35 // RFC 5646, section 4.4.1
	if len(s) < 2 || len(s) > longest || strings.ContainsFunc(s, notInTag) || s[0] == '-' {
		return ""
	}
	return s
}

func notInTag(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
}
