package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"feedmill/feed/field"
	"feedmill/feed/setting"
)

// column is a column of a result.
type column struct {
	name string
	kind columnKind
}

// columnKind is what a text of the database is to be taken for.
type columnKind int

const (
	text     columnKind = iota
	moment              // a date with its zone
	utc                 // a date in UTC that does not say so
	local               // a date that names no zone
	array               // in the way of Postgres
	declared            // a date by the words of the table, of which SQLite takes no notice
)

// The words that columns have beside those of [field.Words].
const (
	slugWord      = "slug"
	withdrawnWord = "withdrawn"
	asWord        = "content_as"
)

// words are all words that a column can bear.
func words() []string {
	return append(slices.Clone(field.Words[:]), "authors", slugWord, withdrawnWord, asWord)
}

// place is the selector of a rule: the column of that name.
type place string

// IsZero reports whether there is no column.
func (p place) IsZero() bool { return p == "" }

// String says where the value is, as a trace shows it.
func (p place) String() string { return "column " + string(p) }

// MarshalText returns the column's name.
func (p place) MarshalText() ([]byte, error) { return []byte(p), nil }

// table is how the columns of a result make articles.
type table struct {
	columns []column
	at      map[string]int // by word
	fields  field.Fields[place]
	// unknown are the columns that are no word.
	unknown []error
}

// UnknownColumn is a column that is no word of an article.
type UnknownColumn struct {
	Name, Meant string // Meant is the nearest word, if one is near
}

func (u *UnknownColumn) Error() string {
	if u.Meant != "" {
		return fmt.Sprintf("the column %s is no word of an article; did you mean %s? Write  %s AS %s", u.Name, u.Meant, u.Name, u.Meant)
	}
	return fmt.Sprintf("the column %s is no word of an article, such as title, link or content; leave it out, or give it the name of one with AS", u.Name)
}

// newTable finds the words that columns bear.
func newTable(columns []column) (*table, error) {
	t := &table{columns: columns, at: map[string]int{}}
	known := words()
	for i, c := range columns {
		word := strings.ToLower(c.name)
		if !slices.Contains(known, word) {
			t.unknown = append(t.unknown, &UnknownColumn{c.name, setting.Nearest(word, known)})
			continue
		}
		if _, twice := t.at[word]; twice {
			return nil, fmt.Errorf("the query has two columns called %s; leave one of them out", word)
		}
		t.at[word] = i
		t.put(word)
	}
	return t, t.check()
}

// put lets the article's word be made of the column.
func (t *table) put(word string) {
	rule := field.Rule[place]{Select: place(word)}
	if word == "authors" {
		word = "author"
	}
	t.fields.Put(word, append(t.fields.Of(word), rule)) // words of its own are read in row.go
}

// check refuses what no articles can be made of.
func (t *table) check() error {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { _, ok := t.at[word]; return ok })
	}
	var err error
	switch {
	case !has("id", "link"):
		err = errors.New("the query gives neither a column id nor a column link, one of which it takes to know an article again; write for example  SELECT number AS id, …")
	case !has("title", "content", "summary"):
		err = errors.New("the query gives no column title, content or summary; write for example  SELECT id, headline AS title, body AS content, …")
	default:
		return nil
	}
	return errors.Join(append([]error{err}, t.unknown...)...)
}

// lacks names a column that was there before and is no word any more, "" when there is none.
func (t *table) lacks(before []string) string {
	for _, word := range before {
		if _, ok := t.at[word]; !ok {
			return word
		}
	}
	return ""
}

// names are the words of the columns, sorted.
func (t *table) names() []string {
	var names []string
	for word := range t.at {
		names = append(names, word)
	}
	slices.Sort(names)
	return names
}
