package parse

import (
	"bytes"
	"encoding/binary"
	"mime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// declaration matches an XML declaration (XML 1.0, section 2.8) and its encoding.
var declaration = late.Regexp(`^\s*<\?xml\b[^>]*?(?:\bencoding\s*=\s*["']?([A-Za-z0-9._:\-]+)["']?[^>]*?)?\?>`)

// decode turns the bytes of a document into clean text. A byte order mark decides, or the pattern of NUL bytes in front of
// wide encodings (XML 1.0, appendix F); else the charset of the HTTP header; else the XML declaration; else the bytes.
func decode(body []byte, contentType string) (string, error) {
	if order, start := utf32Order(body); order != nil {
		return clean.Decode(fromUTF32(body[start:], order), "utf-8")
	}
	declared := ""
	switch {
	case bytes.HasPrefix(body, []byte("<\x00")):
		declared = "utf-16le"
	case bytes.HasPrefix(body, []byte("\x00<")):
		return clean.Decode(fromUTF16BE(body), "utf-8")
	default:
		if _, parameters, err := mime.ParseMediaType(contentType); err == nil {
			declared = parameters["charset"]
		}
		if declared == "" {
			declared = declaredEncoding(body)
		}
	}
	return clean.Decode(body, declared)
}

func declaredEncoding(body []byte) string {
	const longest = 1024
	if m := declaration().FindSubmatch(body[:min(len(body), longest)]); m != nil {
		return string(m[1])
	}
	return ""
}

// cutDeclaration takes the XML declaration off a decoded document: what it says of the encoding is no longer true, and
// XML 1.1 differs in nothing that feeds use.
func cutDeclaration(text string) string {
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\n"), "<?xml") {
		return text
	}
	declared, rest, found := strings.Cut(text, "?>")
	if !found {
		return text
	}
	if lines := strings.Count(declared, "\n"); lines > 0 { // they keep their numbers
		return strings.Repeat("\n", lines) + rest
	}
	return rest
}

// utf32Order tells the byte order of UTF-32, nil when it is none, and where its text starts.
func utf32Order(b []byte) (order binary.ByteOrder, start int) {
	switch {
	case bytes.HasPrefix(b, []byte("\x00\x00\xFE\xFF")):
		return binary.BigEndian, 4
	case bytes.HasPrefix(b, []byte("\xFF\xFE\x00\x00")):
		return binary.LittleEndian, 4
	case bytes.HasPrefix(b, []byte("\x00\x00\x00<")):
		return binary.BigEndian, 0
	case bytes.HasPrefix(b, []byte("<\x00\x00\x00")):
		return binary.LittleEndian, 0
	}
	return nil, 0
}

func fromUTF32(b []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(b)/3)
	for ; len(b) >= 4; b = b[4:] {
		r := rune(utf8.RuneError)
		if code := order.Uint32(b); code <= utf8.MaxRune {
			r = rune(code)
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func fromUTF16BE(b []byte) []byte {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, binary.BigEndian.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}
