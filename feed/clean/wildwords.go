package clean

import (
	"strings"
	"sync"
)

// meaning is all that a word can say in a date. Which of it counts is for the words around it to tell.
type meaning struct {
	month  int
	skip   bool // says nothing: a weekday, "of", "at"
	half   byte // 'a' before noon, 'p' after
	before bool // half or clock stands before its number
	clock  byte // the part that the number beside it is: y o d h m s
	day    int  // 1 today, 2 yesterday, 3 the day before
}

// dateWords is what all languages have to say about dates, folded.
var dateWords = sync.OnceValue(func() map[string]meaning {
	known := map[string]meaning{}
	add := func(list string, say func(*meaning)) {
		for _, word := range folded(list) {
			m := known[word]
			say(&m)
			known[word] = m
		}
	}
	for _, names := range monthNames {
		month := 0
		for list := range strings.SplitSeq(names, ";") {
			month++
			add(list, func(m *meaning) { m.month = month })
		}
	}
	for _, list := range passedOver {
		add(list, func(m *meaning) { m.skip = true })
	}
	for _, w := range clockWords {
		add(w.words, func(m *meaning) { m.clock, m.half, m.before = w.clock, w.half, w.before })
	}
	for _, r := range relatives {
		for _, list := range []string{r.seconds, r.minutes, r.hours, r.days, r.weeks, r.months, r.years, r.ago, r.one, r.now} {
			add(list, func(*meaning) {}) // several words may be one
		}
		for i, list := range []string{r.today, r.yesterday, r.before} {
			add(list, func(m *meaning) { m.day = i + 1 })
		}
	}
	return known
})

// folded cuts a list of words parted by commas.
func folded(list string) []string {
	var words []string
	for word := range strings.SplitSeq(list, ",") {
		if word = fold(strings.TrimSpace(word)); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// distance is what a word says about how long ago something was, in one language.
type distance struct {
	unit byte // y o w d h m s
	ago  bool
	one  bool // "an" hour ago
	now  bool
}

// distances are the vocabularies of all languages. They are kept apart, for години is years in one and hours in another.
var distances = sync.OnceValue(func() []map[string]distance {
	var all []map[string]distance
	for _, r := range relatives {
		words := map[string]distance{}
		add := func(list string, say func(*distance)) {
			for _, word := range folded(list) {
				d := words[word]
				say(&d)
				words[word] = d
			}
		}
		for i, list := range []string{r.seconds, r.minutes, r.hours, r.days, r.weeks, r.months, r.years} {
			add(list, func(d *distance) { d.unit = "smhdwoy"[i] })
		}
		add(r.ago, func(d *distance) { d.ago = true })
		add(r.one, func(d *distance) { d.one = true })
		add(r.now, func(d *distance) { d.now = true })
		all = append(all, words)
	}
	return all
})
