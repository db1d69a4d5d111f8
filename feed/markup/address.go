package markup

import (
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// Address returns the address that a match is or leads to, as it is written: of an element its own, else that of the first
// link in it, else of the link it stands in, else its text if that is a whole address. "" for none.
func (m Match) Address() string {
	switch {
	case m.IsElement():
		for _, find := range []func(*html.Node) string{ownAddress, innerAddress, aroundAddress} {
			if address := find(m.Node); address != "" {
				return address
			}
		}
		if text := Text(m.Node); strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			return text
		}
		return ""
	case m.JSON != nil:
		return jsonAddress(m.JSON)
	}
	return strings.TrimSpace(m.text)
}

// ownAddress is what an element itself refers to.
func ownAddress(n *html.Node) string {
	names := []string{"href"}
	switch n.Data {
	case "img", "audio", "video", "source", "iframe", "embed", "track":
		names = []string{"src", "data-src"}
	case "object":
		names = []string{"data"}
	case "meta":
		names = []string{"content"}
	case "form":
		names = nil
	}
	for _, name := range names {
		if value, _ := attribute(n, name); strings.TrimSpace(value) != "" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func innerAddress(n *html.Node) string {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && (c.Data == "a" || c.Data == "source") {
			if address := ownAddress(c); address != "" && !strings.HasPrefix(address, "#") {
				return address
			}
		}
	}
	return ""
}

func aroundAddress(n *html.Node) string {
	for a := range n.Ancestors() {
		if a.Type == html.ElementNode && a.Data == "a" {
			return ownAddress(a)
		}
	}
	return ""
}

// jsonAddress finds an address in a JSON value, under the words that schema.org and others use for it.
func jsonAddress(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		for _, e := range v {
			if address := jsonAddress(e); address != "" {
				return address
			}
		}
	case map[string]any:
		for _, word := range []string{"url", "contentUrl", "src", "href", "@id"} {
			if address, ok := v[word].(string); ok && strings.TrimSpace(address) != "" {
				return strings.TrimSpace(address)
			}
		}
	}
	return ""
}

// background finds the picture in a style attribute.
var background = late.Regexp(`(?i)background(?:-image)?\s*:[^;]*?url\(\s*["']?([^"')]+)["']?\s*\)`)

// Image returns the address of the picture that a match is or shows, as it is written: the largest that a reader can use
// of srcset, the address that a script would load, a background, a poster; of an element that is no picture, the first one in it.
// "" for none.
func (m Match) Image() string {
	switch {
	case m.IsElement():
		if m.Node.Data == "a" || m.Node.Data == "link" || m.Node.Data == "meta" {
			if picture := firstImage(m.Node); picture != "" {
				return picture
			}
			return ownAddress(m.Node)
		}
		return firstImage(m.Node)
	case m.Attr == "srcset" || strings.HasSuffix(m.Attr, "-srcset"):
		return clean.Picture([]html.Attribute{{Key: "srcset", Val: m.text}})
	case m.Attr == "style":
		return backgroundOf(m.text)
	}
	return m.Address()
}

func backgroundOf(style string) string {
	if found := background().FindStringSubmatch(style); found != nil {
		return strings.TrimSpace(found[1])
	}
	return ""
}

// firstImage is the first picture that an element is or holds.
func firstImage(n *html.Node) string {
	if picture := ownImage(n); picture != "" {
		return picture
	}
	for c := range n.Descendants() {
		if c.Type != html.ElementNode {
			continue
		}
		if picture := ownImage(c); picture != "" {
			return picture
		}
	}
	return ""
}

func ownImage(n *html.Node) string {
	switch n.Data {
	case "img", "amp-img":
		return clean.Picture(n.Attr)
	case "source":
		if n.Parent != nil && n.Parent.Data == "picture" {
			return clean.Picture(n.Attr)
		}
	case "video":
		poster, _ := attribute(n, "poster")
		return poster
	case "noscript":
		return "" // its content is text; what stands before it says the same
	}
	if style, ok := attribute(n, "style"); ok {
		return backgroundOf(style)
	}
	return ""
}
