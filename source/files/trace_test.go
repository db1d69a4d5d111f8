package files

import (
	"strings"
	"testing"
)

// Every word says where in its file it was read.
func TestReadTracesWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, want string }{
		"front matter": {
			"a.md", "---\nheadline: Night hours\nlayout: post\ntitle: The library\ndate: 2026-11-20\npermalink: /no/address/\n---\nIt opens.\n",
			"title front matter, line 4 | published front matter, line 5 (date) | content from line 8 | summary made of the first paragraph",
		},
		"heading": {
			"a.md", "# The library\n\nIt opens.\n", "content from line 1 | title the first heading | summary made of the first paragraph",
		},
		"text": {
			"a.txt", "River rises\nAuthor: Jo Hill\n20 November 2026\n\nIt rose.\n\nIt is rising.\n",
			"title line 1, the first of the text | author header line 2 | published line 3, a date alone | content lines 5 to 7 | " +
				"summary made of the first paragraph",
		},
		"byline": {
			"a.txt", "River rises\n\nBy Jo Hill\n\nIt rose.\n",
			"title line 1, the first of the text | author line 3, a byline | content line 5 | summary made of the first paragraph",
		},
		"second title": {
			"a.txt", "URGENT\nTitle: River rises\n\nIt rose.\n",
			"title header line 2 | content lines 1 to 4 | summary made of the first paragraph",
		},
		"body in a word": {
			"a.txt", "---\ncontent: |\n  River rises\n\n  It rose.\n---\n",
			"content front matter, line 2 | title a line of the word content, the first of the text | summary made of the first paragraph",
		},
	} {
		a, err := read(c.file, []byte(c.text), berlin)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for word, place := range a.Trace.All() {
			got = append(got, word+" "+place)
		}
		if s := strings.Join(got, " | "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, s, c.want)
		}
	}
}
