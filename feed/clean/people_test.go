package clean

import (
	"strings"
	"testing"

	"feedmill/feed"
)

func names(people []feed.Person) string {
	var all []string
	for _, p := range people {
		s := p.Name
		if p.Email != "" {
			s += " <" + p.Email + ">"
		}
		if p.URL != "" {
			s += " <" + p.URL + ">"
		}
		all = append(all, s)
	}
	return strings.Join(all, " | ")
}

func TestPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Jane Doe", "Jane Doe"},
		{"Jane Doe, John Roe", "Jane Doe | John Roe"},
		{"Jane Doe; John Roe", "Jane Doe | John Roe"},
		{"Jane Doe and John Roe", "Jane Doe | John Roe"},
		{"Jane Doe & John Roe", "Jane Doe | John Roe"},
		{"By Jane Doe and John Roe", "Jane Doe | John Roe"},
		{"Marks and Spencer", "Marks and Spencer"},
		{"Ministry of Health and Social Care", "Ministry of Health and Social Care"},
		{"Jane Doe <jane@x.org>", "Jane Doe <jane@x.org>"},
		{`"Doe, Jane" <jane@x.org>`, "Doe, Jane <jane@x.org>"},
		{"jane@x.org (Jane Doe)", "Jane Doe <jane@x.org>"},
		{"jane@x.org", "jane <jane@x.org>"},
		{"Jane <https://x.org/jane>", "Jane <https://x.org/jane>"},
		{"Martin King, Jr., John Roe", "Martin King, Jr. | John Roe"},
		{"山田太郎、鈴木花子", "山田太郎、鈴木花子"},
		{"Jane Doe, , jane doe", "Jane Doe"},
	} {
		got := People(c.text)
		if names(got) != c.want {
			t.Errorf("People(%q) = %s, want %s", c.text, names(got), c.want)
		}
	}
}

func TestByline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"By Jane Doe", "Jane Doe"},
		{"by JANE DOE and John Roe", "JANE DOE | John Roe"},
		{"BY JANE DOE", "JANE DOE"},
		{"By Jane Doe, John Roe and Max Moe, Correspondents", "Jane Doe | John Roe | Max Moe"},
		{"By Jane Doe, John Roe, and Max Moe", "Jane Doe | John Roe | Max Moe"},
		{"By Jane Doe | Example News", "Jane Doe"},
		{"By: J. R. Doe", "J. R. Doe"},
		{"By Sammy Davis Jr.", "Sammy Davis Jr."},
		{"Von Karl von der Heide", "Karl von der Heide"},
		{"Par Jean-Luc O’Neill", "Jean-Luc O’Neill"},
		{"Por María José de la Cruz", "María José de la Cruz"},
		{"By Jane Doe <jane@x.org>", "Jane Doe <jane@x.org>"},
		{"By AFP", "AFP"},
		{"By Reuters", "Reuters"},
		{"By Tuesday evening the storm had passed.", ""},
		{"By Land and Sea", ""},
		{"By far the best.", ""},
		{"By Night", ""},
		{"By", ""},
		{"By 2030 All Trains Will Run", ""},
		{"Von hier aus", ""},
		{"By Jane Doe said nothing", ""},
		{"By " + strings.Repeat("Jane Doe, ", 20), ""},
	} {
		got, ok := Byline(c.line)
		if names(got) != c.want || ok != (c.want != "") {
			t.Errorf("Byline(%q) = %s, %v; want %q", c.line, names(got), ok, c.want)
		}
	}
}
