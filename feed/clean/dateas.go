package clean

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
)

// DateAs reads a date that is written as layout says (package time, with English names of months and days): the layout
// "Monday, 2 January 2006" with the language de reads "Dienstag, 24. November 2026" and "Di, 24 Nov 2026". Names may be whole or cut short, dots
// behind them and behind numbers may stand or not, white space, capitals and accents do not matter. The language is a code such as
// those of wildmonths.go; English names are always read.
//
// A date without zone is in loc (nil is UTC); one without a year is in the year 0. What does not fit the layout is an
// error of class Unreadable.
func DateAs(s, layout, language string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	text := Line(s)
	if len(text) > longestDate {
		return time.Time{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s is too long for a date", quoted(first(text, longestDate))))
	}
	t, err := time.ParseInLocation(layout, text, loc)
	if err != nil {
		names := namesOf(language)
		t, err = time.ParseInLocation(names.plain(layout), names.plain(text), loc)
	}
	if err != nil {
		return time.Time{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s is not written as the format %q says", quoted(text), layout))
	}
	if y := t.Year(); y != 0 && (y < 1900 || y > 9999) {
		return time.Time{}, feed.Classify(feed.Unreadable, fmt.Errorf("%s is in the year %d; only 1900 to 9999 are taken", quoted(text), y))
	}
	return t, nil
}

// dateNames are the names in dates of one language, folded: months with their numbers, and with 0 the words that say nothing
// about when.
type dateNames map[string]time.Month

// namesByLanguage are the names of every language, and under "" those of English.
var namesByLanguage = sync.OnceValue(func() map[string]dateNames {
	all := map[string]dateNames{}
	for language, list := range passedOver {
		all[language] = dateNames{}
		for _, word := range folded(list) {
			all[language][word] = 0
		}
	}
	for language, names := range monthNames {
		if all[language] == nil {
			all[language] = dateNames{}
		}
		month := time.Month(0)
		for list := range strings.SplitSeq(names, ";") {
			month++
			for _, name := range folded(list) {
				all[language][name] = month
			}
		}
	}
	return all
})

// namesOf are the names of a language, and those of English that it has not.
func namesOf(language string) dateNames {
	all := namesByLanguage()
	own := all[language]
	if own == nil || language == "en" {
		return all["en"]
	}
	names := maps.Clone(all["en"])
	maps.Copy(names, own)
	return names
}

// plain puts the English names of months, cut short, for those of a date or layout, and leaves out what may stand or not: the
// words that say nothing, dots and commas that end words, and white space.
func (names dateNames) plain(s string) string {
	var words []string
	for word := range strings.FieldsSeq(names.english(s)) {
		if word = strings.TrimRight(word, ".,"); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func (names dateNames) english(s string) string {
	var out strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		if month, known := names[fold(word)]; !known {
			out.WriteString(word)
		} else if month != 0 {
			out.WriteString(month.String()[:3])
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		out.WriteString(s[end : end+size])
		s = s[end+size:]
	}
	return out.String()
}
