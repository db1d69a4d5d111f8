package clean

import "time"

// relative reads how long ago something was: units, each with its number before it or "an", and a word for ago before or
// behind them, all in one language; or a word for now.
func relative(tokens []token, now time.Time) (time.Time, bool) {
	if len(tokens) > 12 {
		return time.Time{}, false
	}
	for _, words := range distances() {
		if t, ok := relativeIn(words, tokens, now); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

func relativeIn(words map[string]distance, tokens []token, now time.Time) (time.Time, bool) {
	if len(tokens) == 1 && words[tokens[0].text].now {
		return now, true
	}
	t, count, units, ago := now, -1, 0, false
	for i, token := range tokens {
		d := words[token.text]
		next := distance{}
		if i+1 < len(tokens) {
			next = words[tokens[i+1].text]
		}
		switch {
		case token.kind == '0' && len(token.text) <= 5 && count < 0:
			count = number(token.text)
		case d.one && count < 0 && next.unit > 0:
			count = 1
		case d.unit > 0 && (count >= 0 || units == 0):
			t = back(t, max(count, -count), d.unit) // without a number, one
			count, units = -1, units+1
		case d.ago:
			ago = true
		case token.kind == ',', token.kind == '.', isFiller(token.text):
		default:
			return time.Time{}, false
		}
	}
	return t, ago && units > 0 && count < 0
}

// isFiller reports whether a word between numbers and units says nothing.
func isFiller(word string) bool {
	switch word {
	case "and", "und", "et", "y", "e", "i", "и", "та", "och", "og", "en", "about", "etwa", "environ", "circa", "около":
		return true
	}
	return false
}

// back goes n units back. Days and more keep the time of day.
func back(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 'y':
		return t.AddDate(-n, 0, 0)
	case 'o':
		return t.AddDate(0, -n, 0)
	case 'w':
		return t.AddDate(0, 0, -7*n)
	case 'd':
		return t.AddDate(0, 0, -n)
	case 'h':
		return t.Add(-time.Duration(n) * time.Hour)
	case 'm':
		return t.Add(-time.Duration(n) * time.Minute)
	}
	return t.Add(-time.Duration(n) * time.Second)
}
