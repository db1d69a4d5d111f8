package config

import "go.yaml.in/yaml/v3"

// pair is a word and its value in a mapping.
type pair struct{ key, value *yaml.Node }

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// pairs returns the words of a mapping, those merged with << included and after its own. It reports what cannot be a
// word, and words written twice.
func (w *walk) pairs(n *yaml.Node, p path) []pair {
	taken := map[string]*yaml.Node{}
	own, merges := w.ownPairs(n, p, taken)
	visited := map[*yaml.Node]bool{n: true}
	for _, m := range merges {
		own = append(own, w.merged(m, p, taken, visited)...)
	}
	return own
}

// pairsOf is [walk.pairs] without the reports, for those who look at a mapping before or after the walk.
func pairsOf(n *yaml.Node) []pair {
	var silent walk
	return silent.pairs(n, path{})
}

// ownPairs returns the words written in n itself, and the values of its << words.
func (w *walk) ownPairs(n *yaml.Node, p path, taken map[string]*yaml.Node) (own []pair, merges []*yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			w.report(n.Content[i], p, "a word must be plain text; text that begins with { or [ must be put in quotes")
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		case key.Style&yaml.TaggedStyle != 0 || key.ShortTag() == "!!null":
			w.report(key, p, "%q cannot be a word; put it in quotes", key.Value)
		case taken[key.Value] != nil:
			w.report(key, p.child(key.Value), "is written twice, first on line %d", taken[key.Value].Line)
		default:
			taken[key.Value] = key
			own = append(own, pair{key, value})
		}
	}
	return own, merges
}

// merged returns the words that the value of << adds. No mapping is merged twice into one, so that neither a ring nor a
// tower of merges takes long.
func (w *walk) merged(value *yaml.Node, p path, taken map[string]*yaml.Node, visited map[*yaml.Node]bool) []pair {
	n := resolve(value)
	if visited[n] {
		return nil
	}
	visited[n] = true
	var added []pair
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			added = append(added, w.merged(item, p, taken, visited)...)
		}
	case yaml.MappingNode:
		var inner []*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := resolve(n.Content[i])
			switch {
			case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
				inner = append(inner, n.Content[i+1])
			case key.Kind == yaml.ScalarNode && taken[key.Value] == nil:
				taken[key.Value] = key
				added = append(added, pair{key, n.Content[i+1]})
			}
		}
		for _, m := range inner {
			added = append(added, w.merged(m, p, taken, visited)...)
		}
	default:
		w.report(value, p, "<< takes a reference such as *name, or a list of them")
	}
	return added
}

// anchors reports a name given to two anchors: the second would silently take the place of the first.
func (w *walk) anchors(n *yaml.Node, first map[string]*yaml.Node) {
	if n.Anchor != "" && n.Kind != yaml.AliasNode {
		if before := first[n.Anchor]; before != nil {
			w.report(n, path{}, "the anchor &%s is set twice, first on line %d; give one of them another name", n.Anchor, before.Line)
		} else {
			first[n.Anchor] = n
		}
	}
	for _, c := range n.Content {
		w.anchors(c, first)
	}
}
