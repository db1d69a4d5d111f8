package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/fetch"
)

// walk reads the node tree of one file into structs and reports all that does not fit.
type walk struct {
	file string
	// included: the file is not the main one.
	included bool
	env      *environment
	// row fills the words of a block.
	row *rowReader
	// leave is what the file may do; nil: all that the main file may.
	leave *leave
	// fetch is what the fetch of a source is decoded over.
	fetch fetch.Config
	// origin names, for a value that stands in no file, the variable or flag it came from.
	origin   map[*yaml.Node]string
	problems Problems
}

// path is where the walk is: as shown to the operator (feeds.world.source[0].files), and as a word of the schema
// (feeds.*.source.files).
type path struct{ shown, word string }

func (p path) child(name string) path { return path{join(p.shown, name), join(p.word, name)} }
func (p path) key(name string) path   { return path{join(p.shown, name), join(p.word, "*")} }
func (p path) item(i int) path        { return path{p.shown + "[" + strconv.Itoa(i) + "]", p.word} }

// placed is a word[…]: it remembers its place.
type placed interface {
	open(at place, shown string) any
	accept()
}

// held is a deferred[…]: its turn comes later.
type held interface {
	hold(n *yaml.Node, p path)
}

// lone is a struct for which a single value may stand that is none of its words.
type lone interface {
	alone() any
}

// keyed is an entries[…]: a mapping whose keys are the user's.
type keyed interface {
	add(key string, at place) any
}

func (w *walk) place(n *yaml.Node, p path) place {
	if origin, ok := w.origin[n]; ok {
		return place{file: origin, path: p.shown}
	}
	return place{file: w.file, line: n.Line, column: n.Column, path: p.shown}
}

func (w *walk) report(n *yaml.Node, p path, format string, args ...any) {
	w.problems = append(w.problems, w.place(n, p).problem(format, args...))
}

// read fills target, a pointer, from n.
func (w *walk) read(n *yaml.Node, target any, p path) bool {
	return w.decode(n, reflect.ValueOf(target).Elem(), field{}, p)
}

// decode fills v. What f says of the word (short, single) belongs to the value that stands there.
func (w *walk) decode(n *yaml.Node, v reflect.Value, f field, p path) bool {
	n = resolve(n)
	if !w.plain(n, p) {
		return false
	}
	if w.row.passes(w, n, p) {
		if t, remembers := reflect.TypeAssert[placed](v.Addr()); remembers {
			t.open(w.place(n, p), n.Value) // it is written; what it is, each row says
		}
		return false
	}
	switch t := v.Addr().Interface().(type) {
	case placed:
		inner := reflect.ValueOf(t.open(w.place(n, p), n.Value)).Elem()
		ok := w.decode(n, inner, f, p)
		if ok {
			t.accept()
		}
		return ok
	case held:
		t.hold(n, p)
		return true
	case keyed:
		return w.entries(n, t, p)
	case encoding.TextUnmarshaler:
		return w.text(n, t, p)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return w.decode(n, v.Elem(), f, p)
	case reflect.Struct:
		return w.structure(n, v, f, p)
	case reflect.Slice:
		return w.list(n, v, f, p)
	case reflect.Map:
		return w.mapping(n, v, p)
	default:
		return w.scalar(n, v, p)
	}
}

// plain refuses what no value may be: nothing at all, or a tag.
func (w *walk) plain(n *yaml.Node, p path) bool {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		w.report(n, p, `a value that begins with ! is a tag in YAML; put it in quotes`)
		return false
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && w.origin[n] == "":
		w.report(n, p, "has no value; write one or leave the word out")
		return false
	}
	return true
}

