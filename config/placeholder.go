package config

import (
	"errors"
	"fmt"
	"net/url"
	slash "path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"feedmill/feed/rows"
)

// placeholder is {column} in a word of a block; {{name}} stands for a plain {name}.
var placeholder = regexp.MustCompile(`\{\{[A-Za-z_][A-Za-z0-9_-]*\}\}|\{[A-Za-z_][A-Za-z0-9_-]*\}`)

// blank is what a template for each article may name: {slug} and the like stay when no column bears the name.
var blank = map[string]bool{"slug": true, "path": true, "title": true, "id": true, "published": true}

// rowReader puts the values of one row into the words of a block. They are data: what is put in is never looked at again,
// and cannot be more than the text that its place takes.
type rowReader struct {
	row rows.Row
	// probe: there is no row yet. Words with a placeholder are passed over, and names gets their columns.
	probe bool
	names map[string]bool
	// elsewhere: a row says which host is asked.
	elsewhere bool
}

// columnsIn are the places of {column} and {{name}} in a text. ${NAME} is a variable, and $${ a plain ${.
func columnsIn(text string) (places [][]int) {
	for _, found := range placeholder.FindAllStringIndex(text, -1) {
		if found[0] == 0 || text[found[0]-1] != '$' {
			places = append(places, found)
		}
	}
	return places
}

// named returns the columns that a text names.
func named(text string) (names []string) {
	for _, found := range columnsIn(text) {
		if name := text[found[0]+1 : found[1]-1]; !strings.HasPrefix(name, "{") {
			names = append(names, name)
		}
	}
	return names
}

// passes notes the columns of a value when there is no row yet, and reports whether it has any: then it is read for each
// row only.
func (r *rowReader) passes(w *walk, n *yaml.Node, p path) bool {
	if r == nil || !r.probe || n.Kind != yaml.ScalarNode {
		return false
	}
	names := named(n.Value)
	if len(names) == 0 {
		return false
	}
	if problem := misplaced(p.word, n.Value); problem != "" {
		w.report(n, p, "%s", problem)
	}
	open := !templated(p.word)
	for _, name := range names {
		r.names[name] = true
		open = open || !blank[name]
	}
	r.elsewhere = r.elsewhere || choosesHost(p.word, n.Value)
	return open
}

// choosesHost reports whether a row says which host an address of a source lies on.
func choosesHost(word, text string) bool {
	word = strings.TrimPrefix(word, "feeds.*.")
	kind := strings.TrimPrefix(strings.TrimPrefix(word, "source"), ".")
	if !strings.HasPrefix(word, "source") || strings.Contains(kind, ".") && kind != "opml.path" && !strings.HasSuffix(kind, ".url") {
		return false
	}
	_, rest, behind := strings.Cut(text, "://")
	host, _, _ := strings.Cut(rest, "/")
	if !behind {
		return !slices.Contains([]string{"name", "from", "files", "opml", "opml.path"}, kind)
	}
	all := columnsIn(host)
	return len(all) > 0 && !strings.HasPrefix(host[all[len(all)-1][1]:], ".")
}

// empty reports whether a word is nothing but a column that is empty in this row: as if the word were not written.
func (r *rowReader) empty(n *yaml.Node) bool {
	if r == nil || r.probe || n.Kind != yaml.ScalarNode {
		return false
	}
	whole := placeholder.FindString(n.Value)
	if whole == "" || whole != n.Value || strings.HasPrefix(whole, "{{") {
		return false
	}
	name := whole[1 : len(whole)-1]
	return r.row.Values[name] == "" && !blank[name]
}

// fill puts the row's values into a piece of a word's text; before is what the text has become so far. put are the
// values.
func (r *rowReader) fill(word, before, piece string) (text string, put []string, err error) {
	if r == nil || r.probe {
		return piece, nil, nil
	}
	var b strings.Builder
	at := 0
	for _, found := range placeholder.FindAllStringIndex(piece, -1) {
		b.WriteString(piece[at:found[0]])
		at = found[1]
		name := piece[found[0]+1 : found[1]-1]
		if strings.HasPrefix(name, "{") {
			b.WriteString(name) // {{name}} is a plain {name}
			continue
		}
		value, known := r.row.Values[name]
		switch {
		case !known && blank[name]:
			b.WriteString("{" + name + "}")
			continue
		case !known:
			return "", nil, fmt.Errorf("has {%s}, and the rows have no value for it; a plain {%s} is written {{%s}}", name, name, name)
		}
		fitted, err := fitting(word)(before+b.String(), value)
		if err != nil {
			return "", nil, fmt.Errorf("what {%s} stands for %w", name, err)
		}
		b.WriteString(fitted)
		put = append(put, value)
	}
	b.WriteString(piece[at:])
	return b.String(), put, nil
}

// fit makes of a value what may stand behind the text before it, or says why it may not.
type fit func(before, value string) (string, error)

// places says what the value of a row may be in a word, by the word's path below a feed; .* means all words below. Words
// that are not here take any text. A kind itself stands for its first word.
var places = map[string]fit{
	"link": asAddress, "image": asAddress, "icon": asAddress, "author.url": asAddress, "access.file": asName,
	"source": asAddress, "source.feed": asAddress, "source.page": asAddress, "source.json": asAddress, "source.sitemap": asAddress,
	"source.mailbox": asAddress, "source.*.url": asAddress, "source.files": asName, "source.files.path": asName,
	"source.files.permalink": asAddress, "source.opml": asNameOrAddress, "source.opml.path": asNameOrAddress,
	"source.name": asText, "source.*.fetch.*": asText, "source.mailbox.*": asText, "source.sql.query": asQuery, "source.*": asPlain,
	"filters.set.*": asText, "filters.keep.*": asWords, "filters.drop.*": asWords, "filters.*": asPlain, "editions.*.filters.*": asPlain,
}

