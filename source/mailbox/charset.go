package mailbox

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/ianaindex"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// decodeText makes text of the bytes of a part that names its charset; what it names is not believed against the bytes
// (see [clean.Decode]). Charsets that no web page may use, but mail does, are read too.
func decodeText(b []byte, label string) (string, error) {
	label = strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	if strings.HasSuffix(label, "utf-7") {
		return clean.Decode(decodeUTF7(b), "utf-8")
	}
	if known, name := charset.Lookup(label); (known == nil || name == "replacement") && label != "" {
		if enc, err := ianaindex.IANA.Encoding(strings.TrimPrefix(label, "x-")); err == nil && enc != nil {
			if decoded, err := enc.NewDecoder().Bytes(b); err == nil {
				return clean.Decode(decoded, "utf-8")
			}
		}
	}
	return clean.Decode(b, label)
}

// decodeLabelled is decodeText for a header: what is no text at all is left out.
func decodeLabelled(b []byte, label string) string {
	text, err := decodeText(b, label)
	if err != nil {
		return ""
	}
	return text
}

// declaredInHTML finds the charset that a page names itself.
var declaredInHTML = late.Regexp(`(?i)<meta[^>]{1,200}charset\s*=\s*["']?([\w.:-]{1,40})`)

// charsetOf is the charset of a part of text.
func charsetOf(p *part, body []byte) string {
	if label := p.params["charset"]; label != "" || p.mediaType != "text/html" {
		return label
	}
	if found := declaredInHTML().FindSubmatch(body[:min(len(body), 4<<10)]); found != nil {
		return string(found[1])
	}
	return ""
}

// decodeUTF7 makes UTF-8 of UTF-7 (RFC 2152).
func decodeUTF7(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] != '+' {
			out = append(out, b[i])
			i++
			continue
		}
		end := i + 1
		for end < len(b) && strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", b[end]) >= 0 {
			end++
		}
		if end == i+1 {
			out = append(out, '+')
		} else if units, err := base64.RawStdEncoding.DecodeString(string(b[i+1 : end])); err == nil {
			var wide []uint16
			for j := 0; j+1 < len(units); j += 2 {
				wide = append(wide, uint16(units[j])<<8|uint16(units[j+1]))
			}
			out = append(out, string(utf16.Decode(wide))...)
		}
		if end < len(b) && b[end] == '-' {
			end++
		}
		i = end
	}
	return out
}
