package config

import (
	"errors"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// kindDefaults returns, for each kind in the tables inlined in v, its Config before any word is read.
func (w *walk) kindDefaults(v reflect.Value) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		t, ok := reflect.TypeAssert[table](v.Field(i))
		if !ok {
			continue
		}
		defaults := reflect.ValueOf(t.defaults(w.fetch))
		for _, f := range fieldsOf(defaults.Type()) {
			found[f.name] = defaults.FieldByIndex(f.index)
		}
	}
	return found
}

// fill gives a kind's pointer its defaults, if it has any.
func fill(target, defaults reflect.Value) {
	if target.Kind() != reflect.Pointer {
		return
	}
	target.Set(reflect.New(target.Type().Elem()))
	if defaults.IsValid() && !defaults.IsNil() {
		target.Elem().Set(defaults.Elem())
	}
}

// oneKind checks that exactly one kind is written. seen: a kind or a refused word that may be one was there.
func (w *walk) oneKind(n *yaml.Node, v reflect.Value, fields []field, seen bool, p path) bool {
	var all, set []string
	for _, f := range fields {
		if !f.kind {
			continue
		}
		all = append(all, f.name)
		if !v.FieldByIndex(f.index).IsZero() {
			set = append(set, f.name)
		}
	}
	switch {
	case len(set) > 1:
		w.report(n, p, "has %d kinds, %s; write an entry for each", len(set), strings.Join(set, " and "))
		return false
	case len(all) > 0 && len(set) == 0 && !seen:
		w.report(n, p, "names no kind; there are %s", strings.Join(all, ", "))
		return false
	}
	return true
}

// validate asks a struct that was read without fault whether its words go together. A message that begins with one of
// its words is reported at that word.
func (w *walk) validate(n *yaml.Node, v reflect.Value, p path) bool {
	checked, ok := reflect.TypeAssert[interface{ Validate() error }](v)
	if !ok {
		return true
	}
	err := checked.Validate()
	if err == nil {
		return true
	}
	errs := []error{err}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		errs = joined.Unwrap()
	}
	for _, err := range errs {
		message := w.redact(err.Error(), n, p)
		word, rest, _ := strings.Cut(message, " ")
		word = strings.TrimSuffix(word, ":")
		at, child := n, p
		if value := valueOf(n, word); value != nil {
			at, child, message = value, p.child(word), rest
		}
		w.report(at, child, "%s", message)
	}
	return false
}

// valueOf returns the value of a word in a mapping, nil when it is not there.
func valueOf(n *yaml.Node, word string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for _, pair := range pairsOf(n) {
		if pair.key.Value == word {
			return resolve(pair.value)
		}
	}
	return nil
}

// shortestSecret, in bytes: what is shorter stands in every other word of a message.
const shortestSecret = 4

// conceal puts shown for secret, which a message may have in quotes or escaped.
func conceal(message, secret, shown string) string {
	for _, form := range []string{secret, strings.Trim(strconv.Quote(secret), `"`), url.PathEscape(secret)} {
		if form != "" {
			message = strings.ReplaceAll(message, form, shown)
		}
	}
	return message
}

// redact puts ${NAME} back for what a variable or a file gave to a value below n.
func (w *walk) redact(message string, n *yaml.Node, p path) string {
	if n = resolve(n); n.Kind == yaml.ScalarNode {
		if text, put, err := w.expand(n.Value, p); err == nil && len(put) > 0 {
			const written = "\x00" // no value in YAML holds it
			message = conceal(message, text, written)
			for _, value := range put {
				if len(value) >= shortestSecret { // of an address, say, a message may show a part
					message = conceal(message, value, "***")
				}
			}
			message = strings.ReplaceAll(message, written, n.Value)
		}
		return message
	}
	if n.Kind == yaml.MappingNode {
		for _, pair := range pairsOf(n) {
			if value := resolve(pair.value); value.Kind != yaml.MappingNode {
				message = w.redact(message, value, p.child(pair.key.Value))
			}
		}
		return message
	}
	for _, item := range n.Content {
		if item = resolve(item); item.Kind == yaml.ScalarNode {
			message = w.redact(message, item, p)
		}
	}
	return message
}
