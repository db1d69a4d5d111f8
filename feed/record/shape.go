package record

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"feedmill/feed/field"
)

// Shape is words that were found in a document: as texts, so that they can be kept and shown.
type Shape struct {
	Items string `json:"items"`
	// Fields are the words in the order of [field.Words].
	Fields []Found `json:"fields"`
}

// Found is a word of an article with where it stands in a record, in jq.
type Found struct {
	Word   string   `json:"word"`
	Select string   `json:"select"`
	As     field.As `json:"as,omitempty"`
}

// String writes the shape as it would stand in a configuration, on one line.
func (s Shape) String() string {
	fields := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		fields[i] = f.Word + ": " + f.Select
		if f.As != "" {
			fields[i] = f.Word + ": {select: " + f.Select + ", as: " + string(f.As) + "}"
		}
	}
	return "items: " + strconv.Quote(s.Items) + ", fields: {" + strings.Join(fields, ", ") + "}"
}

// Words compiles the shape.
func (s Shape) Words() (Words, error) {
	var w Words
	var err error
	if w.Items, err = Compile(s.Items); err != nil {
		return Words{}, err
	}
	for _, f := range s.Fields {
		chosen, err := Compile(f.Select)
		if err != nil {
			return Words{}, err
		}
		w.Fields.Put(f.Word, field.Rules[Selector]{{Select: chosen, As: f.As}})
	}
	return w, nil
}

// candidate is a list of a document that may be that of its articles.
type candidate struct {
	items   string
	records []any
	fields  []Found
	worth   int
}

// The bounds of the search: levels below the document, lists looked at, records of each.
const (
	deepestList = 6
	mostLists   = 500
	mostSamples = 30
)

// Find finds the list of articles in a document, and the words of an article in its records, by the names that they have. It
// reports false when no list has any that looks like a title, a link or a content.
func Find(document any) (Shape, bool) {
	var best candidate
	for _, c := range lists(document) {
		c.fields, c.worth = wordsOf(c.records)
		if c.worth > best.worth || c.worth == best.worth && c.worth > 0 && len(c.records) > len(best.records) {
			best = c
		}
	}
	return Shape{best.items, best.fields}, best.worth > 0
}

// FindFields finds the words of an article in the records of a list.
func FindFields(records []any) ([]Found, bool) {
	fields, worth := wordsOf(records)
	return fields, worth > 0
}

// FindItems finds the longest list of objects in a document, the first of several: for one of which the words are known. It
// returns "" when there is none.
func FindItems(document any) string {
	var best candidate
	for _, c := range lists(document) {
		if len(c.records) > len(best.records) {
			best = c
		}
	}
	return best.items
}

// IsRecord reports whether an object is an article itself, rather than what lists articles.
func IsRecord(object map[string]any) bool {
	_, own := wordsOf([]any{object})
	best, found := 0, false
	for _, c := range lists(object) {
		_, worth := wordsOf(c.records)
		best, found = max(best, worth), true
	}
	return !found || own > best
}

// lists are the lists of objects in a document: those nearer to its top first, those of one level by name.
func lists(document any) []candidate {
	type place struct {
		path  string
		value any
	}
	var found []candidate
	level := []place{{"", document}}
	for range deepestList {
		var below []place
		for _, p := range level {
			switch v := p.value.(type) {
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(v)) {
					below = append(below, place{p.path + member(name), v[name]})
				}
			case []any:
				found = append(found, listsAt(p.path, v)...)
			}
			if len(found) > mostLists || len(below) > 10*mostLists {
				return found
			}
		}
		level = below
	}
	return found
}

// listsAt are a list of objects, and for each member that is an object in all of them, the list of these: many services wrap
// each record (edges[].node, hits[]._source).
func listsAt(path string, list []any) []candidate {
	if path == "" {
		path = "."
	}
	path = prefixed(path) + "[]"
	var records []any
	for _, v := range list {
		if _, ok := v.(map[string]any); ok {
			records = append(records, v)
		}
	}
	if len(records) == 0 || len(records) < len(list) {
		return nil
	}
	found := []candidate{{items: path, records: records}}
	first, _ := records[0].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(first)) {
		var within []any
		for _, v := range records {
			object, _ := v.(map[string]any)
			if inner, ok := object[name].(map[string]any); ok {
				within = append(within, inner)
			}
		}
		if len(within) == len(records) && len(found) < mostLists {
			found = append(found, candidate{items: path + member(name), records: within})
		}
	}
	return found
}

// member is the step of jq to a member of an object.
func member(name string) string {
	if plain(name) {
		return "." + name
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return "." // a text can be written
	}
	return "[" + string(quoted) + "]"
}

func plain(name string) bool {
	for i, c := range []byte(name) {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
