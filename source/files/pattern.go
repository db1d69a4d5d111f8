package files

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern is the part of the configured path that begins with the first wildcard.
type pattern struct {
	text    string
	literal bool // it has no wildcard at all
	// name, if set, decides by the last part of the path alone: the pattern names no folder, or any.
	name string
	// parts are the pattern's parts between slashes; nil when an alternative holds a slash, such as {a/b,c}.
	parts []string
}

func newPattern(text string) pattern {
	p := pattern{text: text, literal: !strings.ContainsAny(text, `*?[{\`), parts: splitParts(text)}
	switch {
	case len(p.parts) == 1 && p.parts[0] != "**":
		p.name = text
	case len(p.parts) == 2 && p.parts[0] == "**" && p.parts[1] != "**":
		p.name = p.parts[1]
	}
	return p
}

// splitParts splits at the slashes outside of alternatives and classes; nil when one stands inside.
func splitParts(text string) []string {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '/':
			if depth > 0 {
				return nil
			}
		}
	}
	return strings.Split(text, "/")
}

// matches reports whether a file fits; name is the last part of p. Only folders that mayHold says yes to are asked
// about.
func (p pattern) matches(file, name string) bool {
	if p.name != "" {
		return doublestar.MatchUnvalidated(p.name, name)
	}
	return doublestar.MatchUnvalidated(p.text, file)
}

// mayHold reports whether a folder may hold files that fit, at any depth.
func (p pattern) mayHold(folder string) bool {
	if p.parts == nil {
		return true
	}
	for i, name := range strings.Split(folder, "/") {
		switch {
		case i < len(p.parts) && p.parts[i] == "**":
			return true
		case i >= len(p.parts)-1 || !doublestar.MatchUnvalidated(p.parts[i], name):
			return false
		}
	}
	return true
}

// split parts a configured path into the folder before the first wildcard and the pattern below it.
func split(configured string) (base string, p pattern) {
	base, text := doublestar.SplitPattern(configured)
	return path.Clean(base), newPattern(text)
}
