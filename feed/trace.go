package feed

import (
	"iter"
	"strings"
)

// Trace says where in its source each word of an article was read, for those who ask why an article is as it is: a line a
// word, the word as fields and front matter call it, a space, and the place in a few words of the source's own, such as
// "title h2" for a selector, "published line 3" for a file or "content content:encoded" for a feed. The word [TracePage]
// names the page or file itself. The zero value says nothing. It is stored with the article and is no part of what makes
// one changed: keep places short, and the same for articles that were read alike.
type Trace string

// TracePage is the word under which a trace names the address that an article was read from, where the source has several.
const TracePage = "page"

// What a trace may hold, in bytes: selectors are written by people, and a page may be anything.
const (
	longestPlace = 200
	longestTrace = 4 << 10
)

// Add notes where a word was read. A word that was read in several places is added several times. What is too long is cut.
func (t *Trace) Add(word, place string) {
	if strings.ContainsAny(place, "\n\r\t") {
		place = strings.Join(strings.Fields(place), " ")
	}
	if len(place) > longestPlace {
		place = strings.ToValidUTF8(place[:longestPlace], "") + "…"
	}
	if place == "" || len(*t)+len(word)+len(place)+2 > longestTrace {
		return
	}
	*t += Trace(word + " " + place + "\n")
}

// All gives the words with the places where they were read, in the order in which they were added.
func (t Trace) All() iter.Seq2[string, string] {
	return func(yield func(word, place string) bool) {
		for line := range strings.Lines(string(t)) {
			word, place, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if !yield(word, place) {
				return
			}
		}
	}
}
