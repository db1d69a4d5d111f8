package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Missed is words that do not fit a document any more, or never did.
type Missed struct {
	// Word is what misses: items, fields, title, link or id.
	Word     string
	Selector string
	// Items is how many records there were.
	Items int
	// Has says in a few words what there is instead.
	Has string
	// Err is what the program said; it may be nil.
	Err error
}

func (m *Missed) Error() string {
	switch {
	case m.Word == "items" && m.Selector == "":
		return "no list of articles was found in it; write items and fields. It is " + m.Has
	case m.Word == "items" && m.Err != nil:
		return fmt.Sprintf("items: %v; look whether the answer has changed. It is %s", m.Err, m.Has)
	case m.Word == "items":
		return fmt.Sprintf("items: %s finds nothing; look whether the answer has changed. It is %s", m.Selector, m.Has)
	case m.Word == "fields":
		return fmt.Sprintf("fields: none of the %d items has a title, a link or content where they are looked for; the first is %s", m.Items, m.Has)
	}
	return fmt.Sprintf("%s: %s finds nothing in any of the %d items; look whether the answer has changed. The first is %s", m.Word, m.Selector, m.Items, m.Has)
}

// Unwrap returns what the program said.
func (m *Missed) Unwrap() error { return m.Err }

// describe says in a few words what a value is.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []any:
		if len(v) == 0 {
			return "an empty list"
		}
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		if len(v) == 0 {
			return "an empty object"
		}
		return "an object with " + namesOf(v)
	case string:
		return "a text"
	case bool:
		return "a truth value"
	}
	return "a number"
}

// namesOf names the members of an object, with what they hold when that is a list.
func namesOf(object map[string]any) string {
	const most, longest, sorted = 12, 40, 1000
	if len(object) > sorted {
		return fmt.Sprintf("%d members", len(object))
	}
	var names []string
	for i, name := range slices.Sorted(maps.Keys(object)) {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(object)-most))
			break
		}
		shown := name
		if r := []rune(shown); len(r) > longest {
			shown = string(r[:longest]) + "…"
		}
		if list, ok := object[name].([]any); ok {
			shown += fmt.Sprintf(" (a list of %d)", len(list))
		}
		names = append(names, shown)
	}
	return strings.Join(names, ", ")
}
