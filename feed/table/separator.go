package table

import "strings"

// separators are what parts cells, the likelier ones first.
const separators = ",;\t|"

// separatorOf is what parts the cells of a text: what its first line has most of, outside of quotation marks; or what
// spreadsheets say in a line before it, sep=; which is cut off. skipped is how many lines were.
func separatorOf(text string) (separator rune, rest string, skipped int) {
	first, after, _ := strings.Cut(text, "\n")
	if said, ok := strings.CutPrefix(strings.TrimRight(first, "\r"), "sep="); ok && len(said) == 1 && strings.Contains(separators, said) {
		return rune(said[0]), after, 1
	}
	count := map[rune]int{}
	quoted := false
	for _, c := range first {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			count[c]++
		}
	}
	separator = ','
	for _, c := range separators {
		if count[c] > count[separator] {
			separator = c
		}
	}
	return separator, text, 0
}
