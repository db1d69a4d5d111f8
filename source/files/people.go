package files

import (
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// setAuthors adds the authors that a text, a list or a table names: "Jane Doe", "Jane Doe <jane@example.org>",
// [Jane Doe, John Roe] or {name: Jane Doe, email: …, url: …}.
func setAuthors(to *[]feed.Person, as string, v value) error {
	for _, e := range v.oneOrMany() {
		switch e.kind {
		case scalar:
			if v.kind == list {
				addPeople(to, clean.Person(e.text))
			} else {
				addPeople(to, clean.People(e.text)...)
			}
		case table:
			name := e.first("name")
			if name.kind != scalar {
				return problem(e.line, "%s has no name; write  {name: Jane Doe, email: jane@example.org}", as)
			}
			p := feed.Person{Name: clean.Line(name.text), Email: clean.Line(e.first("email").text)}
			if u, ok := webAddress(e.first("url").text); ok {
				p.URL = u
			}
			addPeople(to, p)
		case list:
			return problem(e.line, "%s holds a list in a list; write  [Jane Doe, John Roe]", as)
		}
	}
	return nil
}

func addPeople(to *[]feed.Person, people ...feed.Person) {
	for _, p := range people {
		if p.Name != "" && !slices.ContainsFunc(*to, func(q feed.Person) bool { return strings.EqualFold(p.Name, q.Name) }) {
			*to = append(*to, p)
		}
	}
}
