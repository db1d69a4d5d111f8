package clean

import (
	netmail "net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
)

// People reads the authors in one line: a comma or semicolon parts them, and so does "and" between two full names. Each
// is named once. A name may carry an e-mail or web address: "Jane Doe <jane@example.org>", "jane@example.org (Jane Doe)".
func People(s string) []feed.Person {
	if all, ok := Byline(s); ok { // Byline: By Jane Doe
		return all
	}
	var all []feed.Person
	for _, part := range joinSuffixes(splitOutside(s, ",;")) {
		names := []string{part}
		if both := splitAnd(part); len(both) > 1 && !slices.ContainsFunc(both, func(n string) bool { return !isFullName(n) }) {
			names = both
		}
		for _, n := range names {
			all = addPerson(all, Person(n))
		}
	}
	return all
}

// addPerson adds one with a name that is not among them yet.
func addPerson(all []feed.Person, p feed.Person) []feed.Person {
	if p.Name == "" || slices.ContainsFunc(all, func(q feed.Person) bool { return strings.EqualFold(p.Name, q.Name) }) {
		return all
	}
	return append(all, p)
}

// splitOutside splits s at any of the separators outside <angle brackets>, (round ones) and "quotes".
func splitOutside(s, separators string) []string {
	var parts []string
	start, depth, inQuotes := 0, 0, false
	for i, r := range s {
		switch {
		case r == '"':
			inQuotes = !inQuotes
		case r == '<' || r == '(':
			depth++
		case r == '>' || r == ')':
			depth--
		case depth == 0 && !inQuotes && strings.ContainsRune(separators, r):
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + utf8.RuneLen(r)
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

// joinSuffixes mends names that carry a comma of their own: King, Jr.
func joinSuffixes(parts []string) []string {
	var whole []string
	for _, p := range parts {
		switch strings.ToLower(strings.TrimSuffix(p, ".")) {
		case "jr", "sr", "ii", "iii", "phd", "ph.d", "md", "m.d", "esq":
			if len(whole) > 0 {
				whole[len(whole)-1] += ", " + p
				continue
			}
		}
		whole = append(whole, p)
	}
	return whole
}

// splitAnd splits at the words that join two authors.
func splitAnd(s string) []string {
	for _, and := range []string{" and ", " AND ", " & ", " und ", " et ", " y "} {
		if before, after, ok := strings.Cut(s, and); ok {
			return append([]string{strings.TrimSpace(before)}, splitAnd(strings.TrimSpace(after))...)
		}
	}
	return []string{s}
}

// Person reads one author: a name with an e-mail or web address in angle brackets, "mail (Name)" as RSS has it, or a
// bare e-mail address, whose first part is then the name.
func Person(s string) feed.Person {
	s = Line(s)
	if before, after, ok := strings.Cut(s, "<"); ok {
		inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), ">"))
		p := feed.Person{Name: strings.Trim(strings.TrimSpace(before), `"`)}
		if u, err := URL(inner, ""); err == nil {
			p.URL = u
		} else if isMail(inner) {
			p.Email = inner
		}
		return nameByMail(p)
	}
	if before, after, ok := strings.Cut(s, "("); ok && isMail(strings.TrimSpace(before)) {
		name := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), ")"))
		return nameByMail(feed.Person{Name: name, Email: strings.TrimSpace(before)})
	}
	if isMail(s) {
		return nameByMail(feed.Person{Email: s})
	}
	return feed.Person{Name: s}
}

func nameByMail(p feed.Person) feed.Person {
	if p.Name == "" {
		p.Name, _, _ = strings.Cut(p.Email, "@")
	}
	return p
}

func isMail(s string) bool {
	if !strings.Contains(s, "@") {
		return false
	}
	a, err := netmail.ParseAddress(s)
	return err == nil && a.Address == s
}

// Byline reads a line such as "By Jane Doe" or "By JANE DOE and John Roe, Political Correspondents". It is strict,
// because "By Tuesday the storm had passed" begins in the same way: every name must look like one.
func Byline(s string) ([]feed.Person, bool) {
	word, rest, ok := strings.Cut(strings.Join(strings.Fields(s), " "), " ")
	if !ok || utf8.RuneCountInString(s) > 100 {
		return nil, false
	}
	switch strings.ToLower(strings.TrimSuffix(word, ":")) {
	case "by", "von", "par", "por":
	default:
		return nil, false
	}
	parts := joinSuffixes(splitOutside(rest, ",;|"))
	names := bylineNames(parts)
	if len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return !isFullName(n) && !isAgency(n, len(names)) }) {
		return nil, false
	}
	var all []feed.Person
	for _, n := range names {
		all = addPerson(all, Person(n))
	}
	return all, true
}

// bylineNames picks the names among the parts between commas. What follows the last name that "and" joins, or the only
// one, is the role or the house of the author.
func bylineNames(parts []string) []string {
	for i, p := range parts {
		if and, ok := strings.CutPrefix(p, "and "); ok { // the comma before "and"
			return append(slices.Clone(parts[:i]), and)
		}
		if both := splitAnd(p); len(both) > 1 {
			return append(slices.Clone(parts[:i]), both...)
		}
	}
	if len(parts) == 2 {
		return parts[:1]
	}
	return parts
}

// particles stand between first and last names in small letters.
var particles = []string{"de", "da", "do", "dos", "del", "della", "di", "du", "la", "le", "van", "von", "der", "den", "ten", "ter", "zu", "bin", "ibn", "al", "el", "y", "e"}

// isFullName reports whether s looks like the full name of a person: two to five words that begin with a capital, or
// are in a script without capitals.
func isFullName(s string) bool {
	s, _, _ = strings.Cut(s, "<")
	fields := strings.Fields(s)
	if len(fields) < 2 || len(fields) > 5 {
		return false
	}
	for i, f := range fields {
		if i > 0 && i < len(fields)-1 && slices.Contains(particles, f) {
			continue
		}
		if !isNameWord(f) {
			return false
		}
	}
	last := fields[len(fields)-1]
	return !strings.HasSuffix(last, ".") || slices.Contains([]string{"Jr.", "Sr."}, last) || utf8.RuneCountInString(last) == 2
}

func isNameWord(w string) bool {
	first, _ := utf8.DecodeRuneInString(w)
	if !unicode.IsLetter(first) || unicode.IsLower(first) && !strings.HasPrefix(w, "al-") && !strings.HasPrefix(w, "el-") {
		return false
	}
	for _, r := range w {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(".-'’ʼ‐,", r) {
			return false
		}
	}
	return true
}

// isAgency takes a single word in capitals (AFP) or Reuters for an author that stands alone.
func isAgency(s string, names int) bool {
	return names == 1 && (s == "Reuters" || len(s) >= 2 && len(s) <= 6 && s == strings.ToUpper(s) && isNameWord(s) && !strings.HasSuffix(s, "."))
}
