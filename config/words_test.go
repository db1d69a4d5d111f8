package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/fetch"
)

// TestContract compares the words of examples/all.yaml with those that the program takes.
func TestContract(t *testing.T) {
	data, err := os.ReadFile("examples/all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	root, problems := parse("all.yaml", data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	known := map[string]bool{}
	for _, w := range wordsOf(reflect.TypeFor[mainWords](), "") {
		known[w.path] = true
	}
	written := map[string]bool{}
	collect(root, "", written)
	for path := range maps.Clone(written) {
		if _, word, inField := strings.Cut(path, ".fields."); inField && rule(word) != "" {
			written[rule(word)] = true
			known[rule(word)] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(known)) {
		if _, word, inSource := strings.Cut(path, ".fetch."); inSource && known["fetch."+word] {
			continue // all words of fetch stand below the first one
		}
		if _, word, inEdition := strings.Cut(path, ".editions.*."); inEdition && strings.Contains(word, ".") && known["feeds.*."+word] {
			continue // all words of filters and limit stand below those of a feed
		}
		if _, word, inField := strings.Cut(path, ".fields."); inField && written[rule(word)] {
			continue // all words of a rule stand below one field or another
		}
		if !written[path] {
			t.Errorf("the program takes %s, which is not in examples/all.yaml", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(written)) {
		if !known[path] {
			t.Errorf("examples/all.yaml has %s, which the program does not take", path)
		}
	}
}

// rule is the word of a rule below a field, "" for the field itself.
func rule(word string) string {
	_, word, _ = strings.Cut(word, ".")
	return word
}

// collect gathers the paths of all words below n; the keys of feeds become *, and those of headers, cookies, readers and
// moved are none.
func collect(n *yaml.Node, prefix string, found map[string]bool) {
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			collect(c, prefix, found)
		case prefix == "moved":
		case strings.HasSuffix(prefix, "fetch.headers") || strings.HasSuffix(prefix, "fetch.cookies") || strings.HasSuffix(prefix, "access.readers"):
		case i%2 == 1 && (prefix == "feeds" || prefix == "feeds.*.editions"):
			collect(c, prefix+".*", found)
		case i%2 == 1:
			path := join(prefix, n.Content[i-1].Value)
			found[path] = true
			collect(c, path, found)
		}
	}
}

// TestContractDefaults holds the values that examples/all.yaml calls defaults to the built-in ones.
func TestContractDefaults(t *testing.T) {
	data, err := os.ReadFile("examples/all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sections := regexp.MustCompile(`(?ms)^(?:timezone|state|log|server|admin|fetch|defaults):.*?(?:\n\n|\z)`).FindAllString(string(data), -1)
	feeds := "base_url: https://news.example.org\nfeeds:\n  world: {source: {files: a.md}}\n"
	with := load(t, write(t, strings.Join(sections, "")+feeds))
	without := load(t, write(t, "server: {}\n"+feeds))
	with.Dir, without.Dir, with.Files, without.Files = "", "", nil, nil
	with.State, without.State = with.State[strings.LastIndex(with.State, "/"):], without.State[strings.LastIndex(without.State, "/"):]
	equal(t, "Fetch", with.Fetch, without.Fetch) // in print, an empty list is like none
	with.Fetch, without.Fetch = fetch.Config{}, fetch.Config{}
	a, b := with.Feeds[0], without.Feeds[0]
	a.File, b.File, a.Line, b.Line = "", "", 0, 0
	a.Sources[0].Fetch, b.Sources[0].Fetch = fetch.Config{}, fetch.Config{}
	with.Feeds, without.Feeds = nil, nil
	if !reflect.DeepEqual(with, without) || !reflect.DeepEqual(a, b) {
		t.Errorf("examples/all.yaml gives\n%+v\n%+v\nwithout it there is\n%+v\n%+v", with, a, without, b)
	}
}

// TestLater writes each word of later and expects it to be refused, and no word to be taken and refused.
func TestLater(t *testing.T) {
	for _, w := range wordsOf(reflect.TypeFor[mainWords](), "") {
		if later[w.path] {
			t.Errorf("%s is taken and also stands in later", w.path)
		}
	}
	for pattern := range later {
		t.Run(pattern, func(t *testing.T) {
			path, form, _ := strings.Cut(pattern, ":")
			text := map[string]string{"": "x", "text": "x", "words": "{a: b}", "list": "[a]"}[form]
			names := strings.Split(strings.ReplaceAll(path, "*", "world"), ".")
			for _, name := range slices.Backward(names) {
				text = "{" + name + ": " + text + "}"
				if list := name + ": "; name == "outputs" || name == "filters" {
					text = strings.Replace(text, list, list+"[", 1)
					text = text[:len(text)-1] + "]}"
				}
			}
			_, err := Load(write(t, text), Options{})
			if err == nil || !strings.Contains(err.Error(), notYet) {
				t.Errorf("%s gave %v", text, err)
			}
		})
	}
}

// TestKindsMarshal holds every kind to words that a digest can be made of.
func TestKindsMarshal(t *testing.T) {
	for _, all := range []any{Kinds{}.defaults(fetch.Default()), OutputKinds{}.defaults(fetch.Default())} {
		v := reflect.ValueOf(all)
		for _, f := range fieldsOf(v.Type()) {
			one := reflect.New(v.Type()).Elem()
			one.FieldByIndex(f.index).Set(v.FieldByIndex(f.index))
			if d := digest(one.Interface().(table)); d == "" {
				t.Errorf("no digest can be made of %s", f.name)
			}
		}
	}
}
