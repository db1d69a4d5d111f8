package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	articles "feedmill/feed/field"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

// EditPage returns the text of a configuration file in which a page has other selectors: that of the source at a place
// among the sources of a feed, counted from 0. old are the selectors that the file has, as they were read. Only these
// values change; words that the new ones have no more become comments, or go where they share a line with others. All else stays
// byte by byte.
//
// The caller loads the configuration with the text in the place of the file ([Options].Instead) to see that it says what
// it should. It is an error when the file does not say what old says, or says it in a way that is not for a program to change: through
// a variable, an alias, a block of text. The message names the line.
func EditPage(file string, data []byte, feed string, source int, old, now listing.Selectors) ([]byte, error) {
	root, problems := parse(file, data)
	if len(problems) > 0 {
		return nil, problems
	}
	e := &edit{file: file, data: data, lines: lineStarts(data)}
	page, err := e.page(root, feed, source)
	if err == nil {
		err = e.selectors(page, old, now)
	}
	if err != nil {
		return nil, err
	}
	edited := e.apply()
	if err := e.compare(edited, feed, source); err != nil {
		return nil, err
	}
	return edited, nil
}

// edit collects changes of one file.
type edit struct {
	file    string
	data    []byte
	lines   []int // where each line begins
	changes []change
}

// change puts text for what stands from start to end.
type change struct {
	start, end int
	text       string
}

