package mailbox

import (
	"bytes"
	"slices"
	"strings"

	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// header are the fields of a message or of a part, in their order. Broken lines are passed over.
type header []headerField

type headerField struct{ name, value string } // name in lower case; value unfolded, as it came

// The bounds of a header. What is beyond them is not looked at.
const (
	mostFields   = 1000
	longestField = 64 << 10
)

// cutHeader splits a message or part into its header and its body.
func cutHeader(raw []byte) (h header, body []byte) {
	var name string
	var value []byte
	keep := func() {
		if name != "" && len(h) < mostFields {
			h = append(h, headerField{strings.ToLower(name), string(bytes.TrimSpace(value))})
		}
		name, value = "", value[:0]
	}
	for len(raw) > 0 {
		line, rest := cutLine(raw)
		raw = rest
		if len(bytes.TrimRight(line, " \t")) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if len(value) < longestField {
				value = append(append(value, ' '), bytes.TrimSpace(line[:min(len(line), longestField)])...)
			}
			continue
		}
		keep()
		before, after, ok := bytes.Cut(line, []byte(":"))
		if before = bytes.TrimRight(before, " \t"); ok && !bytes.ContainsAny(before, " \t") {
			name, value = string(before[:min(len(before), 100)]), append(value, after[:min(len(after), longestField)]...)
		}
	}
	keep()
	return h, raw
}

// cutLine cuts the first line, without its end.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// raw is the first field of that name as it came, "" when there is none.
func (h header) raw(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// all are all fields of these names as they came.
func (h header) all(names ...string) (values []string) {
	for _, f := range h {
		if slices.Contains(names, f.name) {
			values = append(values, f.value)
		}
	}
	return values
}

// text is the first field of that name as people read it.
func (h header) text(name string) string { return clean.Line(decodeWords(h.raw(name))) }

var (
	bareAddress = late.Regexp(`^[^\s<>",;:()\[\]@]+@[^\s<>",;:()\[\]@]+$`)
	anyAddress  = late.Regexp(`[^\s<>",;:()\[\]@'=?]+@[\p{L}\p{N}._-]+\.?[\p{L}\p{N}-]+`)
)

// addresses are the mail addresses in the fields of these names, in lower case.
func (h header) addresses(names ...string) (found []string) {
	for _, value := range h.all(names...) {
		for _, address := range anyAddress().FindAllString(decodeWords(value), 200) {
			found = append(found, strings.ToLower(address))
		}
	}
	return found
}

func (h header) holdsAddress(name, address string) bool {
	return slices.Contains(h.addresses(name), strings.ToLower(address))
}

// encodedWord is =?charset?B?text?= (RFC 2047), with a language (RFC 2231) that says nothing to us.
var encodedWord = late.Regexp(`=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=`)

// decodeWords decodes the encoded words of a field. Words that follow each other are decoded together, for many programs cut
// them in the middle of a character.
func decodeWords(s string) string {
	found := encodedWord().FindAllStringSubmatchIndex(s, -1)
	if found == nil {
		return raw8bit(s)
	}
	var out strings.Builder
	var pending []byte
	var charset string
	flush := func() {
		if pending != nil {
			out.WriteString(decodeLabelled(pending, charset))
			pending = nil
		}
	}
	at := 0
	for _, f := range found {
		between := s[at:f[0]]
		if pending == nil || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(raw8bit(between))
		}
		label, text := s[f[2]:f[3]], s[f[6]:f[7]]
		if pending != nil && !strings.EqualFold(label, charset) {
			flush()
		}
		charset = label
		if pending == nil {
			pending = []byte{}
		}
		if strings.EqualFold(s[f[4]:f[5]], "b") {
			pending = append(pending, decodeBase64([]byte(text))...)
		} else {
			pending = append(pending, decodeQuoted([]byte(strings.ReplaceAll(text, "_", "=20")))...)
		}
		at = f[1]
	}
	flush()
	out.WriteString(raw8bit(s[at:]))
	return out.String()
}

// raw8bit reads a field that was not encoded at all.
func raw8bit(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return decodeLabelled([]byte(s), "")
		}
	}
	return s
}
