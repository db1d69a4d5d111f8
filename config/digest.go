package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/textproto"
	"reflect"
	"slices"

	"feedmill/feed/fetch"
)

// digest tells the source from others: see [Source]. A bare address is asked with the manners of all.
func (s sourceWords) digest(web fetch.Config) string {
	switch {
	case s.Address.State == good:
		return hash("address", map[string]any{"url": s.Address.Value, "fetch": telling(reflect.ValueOf(web))})
	case s.From.State == good:
		return hash("from", s.From.Value)
	default:
		return digest(s.Kinds)
	}
}

// digest hashes a source's kind and those of its words that differ from their defaults, so that neither a new word in a
// later version nor a default written out changes it. Secrets marshal as ***: a new password is not a new source.
func digest(t table) string {
	kind := kindOf(t)
	set, defaults := reflect.ValueOf(t), reflect.ValueOf(t.defaults(fetch.Default()))
	words := map[string]any{}
	for _, f := range fieldsOf(set.Type()) {
		if f.name != kind {
			continue
		}
		config := set.FieldByIndex(f.index).Elem()
		usual := defaults.FieldByIndex(f.index).Elem()
		for _, w := range fieldsOf(config.Type()) {
			value, before := telling(config.FieldByIndex(w.index)), telling(usual.FieldByIndex(w.index))
			if !reflect.DeepEqual(value, before) {
				words[w.name] = value
			}
		}
	}
	return hash(kind, words)
}

// asked is what of a [fetch.Config] decides which document an address gives.
type asked struct {
	Headers []string `json:"headers,omitempty"`
	Cookies []string `json:"cookies,omitempty"`
	User    string   `json:"user,omitempty"`
}

// telling is the part of a word's value that tells one source from another.
func telling(v reflect.Value) any {
	web, ok := reflect.TypeAssert[fetch.Config](v)
	if !ok {
		return v.Interface()
	}
	var headers []string
	for name := range web.Headers {
		headers = append(headers, textproto.CanonicalMIMEHeaderKey(name))
	}
	slices.Sort(headers)
	return asked{headers, slices.Sorted(maps.Keys(web.Cookies)), web.Auth.User}
}

func hash(kind string, words any) string {
	text, err := json.Marshal(map[string]any{kind: words})
	if err != nil {
		return "" // no kind has words that JSON cannot take; a test holds them to it
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
