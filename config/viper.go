package config

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"feedmill/feed/setting"
)

const (
	envPrefix = "FEEDMILL_"
	setOrigin = "--set"
	delimiter = "\x00" // no word holds it, so viper tears none apart
)

// document is the main file as viper reads it. Its values reach viper as yaml nodes, untouched, with feeds, outputs and
// include as one node each: viper alone would lower-case names, split them at dots and forget the lines. All that
// viper does here is to decide which of file, environment and --set wins for a single value.
type document struct {
	file     string
	root     *yaml.Node
	problems Problems
	// origin names the variable or flag that a node of root came from.
	origin map[*yaml.Node]string
	words  []knownWord
}

// Decoder makes the document viper's only decoder.
func (d *document) Decoder(string) (viper.Decoder, error) { return d, nil }

// Decode reads the file into root and gives viper its settings.
func (d *document) Decode(data []byte, settings map[string]any) error {
	root, problems := parse(d.file, data)
	if len(problems) > 0 {
		d.problems = problems
		return problems
	}
	d.root = root
	maps.Copy(settings, d.settings(root, ""))
	return nil
}

// settings are the values of a mapping; only sections that hold single values are opened.
func (d *document) settings(n *yaml.Node, prefix string) map[string]any {
	found := map[string]any{}
	if n.Kind != yaml.MappingNode {
		return found
	}
	for _, pair := range pairsOf(n) {
		name, value := join(prefix, pair.key.Value), resolve(pair.value)
		if value.Kind == yaml.MappingNode && d.section(name) {
			found[pair.key.Value] = d.settings(value, name)
		} else {
			found[pair.key.Value] = value
		}
	}
	return found
}

func (d *document) section(name string) bool {
	return slices.ContainsFunc(d.words, func(w knownWord) bool { return strings.HasPrefix(w.path, name+".") })
}

// variable hands an environment variable to viper as a flag. viper's own way to the environment reads the variables of
// the process; Load is told which variables there are.
type variable struct{ name, value string }

func (v variable) HasChanged() bool    { return true }
func (v variable) Name() string        { return v.name }
func (v variable) ValueString() string { return v.value }
func (v variable) ValueType() string   { return "string" }

// readDocument reads the main file and puts the values that the environment and --set give into its tree.
func readDocument(file string, data []byte, vars map[string]string, sets []string) *document {
	d := &document{file: file, origin: map[*yaml.Node]string{}, words: settable()}
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter), viper.WithDecoderRegistry(d))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		if len(d.problems) == 0 {
			d.problems = Problems{{File: file, Message: err.Error()}}
		}
		return d
	}
	d.bind(v, vars)
	given := d.set(v, sets)
	for _, w := range d.words {
		value, ok := v.Get(viperKey(w.path)).(string)
		if !ok {
			continue // the file's own node, or nothing
		}
		origin := variableFor(w.path)
		if given[w.path] {
			origin = setOrigin
		}
		d.put(w.path, value, origin)
	}
	return d
}

// settable are the single values outside feeds, outputs and lists.
func settable() []knownWord {
	all := wordsOf(reflect.TypeFor[mainWords](), "")
	return slices.DeleteFunc(all, func(w knownWord) bool {
		section, _, _ := strings.Cut(w.path, ".")
		return !w.scalar || section == "feeds" || section == "outputs" || section == "include"
	})
}

func viperKey(path string) string { return strings.ReplaceAll(path, ".", delimiter) }

func variableFor(path string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// bind gives viper the variables that bear the name of a setting. All others are not ours to judge: container platforms
// make variables such as FEEDMILL_PORT of a service's name.
func (d *document) bind(v *viper.Viper, vars map[string]string) {
	for _, w := range d.words {
		name := variableFor(w.path)
		if vars[name] == "" { // as with viper's own way, an empty variable is none
			continue
		}
		if err := v.BindFlagValue(viperKey(w.path), variable{name, vars[name]}); err != nil {
			d.problems = append(d.problems, Problem{File: name, Path: w.path, Message: err.Error()})
		}
	}
	for _, word := range slices.Sorted(maps.Keys(later)) {
		if name := variableFor(word); vars[name] != "" {
			d.problems = append(d.problems, Problem{File: name, Path: word, Message: notYet})
		}
	}
}

// set gives viper the values of --set and returns their words.
func (d *document) set(v *viper.Viper, sets []string) map[string]bool {
	given := map[string]bool{}
	for _, s := range sets {
		word, value, ok := strings.Cut(s, "=")
		switch {
		case !ok:
			d.refuse(word, "has no value; write --set word=value, such as --set server.listen=:9000")
		case slices.ContainsFunc(d.words, func(w knownWord) bool { return w.path == word }):
			v.Set(viperKey(word), value)
			given[word] = true
		default:
			d.refuse(word, d.notSettable(word))
		}
	}
	return given
}

func (d *document) refuse(word, message string) {
	d.problems = append(d.problems, Problem{File: setOrigin, Path: word, Message: message})
}

func (d *document) notSettable(word string) string {
	section, _, _ := strings.Cut(word, ".")
	for name := word; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
		if later[name] {
			return notYet
		}
	}
	if section == "feeds" || section == "outputs" || section == "include" {
		return "cannot be set here; --set and variables take single values outside feeds, outputs and include: write it in the file"
	}
	var names []string
	for _, w := range d.words {
		names = append(names, w.path)
	}
	if name := setting.Nearest(word, names); name != "" {
		return fmt.Sprintf("unknown word; did you mean %s?", name)
	}
	return "unknown word; there are " + strings.Join(names, ", ")
}
