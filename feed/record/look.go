package record

import (
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// wordsOf finds the words of an article in records. The worth is 0 when none of them has a title, a link or a content.
func wordsOf(records []any) (fields []Found, worth int) {
	records = records[:min(len(records), mostSamples)]
	paths := pathsOf(records)
	taken, says := map[string]bool{}, false
	for _, n := range names {
		for _, name := range n.names {
			path, values := paths.at(name)
			if path == "" || taken[path] || !fits(n.word, values) {
				continue
			}
			taken[path] = true
			fields = append(fields, Found{Word: n.word, Select: path, As: written(n.word, name, values)})
			worth += n.worth
			says = says || n.word == "title" || n.word == "link" || n.word == "content"
			break
		}
	}
	if !says {
		return nil, 0
	}
	slices.SortStableFunc(fields, func(a, b Found) int {
		return slices.Index(field.Words[:], a.Word) - slices.Index(field.Words[:], b.Word)
	})
	return fields, worth
}

// paths are the members of records by their folded names, and the members of these that are objects.
type paths map[string]*values

type values struct {
	path string
	all  []any
}

func pathsOf(records []any) paths {
	found := paths{}
	for _, r := range records {
		object, _ := r.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			found.add(fold(name), prefixed(member(name)), object[name])
			inner, _ := object[name].(map[string]any)
			for _, other := range slices.Sorted(maps.Keys(inner)) {
				found.add(fold(name)+"."+fold(other), prefixed(member(name)+member(other)), inner[other])
			}
		}
	}
	return found
}

// prefixed is a path of jq that begins with a dot.
func prefixed(path string) string {
	if strings.HasPrefix(path, "[") {
		return "." + path
	}
	return path
}

func (p paths) add(name, path string, value any) {
	v := p[name]
	if v == nil {
		v = &values{path: path}
		p[name] = v
	}
	if v.path == path && value != nil && value != "" {
		v.all = append(v.all, value)
	}
}

func (p paths) at(name string) (path string, all []any) {
	if v := p[name]; v != nil && len(v.all) > 0 {
		return v.path, v.all
	}
	return "", nil
}

// fold is a name in small letters without what parts its words: publishedAt, published_at and Published-At are one.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// fits reports whether most of the values can be those of a word.
func fits(word string, all []any) bool {
	good := 0
	for _, v := range all {
		if fitting(word, v) {
			good++
		}
	}
	return good > 0 && 2*good >= len(all)
}

func fitting(word string, v any) bool {
	m := markup.JSONMatch(nil, v)
	text, isText := v.(string)
	_, isList := v.([]any)
	object, isObject := v.(map[string]any)
	switch word {
	case "link", "audio":
		return isText && isAddress(text)
	case "image":
		return isAddress(m.Address())
	case "published", "updated", "expires":
		t, err := clean.WildDate(m.Text(), time.UTC, time.Unix(0, 0))
		return err == nil && !isList && !isObject && t.Year() > 1970
	case "author":
		name, _ := object["name"].(string)
		return isText || isList && listed(v) || name != ""
	case "tags":
		return isText || isList && listed(v) || isObject && speaks(object)
	case "id":
		return !isList && !isObject
	case "language":
		_, err := language.Parse(text)
		return err == nil
	case "status":
		return text == "ready" || text == string(feed.Draft) || text == string(feed.Withdrawn)
	case "minor", "pin":
		return text == "true" || text == "false" || v == true || v == false
	}
	return isText
}

// listed reports whether a list has names: texts, or objects that have one.
func listed(v any) bool {
	list, _ := v.([]any)
	for _, e := range list {
		object, isObject := e.(map[string]any)
		if text, ok := e.(string); (!ok || text == "") && (!isObject || !speaks(object)) {
			return false
		}
	}
	return len(list) > 0
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
}

// written is what content is written in.
func written(word, name string, all []any) field.As {
	if word != "content" {
		return ""
	}
	if strings.Contains(name, "markdown") {
		return field.Markdown
	}
	for _, v := range all {
		if text, _ := v.(string); strings.Contains(text, "<") && strings.Contains(text, ">") {
			return ""
		}
	}
	return field.Plain
}
