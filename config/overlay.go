package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// put writes a value that stands in no file into the tree, so that the same walk reads it, and remembers its origin.
// Where the file has something else than words on the way, nothing is written: the walk reports what the file has.
func (d *document) put(path, value, origin string) {
	at, rest := d.root, path
	for at.Kind == yaml.MappingNode {
		name, below, more := strings.Cut(rest, ".")
		if !more {
			d.assign(at, name, d.node(yaml.ScalarNode, value, origin))
			return
		}
		at = d.enter(at, name, strings.TrimSuffix(path, "."+below), origin)
		rest = below
	}
}

// enter returns the mapping below a word. It is made when it is missing, and copied when it is shared by references: the
// value is meant for this place only.
func (d *document) enter(in *yaml.Node, name, path, origin string) *yaml.Node {
	for _, pair := range pairsOf(in) {
		if pair.key.Value != name {
			continue
		}
		value := resolve(pair.value)
		switch {
		case value.Kind == yaml.MappingNode:
			same := *value
			same.Anchor = ""
			same.Content = append([]*yaml.Node(nil), value.Content...)
			value = &same
		case value.Kind == yaml.ScalarNode && d.first(path) != "":
			// The short form: limit: 30 with a size from elsewhere is limit: {articles: 30, size: …}.
			long := d.node(yaml.MappingNode, "", origin)
			d.assign(long, d.first(path), value)
			value = long
		default:
			return value
		}
		d.assign(in, name, value)
		return value
	}
	made := d.node(yaml.MappingNode, "", origin)
	d.assign(in, name, made)
	return made
}

// first is the word that a single value at path stands for.
func (d *document) first(path string) string {
	for _, w := range d.words {
		if w.path == path {
			return w.first
		}
	}
	return ""
}

// assign sets a word of a mapping. A word of its own wins over a merged one.
func (d *document) assign(in *yaml.Node, name string, value *yaml.Node) {
	for i := 0; i+1 < len(in.Content); i += 2 {
		if resolve(in.Content[i]).Value == name {
			in.Content[i+1] = value
			return
		}
	}
	in.Content = append(in.Content, d.node(yaml.ScalarNode, name, d.origin[value]), value)
}

func (d *document) node(kind yaml.Kind, value, origin string) *yaml.Node {
	n := &yaml.Node{Kind: kind, Value: value, Tag: "!!str"}
	if kind == yaml.MappingNode {
		n.Tag = "!!map"
	}
	d.origin[n] = origin
	return n
}
