package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"feedmill/feed/late"
)

// longestTitle bounds, in bytes, what the patterns below have to search.
const longestTitle = 16 << 10

var (
	// titleTag matches the tags that stand in titles. An attribute must have a value, so that "a <b and c> d" is no tag.
	titleTag = late.Regexp(`(?i)</?(a|abbr|b|bdi|bdo|big|br|cite|code|del|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|p|q|rp|rt|ruby|` +
		`s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)(?:\s+[\w:\-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>`)
	titleBlock   = late.Regexp(`(?i)^</?(?:br|div|h[1-6]|li|p)\b`)
	titleHidden  = late.Regexp(`(?is)<!--.*?-->|<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>`)
	titleCDATA   = late.Regexp(`(?s)<!\[CDATA\[(.*?)\]\]>`)
	titleEncoded = late.Regexp(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)
)

// Title makes a title of text that may hold markup: as [Line], with HTML tags stripped and references such as &amp;
// decoded once. Text that only looks like markup ("AT&T wins", "1 < 2", "a<b") stays as written, and so do tags that no
// title would hold, since "The <video> element" speaks of them. CDATA marks that were themselves escaped go. A title
// without any text becomes ""; what stands in for it is for the document to decide. What comes behind the first 16 KB is
// no title and is cut off.
func Title(s string) string {
	if len(s) > longestTitle {
		s = Chars(s[:longestTitle])
	}
	if strings.Contains(s, "<") {
		s = titleCDATA().ReplaceAllString(s, "$1")
		s = titleHidden().ReplaceAllString(s, "")
		s = titleTag().ReplaceAllStringFunc(s, func(tag string) string {
			if titleBlock().MatchString(tag) {
				return " "
			}
			return ""
		})
	}
	if strings.Contains(s, "&") {
		s = titleEncoded().ReplaceAllStringFunc(s, html.UnescapeString)
	}
	return Line(s)
}

// PlainText returns the text of an HTML fragment as a reader would see it: blocks and line breaks end a line, cells of a
// table are parted by a space, references are decoded, and what is not text (scripts, styles) is left out. Lines are as
// [Line] makes them and never empty; in <pre> the author's line breaks count too.
func PlainText(fragment string) string {
	var lines, line strings.Builder
	tokens := scan(fragment)
	preformatted := 0
	flush := func() {
		if text := Line(line.String()); text != "" {
			lines.WriteString(text)
			lines.WriteByte('\n')
		}
		line.Reset()
	}
	for kind := tokens.next(); kind != html.ErrorToken; kind = tokens.next() {
		switch kind {
		case html.TextToken:
			text := string(tokens.tokens.Text())
			for preformatted > 0 {
				begin, rest, more := strings.Cut(text, "\n")
				text = rest
				if !more {
					text = begin
					break
				}
				line.WriteString(begin)
				flush()
			}
			line.WriteString(text)
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name := tokens.name()
			switch {
			case name == "pre" && kind == html.StartTagToken:
				preformatted++
			case name == "pre" && kind == html.EndTagToken && preformatted > 0:
				preformatted--
			case kind == html.StartTagToken && isHidden(name):
				tokens.next() // their content is one text
				continue
			}
			if breaksLine(name) {
				flush()
			} else if name == "td" || name == "th" {
				line.WriteByte(' ')
			}
		}
	}
	flush()
	return strings.TrimSuffix(lines.String(), "\n")
}

// HasText reports whether [PlainText] of an HTML fragment is more than "". It reads no further than to the first text.
func HasText(fragment string) bool {
	tokens := scan(fragment)
	for kind := tokens.next(); kind != html.ErrorToken; kind = tokens.next() {
		switch kind {
		case html.TextToken:
			text := string(tokens.tokens.Text())
			if !utf8.ValidString(text) {
				return PlainText(fragment) != "" // a character may be cut in two by a tag
			}
			if Line(first(text, shortText)) != "" || len(text) > shortText && Line(text) != "" {
				return true
			}
		case html.StartTagToken:
			if isHidden(tokens.name()) {
				tokens.next()
			}
		}
	}
	return false
}

// shortText is how many characters most texts show themselves within.
const shortText = 64

// isHidden reports whether an element holds one text that no reader sees.
func isHidden(name string) bool {
	switch name {
	case "script", "style", "iframe", "noembed", "noframes", "title":
		return true
	}
	return false
}

func breaksLine(name string) bool {
	return name == "br" || name == "tr" || name == "caption" || closesParagraph(name)
}

// first returns the first n characters of s, or all; none when n is negative.
func first(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n <= 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// length counts the characters of s.
func length(s string) int { return utf8.RuneCountInString(s) }