// fitting is the fit of a word, such as feeds.*.source.feed.url: its own, or that of the most words above it.
func fitting(word string) fit {
	word = strings.TrimPrefix(word, "feeds.*.")
	if strings.HasPrefix(word, "source.") && strings.HasSuffix(word, ".url") {
		word = "source.*.url"
	}
	if inSource, _, ok := strings.Cut(word, ".fetch."); ok && strings.HasPrefix(inSource, "source.") {
		word = "source.*.fetch.*"
	}
	if f, ok := places[word]; ok {
		return f
	}
	for strings.Contains(word, ".") {
		word = word[:strings.LastIndexByte(word, '.')]
		if f, ok := places[word+".*"]; ok {
			return f
		}
	}
	return asText
}

// templated reports whether a word is a template for every article, in which {slug} and the like have a meaning.
func templated(word string) bool { return strings.HasSuffix(word, ".permalink") }

// misplaced says why a value with a placeholder cannot be right, whatever the rows hold; empty: it can.
func misplaced(word, text string) string {
	first := columnsIn(text)[0]
	word = strings.TrimPrefix(word, "feeds.*.")
	switch {
	case strings.HasPrefix(word, "each"):
		return "has a placeholder, and the rows are not read yet; write it without"
	case strings.HasSuffix(word, "fetch.allow_private"), strings.HasSuffix(word, "fetch.proxy"), word == "source.sql", word == "source.sql.dsn",
		strings.HasPrefix(word, "source.command"):
		return "cannot come from a row, which might name what only you may choose; write it without { }"
	case slices.Contains([]string{"source.files", "source.files.path", "access.file"}, word),
		(word == "source.opml" || word == "source.opml.path") && !strings.Contains(text[:first[0]], "://"):
		if dir := slash.Dir(text[:first[0]] + "x"); dir == "." || dir == "/" || strings.ContainsAny(dir, "*?[{") {
			return "begins with what a row says, which might name any file beside this one; begin it with a folder, such as teams/{team}/*.md"
		}
	}
	return ""
}

func asText(_, value string) (string, error) { return value, nil }

// asName takes one name of a file or folder.
func asName(_, value string) (string, error) {
	if value == "" || strings.HasPrefix(value, ".") || strings.HasPrefix(value, "~") || strings.ContainsAny(value, "/\\*?[]{}!:\x00\n\r") {
		return "", errors.New(`is no name of a file or folder; there it takes one name without / \ * ? [ ] { } : !, and no dot or ~ at its beginning`)
	}
	return value, nil
}

func asNameOrAddress(before, value string) (string, error) {
	if strings.Contains(before, "://") {
		return asAddress(before, value)
	}
	return asName(before, value)
}

var hostPart = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// asAddress takes a whole address at the beginning, and behind that what cannot make another of it.
func asAddress(before, value string) (string, error) {
	scheme, rest, behind := strings.Cut(before, "://")
	switch {
	case before == "":
		if _, err := parseWebURL(value); err != nil {
			return "", err
		}
		return value, nil
	case !behind || strings.ContainsAny(scheme, "/?#"):
		return "", errors.New("stands before the host of an address; write https:// and the host before it")
	case strings.ContainsAny(rest, "?#"):
		return url.QueryEscape(value), nil
	case !strings.Contains(rest, "/"):
		if !hostPart.MatchString(value) {
			return "", errors.New("is no part of a host; there it takes letters, digits, dots and -")
		}
		return value, nil
	}
	parts := strings.Split(value, "/")
	for i, part := range parts {
		if part == "." || strings.Contains(part, "..") {
			return "", errors.New("leads out of the path of the address; take the dots out")
		}
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/"), nil
}

var (
	plainText = regexp.MustCompile(`^[\p{L}\p{M}\p{N} ._-]*$`)
	number    = regexp.MustCompile(`^-?[0-9]{1,18}$`)
)

// asPlain takes what means itself in every expression, selector and pattern.
func asPlain(_, value string) (string, error) {
	if !plainText.MatchString(value) {
		return "", errors.New("has characters that could mean something else there; it takes letters, digits, blanks, dots, - and _")
	}
	return value, nil
}

// asWords takes words to look for; what begins with / would be a regular expression.
func asWords(before, value string) (string, error) {
	if before == "" && strings.HasPrefix(strings.TrimSpace(value), "/") {
		return "", errors.New("begins with /, and would be taken for a regular expression")
	}
	return value, nil
}

// asQuery takes a number, or between single quotes what cannot end them.
func asQuery(before, value string) (string, error) {
	quoted := strings.Count(before, "'")%2 == 1 && !strings.Contains(before, "--") && !strings.Contains(before, "/*") && !strings.Contains(before, "#")
	switch {
	case number.MatchString(value):
		return value, nil
	case !quoted:
		return "", errors.New("is no whole number; write the placeholder between single quotes, as in team = '{team}'")
	}
	return asPlain(before, value)
}
