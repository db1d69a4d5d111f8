package field

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Template is a text with names of words in braces: {title}, {published:2 January 2006}, and {value} for what the rule itself
// found. {{ and }} are plain braces. The zero value is empty.
type Template struct {
	text  string
	parts []part
}

// part is a piece of text, or a name with its layout.
type part struct{ literal, name, layout string }

// valueName stands for what the rule itself found.
const valueName = "value"

// UnmarshalText reads a template and refuses names that no field has.
func (t *Template) UnmarshalText(text []byte) error {
	parsed := Template{text: string(text)}
	var literal strings.Builder
	for rest := parsed.text; rest != ""; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			literal.WriteString(rest)
			break
		}
		literal.WriteString(rest[:i])
		brace := rest[i]
		rest = rest[i+1:]
		if strings.HasPrefix(rest, string(brace)) {
			literal.WriteByte(brace)
			rest = rest[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, "}")
		if brace == '}' || !closed {
			return fmt.Errorf("the template %q has a single %c at character %d; write %c%c for a plain one", text, brace, len([]rune(parsed.text[:len(parsed.text)-len(rest)])), brace, brace)
		}
		p, err := readPart(name)
		if err != nil {
			return err
		}
		if literal.Len() > 0 {
			parsed.parts = append(parsed.parts, part{literal: literal.String()})
			literal.Reset()
		}
		parsed.parts, rest = append(parsed.parts, p), after
	}
	if literal.Len() > 0 {
		parsed.parts = append(parsed.parts, part{literal: literal.String()})
	}
	*t = parsed
	return nil
}

func readPart(s string) (part, error) {
	name, layout, hasLayout := strings.Cut(s, ":")
	name = strings.TrimSpace(name)
	switch {
	case name != valueName && !slices.Contains(Words[:], name):
		return part{}, fmt.Errorf("{%s} is not known in a template; there are {value} and the words of an article, such as {title} and {published:2006}", s)
	case hasLayout && !isDate(name):
		return part{}, fmt.Errorf("{%s} takes no layout; only dates do, such as {published:2 January 2006}", s)
	case isDate(name) && layout == "":
		layout = time.DateOnly
	}
	return part{name: name, layout: layout}, nil
}

// IsZero reports whether the template is empty.
func (t Template) IsZero() bool { return t.text == "" }

// String returns the template as written.
func (t Template) String() string { return t.text }

// MarshalText returns the template as written.
func (t Template) MarshalText() ([]byte, error) { return []byte(t.text), nil }

// words are the names of other fields in the template.
func (t Template) words() []string {
	var words []string
	for _, p := range t.parts {
		if p.name != "" && p.name != valueName {
			words = append(words, p.name)
		}
	}
	return words
}

// names reports whether the template says where what was found goes.
func (t Template) names(name string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.name == name })
}

// expand fills the template; false when a name in it has no value.
func (t Template) expand(value func(p part) string) (string, bool) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		text := value(p)
		if text == "" {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}