// structure reads the words of a struct.
func (w *walk) structure(n *yaml.Node, v reflect.Value, f field, p path) bool {
	fields := fieldsOf(v.Type())
	if n.Kind == yaml.ScalarNode && f.short {
		// The value keeps the struct's path: the first word is not written.
		return w.decode(n, v.FieldByIndex(fields[0].index), fields[0], p) && w.validate(n, v, p)
	}
	if t, ok := reflect.TypeAssert[lone](v.Addr()); ok && n.Kind == yaml.ScalarNode {
		return w.read(n, t.alone(), p)
	}
	if n.Kind != yaml.MappingNode {
		return w.mismatch(n, p, "words with a colon ("+example(fields)+")")
	}
	ok, seen := true, false
	kinds := w.kindDefaults(v)
	for _, pair := range w.pairs(n, p) {
		known, found := lookup(fields, pair.key.Value)
		child := p.child(pair.key.Value)
		if found && w.row.empty(resolve(pair.value)) {
			seen = seen || known.kind
			continue
		}
		if !found {
			w.unknown(pair.key, fields, child)
			ok, seen = false, true
			continue
		}
		target := v.FieldByIndex(known.index)
		if known.kind {
			seen = true
			fill(target, kinds[known.name])
		}
		if !w.leave.word(w, pair.value, child) {
			if t, remembers := reflect.TypeAssert[placed](target.Addr()); remembers {
				t.open(w.place(pair.value, child), "") // and never accept
			}
			ok = false
			continue
		}
		if w.commented(pair, child) || !w.decode(pair.value, target, known, child) {
			ok = false
		}
	}
	return w.oneKind(n, v, fields, seen, p) && ok && w.validate(n, v, p)
}

// commented catches title: #1 News, which YAML takes for a word without a value and a comment.
func (w *walk) commented(pair pair, p path) bool {
	v := pair.value
	if v.ShortTag() != "!!null" || v.Value != "" || pair.key.LineComment+v.LineComment == "" {
		return false
	}
	w.report(v, p, "has no value, for what follows # is a comment; put quotes around text with a # in it: \"#1\"")
	return true
}

func lookup(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// entries reads a mapping with keys of the user's choice.
func (w *walk) entries(n *yaml.Node, target keyed, p path) bool {
	if n.Kind != yaml.MappingNode {
		return w.mismatch(n, p, "names with a colon and words below each")
	}
	ok := true
	for _, pair := range w.pairs(n, p) {
		child := p.key(pair.key.Value)
		value := reflect.ValueOf(target.add(pair.key.Value, w.place(pair.key, child))).Elem()
		if w.commented(pair, child) || !w.decode(pair.value, value, field{}, child) {
			ok = false
		}
	}
	return ok
}

// mapping reads a map whose keys are the user's. It takes the place of what was there.
func (w *walk) mapping(n *yaml.Node, v reflect.Value, p path) bool {
	if n.Kind != yaml.MappingNode {
		return w.mismatch(n, p, "names with a colon and a value for each")
	}
	ok, made := true, reflect.MakeMap(v.Type())
	for _, pair := range w.pairs(n, p) {
		child := p.key(pair.key.Value)
		value := reflect.New(v.Type().Elem()).Elem()
		if w.commented(pair, child) || !w.decode(pair.value, value, field{}, child) {
			ok = false
		}
		made.SetMapIndex(reflect.ValueOf(pair.key.Value), value)
	}
	v.Set(made)
	return ok
}

// list reads a list; one entry may stand without it where the word says so, and a single value for the first word of each.
func (w *walk) list(n *yaml.Node, v reflect.Value, f field, p path) bool {
	items := []*yaml.Node{n}
	switch {
	case n.Kind == yaml.MappingNode && reflect.PointerTo(v.Type().Elem()).Implements(reflect.TypeFor[labelled]()):
		return w.labelled(n, v, p)
	case n.Kind == yaml.SequenceNode:
		items = n.Content
	case later[p.word+":"+form(n)] && !f.single:
		w.report(n, p, "this form of %s %s; write a list", last(p.word), notYet)
		return false
	case !f.single:
		return w.mismatch(n, p, "a list, such as [a, b]")
	}
	ok := true
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		at := p
		if n.Kind == yaml.SequenceNode {
			at = p.item(i)
		}
		ok = w.decode(item, list.Index(i), field{short: f.short}, at) && ok
	}
	v.Set(list)
	return ok
}

// mismatch reports a value of the wrong form.
func (w *walk) mismatch(n *yaml.Node, p path, wanted string) bool {
	if later[p.word+":"+form(n)] {
		w.report(n, p, "this form of %s %s; write %s", last(p.word), notYet, wanted)
		return false
	}
	got := map[string]string{"text": "a single value", "list": "a list", "words": "words with a colon"}[form(n)]
	hint := ""
	if n.Style&yaml.FlowStyle != 0 {
		hint = fmt.Sprintf("; text that begins with %c must be put in quotes", map[string]rune{"list": '[', "words": '{'}[form(n)])
	}
	w.report(n, p, "takes %s, not %s%s", wanted, got, hint)
	return false
}

// form is what a later word's ending may name.
func form(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		return "words"
	default:
		return "text"
	}
}

func last(word string) string { return word[strings.LastIndexByte(word, '.')+1:] }