func lineStarts(data []byte) []int {
	starts := []int{0}
	for i, c := range data {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// byHand is an error at a node that this package does not change.
func (e *edit) byHand(n *yaml.Node, why string) error {
	return fmt.Errorf("%s:%d: %s; change the selectors there by hand", e.file, n.Line, why)
}

// own returns the value of a word that stands in a mapping itself, nil when there is none.
func own(n *yaml.Node, word string) (key, value *yaml.Node) {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == word {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// page finds the words of a page.
func (e *edit) page(root *yaml.Node, feed string, source int) (*yaml.Node, error) {
	n := root
	for _, word := range []string{"feeds", feed, "source"} {
		_, below := own(n, word)
		if below == nil {
			return nil, e.byHand(n, fmt.Sprintf("%s does not stand here itself", word))
		}
		if n = below; n.Kind == yaml.AliasNode || n.Anchor != "" {
			return nil, e.byHand(n, fmt.Sprintf("%s is shared by references", word))
		}
	}
	if n.Kind == yaml.SequenceNode && source < len(n.Content) {
		n = n.Content[source]
	} else if source > 0 {
		return nil, e.byHand(n, "the source is not in this list")
	}
	_, page := own(n, "page")
	if page == nil || page.Kind != yaml.MappingNode || n.Anchor != "" || page.Anchor != "" {
		return nil, e.byHand(n, "page is shared by references, or does not stand here itself")
	}
	return page, nil
}

// selectors changes what differs between old and now.
func (e *edit) selectors(page *yaml.Node, old, now listing.Selectors) error {
	_, items := own(page, "items")
	_, fields := own(page, "fields")
	if items == nil || fields == nil || fields.Kind != yaml.MappingNode || fields.Anchor != "" {
		return e.byHand(page, "items and fields do not both stand here themselves")
	}
	if old.Items.String() != now.Items.String() {
		if err := e.scalar(items, old.Items.String(), now.Items.String()); err != nil {
			return err
		}
	}
	for _, word := range articles.Words {
		was, is := old.Fields.Of(word), now.Fields.Of(word)
		key, value := own(fields, word)
		if len(was) > 0 && key == nil {
			return e.byHand(fields, fmt.Sprintf("%s does not stand here itself", word))
		}
		var err error
		switch {
		case len(was) == 0:
		case len(is) == 0:
			err = e.remove(fields, key, value)
		default:
			err = e.rules(value, was, is)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rules changes the selectors of one word.
func (e *edit) rules(value *yaml.Node, was, is articles.Rules[markup.Selector]) error {
	written := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		written = value.Content
	}
	if len(written) != len(was) || len(was) != len(is) {
		return e.byHand(value, "the file does not say what was read")
	}
	for i, n := range written {
		if was[i].Select.String() == is[i].Select.String() && was[i].Attr == is[i].Attr {
			continue
		}
		if err := e.rule(n, &was[i], &is[i]); err != nil {
			return err
		}
	}
	return nil
}

// rule changes one rule: a text, or its words select and attr.
func (e *edit) rule(n *yaml.Node, was, is *articles.Rule[markup.Selector]) error {
	if n.Kind != yaml.MappingNode {
		return e.scalar(n, was.Select.String(), is.Select.String())
	}
	if _, attr := own(n, "attr"); attr != nil && was.Attr != is.Attr {
		if err := e.scalar(attr, was.Attr, is.Attr); err != nil {
			return err
		}
	}
	if _, selected := own(n, "select"); selected != nil {
		return e.scalar(selected, was.Select.String(), is.Select.String())
	}
	if len(n.Content) == 0 || n.Anchor != "" {
		return e.byHand(n, "the rule has no words")
	}
	first := n.Content[0]
	at, err := e.offset(first)
	if err != nil {
		return err
	}
	text := "select: " + listing.Scalar(is.Select.String())
	if n.Style&yaml.FlowStyle != 0 {
		text += ", "
	} else {
		text += "\n" + strings.Repeat(" ", first.Column-1)
	}
	e.changes = append(e.changes, change{at, at, text})
	return nil
}

// scalar puts another text for a value.
func (e *edit) scalar(n *yaml.Node, was, is string) error {
	switch {
	case n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0:
		return e.byHand(n, "the value is a reference, or one that others refer to")
	case strings.Contains(n.Value, "${") && n.Value != was:
		return e.byHand(n, "the value is made with ${…}")
	case n.Value != was:
		return e.byHand(n, fmt.Sprintf("the file says %q, not %q", n.Value, was))
	}
	start, end, err := e.span(n)
	if err != nil {
		return err
	}
	e.changes = append(e.changes, change{start, end, listing.Scalar(is)})
	return nil
}

// remove takes a word out: its lines become comments; in braces it goes with its comma.
func (e *edit) remove(in, key, value *yaml.Node) error {
	start, err := e.offset(key)
	if err != nil {
		return err
	}
	end, err := e.end(value)
	if err != nil {
		return err
	}
	if in.Style&yaml.FlowStyle == 0 {
		e.changes = append(e.changes, change{start, start, "# "})
		for _, line := range e.lines {
			if line > start && line < end {
				blank := len(e.data[line:]) - len(bytes.TrimLeft(e.data[line:], " "))
				at := line + min(blank, key.Column-1)
				e.changes = append(e.changes, change{at, at, "# "})
			}
		}
		return nil
	}
	after := len(e.data) - len(bytes.TrimLeft(e.data[end:], " \t\r\n"))
	if after < len(e.data) && e.data[after] == ',' {
		end = len(e.data) - len(bytes.TrimLeft(e.data[after+1:], " \t"))
	} else if before := len(bytes.TrimRight(e.data[:start], " \t\r\n")); before > 0 && e.data[before-1] == ',' {
		start = before - 1
	}
	e.changes = append(e.changes, change{start, end, ""})
	return nil
}

// apply makes the changes.
func (e *edit) apply() []byte {
	slices.SortStableFunc(e.changes, func(a, b change) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, c := range e.changes {
		out.Write(e.data[at:c.start])
		out.WriteString(c.text)
		at = c.end
	}
	out.Write(e.data[at:])
	return out.Bytes()
}

// offset is the byte at which a node begins. YAML counts columns in characters.
func (e *edit) offset(n *yaml.Node) (int, error) {
	if n.Line < 1 || n.Line > len(e.lines) {
		return 0, e.byHand(n, "the place cannot be found")
	}
	at := e.lines[n.Line-1]
	if n.Line == 1 {
		at += len(e.data) - len(bytes.TrimPrefix(e.data, []byte("\ufeff")))
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(e.data[at:])
		if at += size; size == 0 {
			return 0, e.byHand(n, "the place cannot be found")
		}
	}
	return at, nil
}

// compare reads the edited text and checks that nothing but the selectors of the page changed.
func (e *edit) compare(edited []byte, feed string, source int) error {
	before, _ := parse(e.file, e.data)
	after, problems := parse(e.file, edited)
	if len(problems) > 0 {
		return fmt.Errorf("%s was not changed: the change would make it unreadable: %w", e.file, problems)
	}
	there := &edit{file: e.file, data: edited, lines: lineStarts(edited)}
	old, err := e.page(before, feed, source)
	if err != nil {
		return err
	}
	page, err := there.page(after, feed, source)
	if err != nil {
		return err
	}
	if !alike(before, after, old, page) {
		return errors.New(e.file + " was not changed: it could not be changed without touching something else; write the selectors by hand")
	}
	return nil
}

// alike reports whether two trees are the same but for the items and fields of a page.
func alike(a, b, pageA, pageB *yaml.Node) bool {
	if a == pageA != (b == pageB) || a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value || a.Anchor != b.Anchor || a.Style != b.Style ||
		len(a.Content) != len(b.Content) || a.HeadComment != b.HeadComment || a.LineComment != b.LineComment {
		return false
	}
	for i := range a.Content {
		if a == pageA && i%2 == 1 && (a.Content[i-1].Value == "items" || a.Content[i-1].Value == "fields") {
			continue
		}
		if !alike(a.Content[i], b.Content[i], pageA, pageB) {
			return false
		}
	}
	return true
}
