package mill_test

import (
	"encoding/xml"
	"testing"
)

// readAtom reads an Atom document: title → what is said about the entry.
func readAtom(t *testing.T, body []byte) map[string]entry {
	t.Helper()
	entries := map[string]entry{}
	eachOfAtom(t, body, func(title string, e entry) { entries[title] = e })
	return entries
}

func eachOfAtom(t *testing.T, body []byte, do func(title string, e entry)) {
	t.Helper()
	var doc struct {
		Entries []struct {
			ID        string `xml:"id"`
			Title     string `xml:"title"`
			Published string `xml:"published"`
			Updated   string `xml:"updated"`
			Links     []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(body, &doc); err != nil {
		t.Fatalf("read feed: %v", err)
	}
	for _, e := range doc.Entries {
		got := entry{id: e.ID, published: e.Published, updated: e.Updated}
		for _, l := range e.Links {
			if l.Rel == "alternate" || l.Rel == "" {
				got.link = l.Href
			}
		}
		do(e.Title, got)
	}
}
