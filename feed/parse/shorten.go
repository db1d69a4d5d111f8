package parse

import (
	"strings"
	"unicode/utf8"
)

// shorten cuts off what the text between two tags has beyond the bound of a field: the tokenizer would hold it all in one
// piece before the bound is seen. What is left is beyond the bound still, so that the field is refused. Lines behind it
// have lower numbers then.
func shorten(text string) string {
	if len(text) <= maxField {
		return text
	}
	var kept []string
	from := 0 // of what is not in kept yet
	for at := 0; at < len(text); {
		run := strings.IndexByte(text[at:], '<')
		if run < 0 {
			run = len(text) - at
		}
		if beyond := beyondField(text[at : at+run]); beyond >= 0 {
			kept = append(kept, text[from:at+beyond])
			from = at + run
		}
		at += run
		end := strings.IndexByte(text[at:], '>')
		if end < 0 {
			break
		}
		at += end + 1
	}
	if kept == nil {
		return text
	}
	return strings.Join(append(kept, text[from:]), "")
}

// beyondField returns the place in a text at which it surely has more characters than a field may, -1 when there is none.
// References count for nothing, for they may be dropped.
func beyondField(text string) int {
	const longestReference = 32
	if len(text) <= maxField {
		return -1
	}
	for at, sure := 0, 0; at < len(text); {
		plain := strings.IndexByte(text[at:], '&')
		if plain < 0 {
			plain = len(text) - at
		}
		if more := maxField + 1 - sure; plain >= more {
			at += more
			for at < len(text) && !utf8.RuneStart(text[at]) {
				at++
			}
			return at
		}
		at, sure = at+plain, sure+plain
		if at == len(text) {
			break
		}
		at++
		end := strings.IndexAny(text[at:min(len(text), at+longestReference)], ";&")
		if end >= 0 && text[at+end] == ';' {
			at += end + 1
		} else {
			sure++ // a bare one
		}
	}
	return -1
}
