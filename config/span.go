package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// span returns where the text of a scalar begins and ends. A node knows only where it begins.
func (e *edit) span(n *yaml.Node) (start, end int, err error) {
	if start, err = e.offset(n); err != nil {
		return 0, 0, err
	}
	text := e.data[start:]
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 0, 0, e.byHand(n, "the value is a block of text")
	case n.Style&yaml.DoubleQuotedStyle != 0:
		end = quoted(text, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		end = quoted(text, '\'')
	case bytes.HasPrefix(text, []byte(n.Value)) && !strings.Contains(n.Value, "\n"):
		end = len(n.Value)
	}
	if end <= 0 {
		return 0, 0, e.byHand(n, "the value stands on several lines, or in a way that is not understood here")
	}
	return start, start + end, nil
}

// quoted returns the length of a text in quotes, 0 when it does not begin or end with them.
func quoted(text []byte, mark byte) int {
	if len(text) == 0 || text[0] != mark {
		return 0
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && mark == '"':
			i++
		case text[i] == mark && mark == '\'' && i+1 < len(text) && text[i+1] == mark:
			i++
		case text[i] == mark:
			return i + 1
		}
	}
	return 0
}

// end returns where a value ends.
func (e *edit) end(n *yaml.Node) (int, error) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return 0, e.byHand(n, "the value is a reference, or one that others refer to")
	case n.Kind == yaml.ScalarNode:
		_, end, err := e.span(n)
		return end, err
	case n.Style&yaml.FlowStyle == 0:
		return e.end(n.Content[len(n.Content)-1])
	}
	at, err := e.offset(n)
	if err != nil {
		return 0, err
	}
	if len(n.Content) > 0 {
		if at, err = e.end(n.Content[len(n.Content)-1]); err != nil {
			return 0, err
		}
	} else {
		at++
	}
	mark := map[yaml.Kind]string{yaml.SequenceNode: "]", yaml.MappingNode: "}"}[n.Kind]
	rest := bytes.TrimLeft(e.data[at:], " \t\r\n,")
	if !bytes.HasPrefix(rest, []byte(mark)) {
		return 0, e.byHand(n, "the end of the value cannot be found")
	}
	return len(e.data) - len(rest) + 1, nil
}
