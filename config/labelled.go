package config

import (
	"encoding"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// labelled is an entry of a list that may also stand in a mapping, as a word whose value says more of it.
type labelled interface {
	encoding.TextUnmarshaler
	value(at place) any
}

// labelled reads a mapping that stands for a list.
func (w *walk) labelled(n *yaml.Node, v reflect.Value, p path) bool {
	ok := true
	list := reflect.MakeSlice(v.Type(), 0, len(n.Content)/2)
	for _, pair := range w.pairs(n, p) {
		child := p.child(pair.key.Value)
		one := reflect.New(v.Type().Elem())
		entry, _ := reflect.TypeAssert[labelled](one)
		if err := entry.UnmarshalText([]byte(pair.key.Value)); err != nil {
			w.report(pair.key, p, "%v", err)
			ok = false
			continue
		}
		if w.commented(pair, child) || !w.read(pair.value, entry.value(w.place(pair.value, child)), child) {
			ok = false
		}
		list = reflect.Append(list, one.Elem())
	}
	v.Set(list)
	return ok
}
