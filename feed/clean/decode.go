package clean

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"feedmill/feed"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Decode turns bytes into clean text: valid UTF-8 without a byte order mark, lines ended by LF (form feeds, vertical tabs
// and NEL end a line too), and otherwise as [Chars] leaves it.
//
// A byte order mark decides the encoding. Else declared does, a charset label from the document's own declaration or from
// HTTP (WHATWG Encoding names; "" for none, an unknown one is ignored). But bytes that are UTF-8 beyond doubt are read
// as UTF-8 whatever is declared: texts are converted more often than their declarations are mended. Without a
// declaration valid UTF-8 is UTF-8 and all else windows-1252; UTF-8 with a few foreign bytes keeps its characters and
// reads those bytes as windows-1252.
//
// Bytes that are no text at all are an error of class Unreadable.
func Decode(b []byte, declared string) (string, error) {
	if rest, ok := bytes.CutPrefix(b, []byte("\xEF\xBB\xBF")); ok {
		if binary(rest) {
			return "", errBinary()
		}
		return tidyText(mixed(rest)), nil
	}
	if declared == "" && isTidy(b) {
		return string(b), nil
	}
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), b)
	}
	enc, name := charset.Lookup(declared)
	if strings.HasPrefix(name, "utf-16") && bytes.IndexByte(b, 0) >= 0 {
		return decodeWith(enc, b)
	}
	if binary(b) {
		return "", errBinary()
	}
	if enc != nil && legacy(name) && !isUTF8(b, enc, name) {
		return decodeWith(enc, b)
	}
	return tidyText(mixed(b)), nil
}

func errBinary() error {
	return feed.Classify(feed.Unreadable, errors.New("is binary, not text"))
}

func decodeWith(enc encoding.Encoding, b []byte) (string, error) {
	text, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return "", feed.Classify(feed.Unreadable, err)
	}
	if binary(text) {
		return "", errBinary()
	}
	return tidyText(string(text)), nil
}

// legacy reports whether a charset name asks for a decoder of its own.
func legacy(name string) bool {
	switch name {
	case "", "utf-8", "utf-16le", "utf-16be", "replacement", "x-user-defined":
		return false
	}
	return true
}

// multibyte names the encodings in which a short text may be valid UTF-8 by chance.
func multibyte(name string) bool {
	switch name {
	case "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr":
		return true
	}
	return false
}

// isUTF8 reports whether b is UTF-8 although another encoding is declared. In single-byte encodings a letter followed by
// the right symbols is so rare that one non-ASCII character is proof enough; in the multi-byte ones it takes a character
// of three bytes, several of two, or that the declared encoding cannot read them.
func isUTF8(b []byte, enc encoding.Encoding, name string) bool {
	if !utf8.Valid(b) {
		return false
	}
	two, more := 0, 0
	for _, r := range string(b) {
		switch {
		case r >= 0x800:
			more++
		case r >= 0x80:
			two++
		}
	}
	if !multibyte(name) || more > 0 || two > 3 {
		return two+more > 0
	}
	text, err := enc.NewDecoder().Bytes(b)
	return err != nil || bytes.ContainsRune(text, utf8.RuneError)
}

// binary reports whether b is no text: a NUL, or more than one control character in sixteen bytes. Tabs, ends of lines
// and pages, backspaces and the escapes of ISO-2022-JP and terminals are no such controls.
func binary(b []byte) bool {
	controls := 0
	for _, c := range b {
		if c >= ' ' {
			continue
		}
		if c == 0 {
			return true
		}
		if (c < '\b' || c > '\r') && c != 0x1A && c != 0x1B {
			controls++
		}
	}
	return controls > len(b)/16
}

// mixed reads b as UTF-8 when it is, as windows-1252 when it is not, and as UTF-8 with foreign bytes when it holds more
// whole UTF-8 characters than broken ones.
func mixed(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	good, bad := 0, 0
	for rest := b; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		rest = rest[size:]
	}
	var out strings.Builder
	out.Grow(len(b) + len(b)/8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case good <= bad && b[0] >= utf8.RuneSelf:
			r, size = charmap.Windows1252.DecodeByte(b[0]), 1
		case surrogate(b):
			r, size = utf8.RuneError, 3 // removed later
		case r == utf8.RuneError && size == 1:
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		out.WriteRune(r)
		b = b[size:]
	}
	return out.String()
}

// surrogate reports whether b begins with half of a UTF-16 pair written as if it were a character.
func surrogate(b []byte) bool {
	return len(b) >= 3 && b[0] == 0xED && b[1] >= 0xA0 && b[1] <= 0xBF && b[2] >= 0x80 && b[2] <= 0xBF
}

// isTidy reports whether b is what Decode would make of it, as most files are: UTF-8 without forbidden characters, with
// lines ended by LF. It is one pass instead of six.
func isTidy(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' || c == 0x7F {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if forbidden(r) {
			return false
		}
		i += size
	}
	return true
}

// tidyText ends lines by LF and removes what no document may hold.
func tidyText(s string) string {
	if strings.ContainsAny(s, "\r\v\f") || strings.Contains(s, "\u0085") {
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n").Replace(s)
	}
	return Chars(s)
}
