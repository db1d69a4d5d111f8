package config

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/setting"
)

// unknown reports a word that does not stand here, with what may have been meant.
func (w *walk) unknown(key *yaml.Node, fields []field, p path) {
	if later[p.word] {
		w.report(key, p, notYet)
		return
	}
	if w.included && p.shown == key.Value {
		w.report(key, p, "an included file holds feeds and nothing else")
		return
	}
	parent := strings.TrimSuffix(p.word, key.Value)
	var here []string
	for _, f := range fields {
		here = append(here, f.name)
	}
	for word := range later {
		if name, below := strings.CutPrefix(word, parent); below && !strings.ContainsAny(name, ".:") {
			here = append(here, name)
		}
	}
	if name := setting.Nearest(key.Value, here); name != "" {
		note := ""
		if later[parent+name] {
			note = ", which " + notYet
		}
		w.report(key, p, "unknown word; did you mean %s%s?", name, note)
		return
	}
	if place := elsewhere(key.Value); place != "" {
		w.report(key, p, "unknown word here; it belongs below %s", place)
		return
	}
	w.report(key, p, "unknown word; there are %s", example(fields))
}

// elsewhere returns the words below which name stands in the schema, when there are at most three such places. The fetch of
// a source repeats that of all, and counts for no place of its own.
func elsewhere(name string) string {
	var found []string
	for _, known := range wordsOf(reflect.TypeFor[mainWords](), "") {
		if parent, ok := strings.CutSuffix(known.path, "."+name); ok && !strings.Contains(parent+".", ".fetch.") {
			found = append(found, strings.ReplaceAll(parent, "*", "KEY"))
		}
	}
	if len(found) > 3 {
		return ""
	}
	return strings.Join(found, " or ")
}

// example lists words for a message.
func example(fields []field) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}
