package config

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"

	"feedmill/feed/fetch"
)

// field is one word of a struct: a yaml tag, found in the struct itself or in one of its inline structs.
type field struct {
	name  string
	index []int
	// kind is set for the pointer fields of a table of kinds (see kinds.go), and for what stands beside it as a kind.
	kind bool
	// short: a single value stands for the first word. single: one entry may stand without its list.
	short, single bool
}

// table is an inline struct with one pointer field a kind, whose defaults are not all zero.
type table interface {
	// defaults returns the table with every kind as it is when none of its words is written. web is what the fetch of a
	// kind that asks the web begins with.
	defaults(web fetch.Config) any
}

// known holds the words of structs, which never change: they are asked for with every source of every feed.
var known sync.Map // of []field by reflect.Type

// fieldsOf returns the words of struct t, for reading.
func fieldsOf(t reflect.Type) []field {
	if fields, ok := known.Load(t); ok {
		return fields.([]field)
	}
	fields := readFields(t)
	known.Store(t, fields)
	return fields
}

func readFields(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case option == "inline":
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				inner.kind = inner.kind || tagged(f, "kinds")
				inner.short = inner.short || tagged(f, "short")
				fields = append(fields, inner)
			}
		case name != "" && name != "-":
			fields = append(fields, field{
				name: name, index: []int{i},
				kind: tagged(f, "kind"), short: tagged(f, "short"), single: tagged(f, "single"),
			})
		}
	}
	return fields
}

// tagged tells whether the words tag of f holds option.
func tagged(f reflect.StructField, option string) bool {
	return slices.Contains(strings.Fields(f.Tag.Get("words")), option)
}

// knownWord is a word of this version by its path: "feeds.*.source.files.path". Lists leave no trace in a path.
type knownWord struct {
	path   string
	scalar bool // a single value may stand here
	// first is the word that a single value stands for; empty when it stands for itself.
	first string
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

// wordsOf returns the words below type t.
func wordsOf(t reflect.Type, prefix string) []knownWord {
	t = content(t)
	if t.Kind() == reflect.Slice {
		if value, ok := entryValue(t); ok {
			return wordsOf(value, join(prefix, "*"))
		}
		return wordsOf(t.Elem(), prefix)
	}
	if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(textType) {
		return nil
	}
	var words []knownWord
	for _, f := range fieldsOf(t) {
		inner := content(t.FieldByIndex(f.index).Type)
		w := knownWord{path: join(prefix, f.name)}
		text := reflect.PointerTo(inner).Implements(textType)
		w.scalar = text || f.short || !slices.Contains([]reflect.Kind{reflect.Struct, reflect.Slice, reflect.Map}, inner.Kind())
		if f.short && !text {
			if inner.Kind() == reflect.Slice {
				inner = content(inner.Elem())
			}
			w.first = fieldsOf(inner)[0].name
		}
		words = append(append(words, w), wordsOf(inner, w.path)...)
	}
	return words
}

// content takes pointers, word[…] and deferred[…] off a type.
func content(t reflect.Type) reflect.Type {
	for {
		switch {
		case t.Kind() == reflect.Pointer:
			t = t.Elem()
		case reflect.PointerTo(t).Implements(reflect.TypeFor[placed]()), reflect.PointerTo(t).Implements(reflect.TypeFor[held]()):
			f, _ := t.FieldByName("Value")
			t = f.Type
		default:
			return t
		}
	}
}

// entryValue returns the type of the values of an entries type.
func entryValue(t reflect.Type) (reflect.Type, bool) {
	if !reflect.PointerTo(t).Implements(reflect.TypeFor[keyed]()) {
		return nil, false
	}
	f, _ := t.Elem().FieldByName("Value")
	return f.Type, true
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}
