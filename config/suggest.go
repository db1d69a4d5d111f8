package config

import (
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
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
	if name := nearest(key.Value, here); name != "" {
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

// nearest returns the known word that was probably meant, or "".
func nearest(word string, known []string) string {
	best, bestDistance := "", min(3, max(1, len(word)/3))+1
	for _, k := range known {
		if d := distance(normal(word), normal(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

func normal(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "-", "_")
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to make b of a.
func distance(a, b string) int {
	const longest = 40
	x, y := []rune(a), []rune(b)
	if len(x) > longest || len(y) > longest {
		return longest
	}
	var d [longest + 1][longest + 1]int // d[i][j] is the distance of the first i letters of a and j of b
	for i := range len(x) + 1 {
		for j := range len(y) + 1 {
			if i == 0 || j == 0 {
				d[i][j] = i + j
				continue
			}
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change) //nolint:gosec // neither is 0
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1) //nolint:gosec // here even above 1
			}
		}
	}
	return d[len(x)][len(y)]
}
