package record

import (
	"context"
	"strconv"
	"strings"

	"feedmill/feed/jq"
	"feedmill/feed/late"
)

// Selector finds values in a JSON value: by a program in jq (.data.items[], .name + " " + .tag) or, for the simple case, by
// names joined by dots (data.items, author.name, images[0].url). A path goes through lists to each of their elements, and
// finds nothing where a name is not there. A bare word is always such a name, never one of the functions of jq.
//
// The zero value finds nothing. A Selector may be used by many goroutines at once.
type Selector struct {
	text    string
	path    []string
	program jq.Program
}

// dotted matches paths: what jq would call functions, which no article has a use for.
var dotted = late.Regexp(`^[\pL_](?:[\pL\pN_:\- ]*[\pL\pN_])?(?:\.[\pL\pN_](?:[\pL\pN_:\- ]*[\pL\pN_])?|\[\d{1,6}\])*$`)

// UnmarshalText reads a selector. Its errors say where it is wrong, in characters from 1.
func (s *Selector) UnmarshalText(text []byte) error {
	parsed := Selector{text: string(text)}
	if dotted().MatchString(parsed.text) {
		parsed.path = strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(parsed.text), ".")
	} else if err := parsed.program.UnmarshalText(text); err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Compile reads a selector.
func Compile(text string) (Selector, error) {
	var s Selector
	err := s.UnmarshalText([]byte(text))
	return s, err
}

// IsZero reports whether no selector was read.
func (s Selector) IsZero() bool { return s.text == "" }

// String returns the selector as written.
func (s Selector) String() string { return s.text }

// MarshalText returns the selector as written.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// Name is the last name that the selector asks for, such as next_cursor of .meta.next_cursor; "" when it is more than names.
func (s Selector) Name() string {
	if s.path != nil {
		return s.path[len(s.path)-1]
	}
	if found := lastName().FindStringSubmatch(s.text); found != nil {
		return found[1]
	}
	return ""
}

var lastName = late.Regexp(`^(?:\.[\pL_][\pL\pN_]*)*\.([\pL_][\pL\pN_]*)$`)

// Values returns what the selector finds in a value as [jq.Program.Run] takes it. An error is one of the program; what was
// found before it is returned with it.
func (s Selector) Values(ctx context.Context, value any) ([]any, error) {
	if s.path == nil {
		return s.program.Run(ctx, value)
	}
	return walk(nil, value, s.path), nil
}

// walk adds to found what stands at a path.
func walk(found []any, value any, path []string) []any {
	if len(path) == 0 {
		return append(found, value)
	}
	switch v := value.(type) {
	case map[string]any:
		if next, ok := v[path[0]]; ok {
			return walk(found, next, path[1:])
		}
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil {
			if i < len(v) {
				return walk(found, v[i], path[1:])
			}
			return found
		}
		for _, e := range v {
			found = walk(found, e, path)
		}
	}
	return found
}
