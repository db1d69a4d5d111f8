package config

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// trap is a place at which YAML does not mean what it seems to say, and what to write instead. The cure repeats nothing
// of the line, which may hold a secret.
type trap struct {
	column int
	cure   string
}

// trapLine splits a line into what stands before a value (indentation, dashes, a word with its colon) and the value.
var trapLine = regexp.MustCompile(`^(\s*(?:- +)*(?:(?:"[^"]*"|'[^']*'|[^\s#:'"{\[-][^:#]*?) *:(?: +|$))?)(.*)$`)

// findTrap looks at a line that YAML did not take.
func findTrap(line string) (trap, bool) {
	if indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]; strings.Contains(indent, "\t") {
		return trap{strings.IndexByte(indent, '\t') + 1, "a tab is used for indentation; YAML takes blanks only"}, true
	}
	parts := trapLine.FindStringSubmatch(line)
	if parts == nil || parts[2] == "" {
		return trap{}, false
	}
	offset, cure := valueTrap(parts[2])
	if cure == "" {
		return trap{}, false
	}
	return trap{utf8.RuneCountInString(parts[1]) + utf8.RuneCountInString(parts[2][:offset]) + 1, cure}, true
}

// valueTrap returns where in the value the trap is.
func valueTrap(v string) (offset int, cure string) {
	switch v[0] {
	case '*':
		return 0, `a value that begins with * refers to an anchor in YAML, and there is none of that name above; put text in quotes, as in schedule: "*/30 * * * *"`
	case '@':
		return 0, `a value cannot begin with @ in YAML; put it in quotes, as in schedule: "@every 10m"`
	case '&':
		return 0, `a value that begins with & names an anchor in YAML; put it in quotes, as in title: "& more"`
	case '`', '%', ',', ']', '}':
		return 0, `a value cannot begin with ` + v[:1] + ` in YAML; put it in quotes`
	case '|', '>':
		return 0, `a value that begins with ` + v[:1] + ` starts a block of lines in YAML; put it in quotes, or the text on the next line`
	case '"':
		return doubleQuoteTrap(v)
	case '\'':
		return singleQuoteTrap(v)
	case '{', '[':
		return flowTrap(v)
	}
	if strings.HasPrefix(v, "? ") || strings.HasPrefix(v, "- ") {
		return 0, `a value cannot begin with ` + v[:1] + ` and a blank in YAML; put it in quotes, or each entry of a list on a line of its own`
	}
	text, _, _ := strings.Cut(v, " #")
	if i := strings.Index(text, ": "); i >= 0 {
		return i, `a colon and a blank inside a text begin a new word in YAML; put quotes around the text, as in title: "Breaking: News"`
	}
	if strings.HasSuffix(strings.TrimSpace(text), ":") && strings.Contains(strings.TrimSpace(text), " ") {
		return strings.LastIndexByte(text, ':'), `a colon at the end of a text makes a word of it in YAML; put quotes around the text`
	}
	if bareWord.MatchString(text) {
		return strings.IndexByte(text, ':'), "a blank is missing after the colon; write word: value"
	}
	return 0, ""
}

var (
	bareWord   = regexp.MustCompile(`^[a-z_]+:[^ /]`)
	goodText   = regexp.MustCompile(`^[^\\"]*(?:\\[0abt\tnvfre "/\\N_LPxuU][^\\"]*)*`)
	anyEscaped = regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)
	anySingle  = regexp.MustCompile(`^'(?:[^']|'')*'`)
)

func doubleQuoteTrap(v string) (int, string) {
	if end := 1 + len(goodText.FindString(v[1:])); end < len(v) && v[end] == '\\' {
		return end, `inside " " a \ begins an escape that YAML must know; use ' ' instead`
	}
	whole := anyEscaped.FindString(v)
	if whole == "" {
		return 0, "the quote that begins here is not closed on its line; close it, and write \\\" for a quote inside the text"
	}
	return afterQuote(v, len(whole), `text goes on after the closing "; put all of it in quotes, as in '"Stop" they say'`)
}

func singleQuoteTrap(v string) (int, string) {
	whole := anySingle.FindString(v)
	if whole == "" {
		return 0, "the quote that begins here is not closed on its line; close it, and write '' for an apostrophe inside the text"
	}
	return afterQuote(v, len(whole), `text goes on after the closing '; put all of it in " ", or write '' for an apostrophe inside it`)
}

// afterQuote reports text behind a closed quote, unless it is a comment or makes the quoted text a word.
func afterQuote(v string, end int, cure string) (int, string) {
	rest := strings.TrimSpace(v[end:])
	if rest == "" || strings.HasPrefix(rest, "#") || strings.HasPrefix(rest, ":") {
		return 0, ""
	}
	return end, cure
}

// flowTrap looks for text inside { } or [ ] that needs quotes, and for text behind them.
func flowTrap(v string) (int, string) {
	depth, quote, inText := 0, byte(0), false
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && !inText:
			quote = c
		case (c == '{' || c == '[') && inText:
			return i, `inside { } and [ ], text with a bracket or brace in it must be put in quotes, as in {link: ".b[0]"} or {token: "${NAME}"}`
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth, inText = depth-1, false
			if rest := strings.TrimSpace(v[i+1:]); depth == 0 && rest != "" && rest[0] != '#' {
				return 0, `text that begins with ` + v[:1] + ` must be put in quotes, as in title: "[Live] News"`
			}
		case c == '#' && i > 0 && v[i-1] == ' ':
			i = len(v)
		case c == ',' || c == ':' && i+1 < len(v) && v[i+1] == ' ':
			inText = false
		case (c == '*' || c == '@' || c == '%' || c == '`') && !inText:
			return i, `a value cannot begin with ` + string(c) + ` here in YAML; put it in quotes, as in {schedule: "@every 10m"}`
		case c != ' ':
			inText = true
		}
	}
	if depth > 0 {
		return 0, "the " + v[:1] + " that begins here is not closed; close it"
	}
	return 0, ""
}
