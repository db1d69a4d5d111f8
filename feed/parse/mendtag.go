package parse

import (
	"strings"
	"unicode"
)

// tag writes the tag at the front of the rest so that a tokenizer can read it: attributes without quotes or with only
// one get two, what is no attribute is left out. It reports false when "<" opens no tag.
func (m *mender) tag() bool {
	s := m.rest[1:]
	slash := ""
	if strings.HasPrefix(s, "/") {
		slash, s = "/", s[1:]
	}
	name, s := cutName(s)
	if name == "" {
		return false
	}
	if strings.TrimLeft(s, " \t\n") == "" { // the document ends here; only an end tag lacks nothing but its bracket
		m.copy(len(m.rest))
		if slash != "" {
			m.out.WriteByte('>')
		}
		return true
	}
	if !strings.ContainsRune(" \t\n/>", rune(s[0])) {
		return false
	}
	var attributes strings.Builder
	s, end := cutAttributes(s, &attributes)
	if end == "" {
		if s == "" {
			m.copy(len(m.rest))
			return true
		}
		end = ">" // another tag begins inside of this one
	}
	m.out.WriteString("<" + slash + name)
	if slash == "" {
		m.out.WriteString(attributes.String())
		m.out.WriteString(end)
	} else {
		m.out.WriteString(">")
	}
	m.lines(m.rest[:len(m.rest)-len(s)])
	m.rest = s
	return true
}

// cutName takes a name off the front, with one colon at most.
func cutName(s string) (name, rest string) {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.:", r)
	})
	if end < 0 {
		end = len(s)
	}
	name, rest = s[:end], s[end:]
	if name == "" || !unicode.IsLetter([]rune(name)[0]) && name[0] != '_' || strings.Count(name, ":") > 1 || strings.HasSuffix(name, ":") {
		return "", s
	}
	return name, rest
}

// cutAttributes takes all up to the end of a tag off the front and writes the attributes among it. end is ">" or "/>", or
// empty when the tag does not end.
func cutAttributes(s string, out *strings.Builder) (rest, end string) {
	for s != "" {
		switch {
		case s[0] == '>':
			return s[1:], ">"
		case strings.HasPrefix(s, "/>"):
			return s[2:], "/>"
		case s[0] == '<':
			return s, ""
		}
		name, after := cutName(s)
		if name == "" {
			s = s[1:]
			continue
		}
		value := name // an attribute without a value, as in HTML
		s = after
		if v, ok := strings.CutPrefix(strings.TrimLeft(after, " \t\n"), "="); ok {
			value, s = cutValue(strings.TrimLeft(v, " \t\n"))
		}
		out.WriteString(" " + name + `="`)
		out.WriteString(strings.NewReplacer("<", "&lt;", `"`, "&#34;").Replace(value))
		out.WriteByte('"')
	}
	return "", ""
}

// cutValue takes the value of an attribute off the front. A quote that is closed only behind a "<" was forgotten.
func cutValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexAny(s[1:], s[:1]+"<"); end >= 0 && s[1+end] == s[0] {
			return s[1 : 1+end], s[2+end:]
		}
		s = s[1:]
	}
	end := strings.IndexAny(s, " \t\n>\"'<")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}
