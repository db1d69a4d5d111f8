package files

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"go.yaml.in/yaml/v3"

	"feedmill/feed/late"
)

// matter is a file's front matter and what follows it.
type matter struct {
	pairs []pair
	body  string
	line  int // the 1-based line of the file on which the body begins
}

// splitMatter takes YAML front matter between two lines of --- or TOML front matter between two lines of +++ off a
// text. A text that begins with neither is all body.
func splitMatter(text string) (matter, error) {
	fence, decode := "", decodeYAML
	switch first, _, _ := strings.Cut(text, "\n"); strings.TrimRight(first, " \t") {
	case "---":
		fence = "---"
	case "+++":
		fence, decode = "+++", decodeTOML
	default:
		return matter{body: text, line: 1}, nil
	}
	_, rest, _ := strings.Cut(text, "\n")
	head, body, lines, ok := cutFence(rest, fence)
	if !ok {
		return matter{}, problem(1, "the front matter that begins here has no end; close it with a line of %s", fence)
	}
	pairs, err := decode(head)
	if err != nil {
		return matter{}, err
	}
	return matter{pairs: pairs, body: body, line: lines + 2}, nil
}

// cutFence splits s at the first line that is the fence, and counts the lines up to and with it.
func cutFence(s, fence string) (head, body string, lines int, ok bool) {
	for start := 0; start < len(s); {
		end := strings.IndexByte(s[start:], '\n')
		if end < 0 {
			end = len(s) - start
		}
		line := strings.TrimRight(s[start:start+end], " \t")
		lines++
		if line == fence || fence == "---" && line == "..." {
			return s[:start], s[min(len(s), start+end+1):], lines, true
		}
		start += end + 1
	}
	return "", "", 0, false
}

// maxValues bounds how many values front matter may hold once its YAML aliases are followed; a few lines of aliases
// can stand for billions.
const maxValues = 10000

// headLine is how many lines stand before the first line of the front matter itself: the fence.
const headLine = 1

func decodeYAML(head string) ([]pair, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(head), &doc); err != nil {
		return nil, yamlProblem(err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, problem(root.Line+headLine, "the front matter is not made of lines such as  title: A title")
	}
	budget := maxValues
	v, err := yamlValue(root, &budget)
	if err != nil {
		return nil, err
	}
	for i, p := range v.pairs {
		if j := slices.IndexFunc(v.pairs[:i], func(q pair) bool { return q.word == p.word }); j >= 0 {
			return nil, problem(p.value.line, "%q stands here for the second time (first in line %d); keep one", p.word, v.pairs[j].value.line)
		}
	}
	return v.pairs, nil
}

func yamlValue(n *yaml.Node, budget *int) (value, error) {
	line := n.Line + headLine
	if *budget--; *budget < 0 {
		return value{}, problem(line, "the front matter holds more than %d values; shorten it", maxValues)
	}
	v := value{line: line}
	switch n.Kind {
	case yaml.AliasNode:
		return yamlValue(n.Alias, budget)
	case yaml.ScalarNode:
		if n.Tag != "!!null" {
			v = textValue(line, n.Value)
		}
	case yaml.SequenceNode:
		v.kind = list
		for _, c := range n.Content {
			item, err := yamlValue(c, budget)
			if err != nil {
				return value{}, err
			}
			v.items = append(v.items, item)
		}
	case yaml.MappingNode:
		v.kind = table
		for i := 0; i+1 < len(n.Content); i += 2 {
			item, err := yamlValue(n.Content[i+1], budget)
			if err != nil {
				return value{}, err
			}
			item.line = n.Content[i].Line + headLine
			v.pairs = append(v.pairs, pair{n.Content[i].Value, item})
		}
	}
	return v, nil
}

var yamlLine = late.Regexp(`^yaml: (?:line (\d+): )?`)

// parserError tells the errors for which the library counts lines from 0 from those for which it counts from 1.
var parserError = late.Regexp(`^(?:did not find expected (?:key|node content|'|<)|found duplicate %|found incompatible|found undefined tag)`)

// yamlProblem puts the library's line into the file and adds what to do about the trap that titles fall into.
func yamlProblem(err error) error {
	text := err.Error()
	m := yamlLine().FindStringSubmatch(text)
	line := 1 // what the library leaves out when it is the first
	if m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		if m[1] != "" && parserError().MatchString(text) {
			line++
		}
	}
	hint := "mend this line"
	if strings.Contains(text, "mapping values are not allowed") {
		hint = `put a value that holds a colon into quotes, as in  title: "Breaking: News"`
	}
	return problem(line+headLine, "the front matter is not valid YAML: %s; %s", text, hint)
}

func decodeTOML(head string) ([]pair, error) {
	var top map[string]any
	if _, err := toml.Decode(head, &top); err != nil {
		if p, ok := errors.AsType[toml.ParseError](err); ok {
			return nil, problem(p.Position.Line+headLine, "the front matter is not valid TOML: %s; mend this line", p.Message)
		}
		return nil, problem(headLine, "the front matter is not valid TOML: %v", err)
	}
	return tomlTable(top, tomlLines(head)).pairs, nil
}

// tomlLines finds the line on which each top word stands: the library tells places only in its errors.
func tomlLines(head string) map[string]int {
	lines := map[string]int{}
	for i, l := range strings.Split(head, "\n") {
		word, _, _ := strings.Cut(l, "=")
		word = strings.Trim(word, " \t\"'[]")
		if _, ok := lines[word]; !ok {
			lines[word] = i + 1 + headLine
		}
	}
	return lines
}

// tomlTable orders the words by their lines, because the library forgets the order.
func tomlTable(t map[string]any, lines map[string]int) value {
	v := value{kind: table}
	for word, x := range t {
		v.pairs = append(v.pairs, pair{word, tomlValue(x, lines[word], lines)})
	}
	slices.SortFunc(v.pairs, func(a, b pair) int {
		if a.value.line != b.value.line {
			return a.value.line - b.value.line
		}
		return strings.Compare(a.word, b.word)
	})
	return v
}

func tomlValue(x any, line int, lines map[string]int) value {
	switch x := x.(type) {
	case string:
		return textValue(line, x)
	case time.Time:
		return textValue(line, tomlTime(x))
	case map[string]any:
		v := tomlTable(x, lines)
		v.line = line
		return v
	case []map[string]any:
		v := value{line: line, kind: list}
		for _, e := range x {
			v.items = append(v.items, tomlValue(e, line, lines))
		}
		return v
	case []any:
		v := value{line: line, kind: list}
		for _, e := range x {
			v.items = append(v.items, tomlValue(e, line, lines))
		}
		return v
	}
	return textValue(line, fmt.Sprint(x))
}

// tomlTime writes a date as it stood in the file: TOML has dates without a zone, which the library marks by the name of
// the location.
func tomlTime(t time.Time) string {
	switch t.Location().String() {
	case "date-local":
		return t.Format("2006-01-02")
	case "datetime-local":
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format(time.RFC3339)
}
