package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"feedmill/feed/listing"
)

// deepest bounds how far inside of a JSON document its items are looked for.
const deepest = 5

// list is an array of objects in a JSON document.
type list struct {
	path    string // in jq
	objects []map[string]any
	match   match
}

// JSON is the draft for the JSON document that an address answers: of its lists, the one that looks most like articles.
func JSON(body []byte, address string) (Draft, error) {
	var document any
	if err := json.Unmarshal(body, &document); err != nil {
		return Draft{}, fmt.Errorf("read %s: it is no JSON: %w", address, err)
	}
	var best list
	for _, l := range lists(document, "", deepest) {
		if more := len(l.match.columns) - len(best.match.columns); l.match.usable() && (more > 0 || more == 0 && len(l.objects) > len(best.objects)) {
			best = l
		}
	}
	if best.objects == nil {
		return Draft{}, errors.New("the answer is JSON, but none of its lists holds objects that look like articles, with an id or link and a title or text; " +
			"write items and fields by hand, as in config/examples/json.yaml")
	}
	d := Draft{Key: address, Source: "json:\n  url: " + listing.Scalar(address) + "\n  items: " + listing.Scalar(best.path) + "\n  fields:\n"}
	d.Notes = []string{fmt.Sprintf("the address is JSON with %s under %s; their words: %s", counted(len(best.objects), "object"), best.path, strings.Join(best.match.table.Columns, ", "))}
	for _, word := range meanings {
		name := best.match.columns[word.word]
		if name == "" || word.word == "withdrawn" {
			continue
		}
		selector := listing.Scalar(member("", name))
		if word.word == "content" && !best.holdsMarkup(name) {
			selector = "{select: " + selector + ", as: text}"
		}
		d.Source += "    " + word.word + ": " + selector + "\n"
	}
	if next := nextOf(document); next != "" {
		d.Source += "  next: " + listing.Scalar(next) + "    # leads to older ones; followed until a page ends with a known article\n  pages: 5\n"
	}
	return d, nil
}

// lists are the arrays of objects within a value, the outer ones first.
func lists(value any, path string, depth int) (all []list) {
	switch v := value.(type) {
	case []any:
		l := list{path: path + "[]"}
		if path == "" {
			l.path = ".[]"
		}
		words := map[string]bool{}
		for _, e := range v[:min(len(v), 100)] {
			if o, ok := e.(map[string]any); ok {
				l.objects = append(l.objects, o)
				for name, held := range o {
					switch held.(type) {
					case string, float64:
						words[name] = true
					}
				}
			}
		}
		if l.match = matched(Table{Columns: slices.Sorted(maps.Keys(words))}); len(l.objects) > 0 {
			all = append(all, l)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if depth > 0 {
				all = append(all, lists(v[name], member(path, name), depth-1)...)
			}
		}
	}
	return all
}

func (l list) holdsMarkup(name string) bool {
	return slices.ContainsFunc(l.objects, func(o map[string]any) bool {
		text, _ := o[name].(string)
		return strings.Contains(text, "</")
	})
}

var plainMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// member is the way to a member of what is at a path, in jq.
func member(path, name string) string {
	if plainMember.MatchString(name) {
		return path + "." + name
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		return path // a string: it cannot be
	}
	return path + "." + strings.ReplaceAll(string(quoted), `\(`, `\\(`)
}
