package config

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// value returns the text of a scalar with ${…} put in, and whether anything was put in: then it is read as text, whatever
// the type wanted, and never shown.
func (w *walk) value(n *yaml.Node, p path, wanted string) (text string, put, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return "", false, w.mismatch(n, p, wanted)
	}
	if strings.HasPrefix(w.origin[n], envPrefix) {
		return n.Value, false, true // a variable's value is taken as it is
	}
	text, values, err := w.expand(n.Value, p)
	if err != nil {
		w.report(n, p, "%v", err)
		return "", false, false
	}
	return text, len(values) > 0, true
}

// expand puts ${…} and the values of a row into a text.
func (w *walk) expand(text string, p path) (string, []string, error) {
	return w.env.expand(text, func(before, piece string) (string, []string, error) { return w.row.fill(p.word, before, piece) })
}

// text reads a value type.
func (w *walk) text(n *yaml.Node, target encoding.TextUnmarshaler, p path) bool {
	text, put, ok := w.value(n, p, "a single value")
	if !ok {
		return false
	}
	err := target.UnmarshalText([]byte(text))
	if err == nil {
		return true
	}
	if !put {
		w.report(n, p, "%v", err)
		return false
	}
	// The error may repeat what a variable or a file holds. The same complaint about the text as written cannot.
	if err = target.UnmarshalText([]byte(n.Value)); err == nil {
		w.report(n, p, "what %q stands for does not fit here", n.Value)
	} else {
		w.report(n, p, "what it stands for does not fit here: %v", err)
	}
	return false
}

// scalar reads a value of one of Go's own types.
func (w *walk) scalar(n *yaml.Node, v reflect.Value, p path) bool {
	switch v.Kind() {
	case reflect.Bool:
		return w.boolean(n, v, p)
	case reflect.Int, reflect.Int64:
		return w.number(n, v, p)
	case reflect.Float64:
		return w.fraction(n, v, p)
	default:
		text, _, ok := w.value(n, p, "a text")
		if ok {
			v.SetString(text)
		}
		return ok
	}
}

func (w *walk) boolean(n *yaml.Node, v reflect.Value, p path) bool {
	text, put, ok := w.value(n, p, "true or false")
	if !ok {
		return false
	}
	text = strings.ToLower(text)
	if text != "true" && text != "false" || !w.bare(n, put) {
		w.report(n, p, "takes true or false, without quotes; yes, no, on and off are text in YAML")
		return false
	}
	v.SetBool(text == "true")
	return true
}

func (w *walk) number(n *yaml.Node, v reflect.Value, p path) bool {
	text, put, ok := w.value(n, p, "a whole number")
	if !ok {
		return false
	}
	number, err := strconv.ParseInt(text, 10, v.Type().Bits())
	if err != nil || !w.bare(n, put) {
		w.report(n, p, "takes a whole number, such as 30, without quotes")
		return false
	}
	v.SetInt(number)
	return true
}

func (w *walk) fraction(n *yaml.Node, v reflect.Value, p path) bool {
	text, put, ok := w.value(n, p, "a number")
	if !ok {
		return false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !w.bare(n, put) {
		w.report(n, p, "takes a number, such as 0.2, without quotes")
		return false
	}
	v.SetFloat(number)
	return true
}

// bare reports whether n may be read as something else than text: it is not quoted, or came by way of a reference, a
// variable or a flag.
func (w *walk) bare(n *yaml.Node, put bool) bool {
	return put || w.origin[n] != "" || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}
