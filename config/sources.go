package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
)

// sources takes the sources of a feed.
func (l *loader) sources(feedAt place, written word[[]word[sourceWords]]) []Source {
	switch {
	case written.State == missing:
		feedAt.path += ".source"
		l.report(feedAt, `is missing; say where the articles come from, such as source: {files: "articles/*.md"}`)
		return nil
	case written.State == refused:
		return nil
	case len(written.Value) == 0:
		l.report(written.At, "is empty; write at least one source")
		return nil
	}
	names, digests := map[string]bool{}, map[string]place{}
	for _, s := range written.Value {
		name := s.Value.Name
		if name.State == good && names[string(name.Value)] {
			l.report(name.At, "another source of this feed is called %s", name.Shown)
		}
		names[string(name.or(""))] = true
	}
	var sources []Source
	for _, s := range written.Value {
		kinds := s.Value.Kinds
		source := Source{Name: string(s.Value.Name.or("")), Digest: digest(kinds), Kinds: kinds}
		if source.Name == "" {
			source.Name = freeName(kindOf(kinds), names)
		}
		if first, ok := digests[source.Digest]; ok {
			l.report(s.At, "is the same source as the one on line %d; a feed reads a source once", first.line)
		}
		digests[source.Digest] = s.At
		sources = append(sources, source)
	}
	return sources
}

// freeName returns base, numbered when it is taken, and takes it.
func freeName(base string, taken map[string]bool) string {
	name := base
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	taken[name] = true
	return name
}

// kindOf returns the word of the kind that is set in a table, "" when none is.
func kindOf(t table) string {
	v := reflect.ValueOf(t)
	for _, f := range fieldsOf(v.Type()) {
		if !v.FieldByIndex(f.index).IsNil() {
			return f.name
		}
	}
	return ""
}

// digest hashes a source's kind and those of its words that differ from their defaults, so that neither a new word in a
// later version nor a default written out changes it. Secrets marshal as ***: a new password is not a new source.
func digest(t table) string {
	kind := kindOf(t)
	set, defaults := reflect.ValueOf(t), reflect.ValueOf(t.defaults())
	words := map[string]any{}
	for _, f := range fieldsOf(set.Type()) {
		if f.name != kind {
			continue
		}
		config := set.FieldByIndex(f.index).Elem()
		usual := defaults.FieldByIndex(f.index).Elem()
		for _, w := range fieldsOf(config.Type()) {
			value := config.FieldByIndex(w.index).Interface()
			if !reflect.DeepEqual(value, usual.FieldByIndex(w.index).Interface()) {
				words[w.name] = value
			}
		}
	}
	text, err := json.Marshal(map[string]any{kind: words})
	if err != nil {
		return "" // no kind has words that JSON cannot take; a test holds them to it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
