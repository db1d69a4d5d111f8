package readable

import (
	"mime"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/clean"
)

// Bounds of what is read: the bytes of a page, and the nodes that its tree may have.
const (
	maxSize  = 16 << 20
	maxNodes = 1_000_000
)

// parse makes the tree of a page.
func parse(page []byte, contentType string) (*html.Node, error) {
	if len(page) > maxSize {
		return nil, unreadable("the page has %d MB, and at most %d MB are read", len(page)>>20, maxSize>>20)
	}
	declared := Charset(page)
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		declared = params["charset"]
	}
	text, err := clean.Decode(page, declared)
	if err != nil {
		return nil, unreadable("the page %w", err)
	}
	if strings.TrimSpace(text) == "" {
		return nil, unreadable("the page is empty")
	}
	return parseText(text)
}

func parseText(text string) (*html.Node, error) {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, unreadable("the page cannot be read: %w", err)
	}
	return root, nil
}

// charsetInHead finds the encoding that an HTML document declares: in a meta element or, in XHTML, at its very start.
var charsetInHead = regexp.MustCompile(`(?i)<meta[^>]+charset\s*=\s*["']?\s*([a-z0-9_:.-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([a-z0-9_:.-]+)`)

// Charset returns the name of the encoding that a page declares in its own bytes, "" if none. Browsers look at its first
// 1024 bytes; heads of today are longer.
func Charset(page []byte) string {
	m := charsetInHead.FindSubmatch(page[:min(len(page), 8<<10)])
	if m == nil {
		return ""
	}
	return string(m[1]) + string(m[2])
}
