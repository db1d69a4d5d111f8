package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse makes a node tree of a file. YAML reports one error and often no place: see [syntax].
func parse(file string, data []byte) (*yaml.Node, Problems) {
	if at := invalidText(data); at >= 0 {
		line, column := position(data, at)
		return nil, Problems{{file, line, column, "", "the file is not UTF-8 text here; save it as UTF-8", ""}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && (len(doc.Content) == 0 || doc.Content[0].ShortTag() == "!!null"):
		return nil, Problems{{file, 1, 1, "", "the file is empty; begin with feeds: and a feed below it", ""}}
	case err != nil:
		return nil, Problems{syntax(file, data, err)}
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
		return doc.Content[0], nil
	case err != nil:
		return nil, Problems{syntax(file, data, err)}
	}
	return nil, Problems{{file, second.Line, 1, "", "a second YAML document begins here; only one is read: take the line --- away, or include another file", ""}}
}

// invalidText returns the offset of the first byte that is no text in UTF-8, -1 when there is none.
func invalidText(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			return i
		}
		i += size
	}
	return -1
}

// position returns line and column of an offset, counting from 1.
func position(data []byte, offset int) (line, column int) {
	before := data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

var yamlPrefix = regexp.MustCompile(`^yaml: (?:line \d+: )?`)

// syntax makes the problem of a file that is not YAML. Where the line is one of the known traps, it says what to quote.
func syntax(file string, data []byte, err error) Problem {
	lines := strings.SplitAfter(string(data), "\n")
	number := errorLine(lines, err)
	text := strings.TrimRight(lines[number-1], "\r\n")
	if t, found := findTrap(text); found {
		return Problem{file, number, t.column, "", t.cure, ""}
	}
	reason := yamlPrefix.ReplaceAllString(err.Error(), "")
	column := utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " \t")) + 1
	for _, known := range syntaxMessages {
		if strings.Contains(reason, known.yaml) {
			return Problem{file, number, column, "", known.ours, ""}
		}
	}
	return Problem{file, number, column, "", "this is not valid YAML: " + reason, ""}
}

// syntaxMessages say what to look for when no trap was found on the line.
var syntaxMessages = []struct{ yaml, ours string }{
	{"unknown anchor", "a reference with * needs an anchor of that name, set with & above it in this file"},
	{"unexpected end of stream", "a quote is opened and never closed; close it on the same line"},
	{"could not find expected ':'", "a word without a colon, or a colon without a blank after it; write word: value"},
	{"did not find expected key", "this line stands further left or right than the lines it belongs to; indent them alike"},
	{"did not find expected '-' indicator", "this line belongs to a list and has no dash; indent it, or write - before it"},
	{"did not find expected ','", "a { or [ is opened and not closed before this line ends; close it, and quote text that holds one"},
	{"mapping values are not allowed", "a second colon, or a line indented too far; put quotes around text with a colon in it"},
	{"block sequence entries are not allowed", "a list begins in the middle of a line; put each - on a line of its own"},
	{"control characters", "the file holds control characters; delete them"},
}

// errorLine returns the line at which YAML gives up. Its own number is that of the beginning of what it was reading, or
// missing; so the shortest beginning of the file that fails in the same way is looked for.
func errorLine(lines []string, err error) int {
	return 1 + sort.Search(len(lines)-1, func(i int) bool { return sameError(lines[:i+1], err) })
}

func sameError(lines []string, want error) bool {
	decoder := yaml.NewDecoder(strings.NewReader(strings.Join(lines, "")))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); err != nil {
			return err.Error() == want.Error()
		}
	}
}
