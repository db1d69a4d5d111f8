package files

import "strings"

// value is what front matter, a header line or a document's head says for one word, with its place. Scalars keep the
// text as it was written: 1.10 stays 1.10, and a date keeps its missing zone.
type value struct {
	line  int // 1-based line in the file, 0 when unknown
	kind  valueKind
	text  string  // of a scalar
	items []value // of a list
	pairs []pair  // of a table, in the order written
}

type valueKind int

const (
	nothing valueKind = iota // the word stands there without a value
	scalar
	list
	table
)

// pair is one word with its value.
type pair struct {
	word  string
	value value
}

func textValue(line int, s string) value {
	if strings.TrimSpace(s) == "" {
		return value{line: line}
	}
	return value{line: line, kind: scalar, text: s}
}

// first returns the value of the first of words that stands in the table.
func (v value) first(words ...string) value {
	for _, w := range words {
		for _, p := range v.pairs {
			if strings.EqualFold(p.word, w) && p.value.kind != nothing {
				return p.value
			}
		}
	}
	return value{line: v.line}
}

// oneOrMany returns the elements of a list, or the value itself when it is a single one.
func (v value) oneOrMany() []value {
	switch v.kind {
	case nothing:
		return nil
	case list:
		return v.items
	}
	return []value{v}
}

// describe names the kind of a value in messages.
func (v value) describe() string {
	switch v.kind {
	case list:
		return "a list"
	case table:
		return "a group of words"
	}
	return "text"
}
