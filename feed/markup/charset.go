package markup

import (
	"mime"

	"feedmill/feed/late"
)

// declared finds the charset that a document names itself: in a meta element or, in XHTML, at its very start (HTML,
// section 13.2.3.2).
var declared = late.Regexp(`(?i)<meta[^>]+charset\s*=\s*["']?\s*([a-z0-9_:.-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([a-z0-9_:.-]+)`)

// declaredWithin is how much of a document is searched, in bytes. Browsers look at its first 1024; heads of today are longer.
const declaredWithin = 8 << 10

// Charset is the charset of a page: that of its Content-Type, else that which it names itself; "" for none.
func Charset(body []byte, contentType string) string {
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		return params["charset"]
	}
	if m := declared().FindSubmatch(body[:min(len(body), declaredWithin)]); m != nil {
		return string(m[1]) + string(m[2])
	}
	return ""
}
