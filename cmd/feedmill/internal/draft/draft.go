// Package draft writes the first configuration of a feed for what an operator points at: a sitemap, a JSON
// API, a database, a mailbox, a table, a folder.
//
// It is given what was found there, and makes a block of YAML with comments that the configuration takes as it is; it asks
// nothing and writes no file. A new kind is a file of its own that makes a [Draft].
package draft

import (
	"fmt"
	"strings"
)

// Draft is a source as it is written into the configuration.
type Draft struct {
	// Key is the proposed key of the feed, still to be made a valid one.
	Key string
	// Notes say what was found, a line each, for comments above the feed.
	Notes []string
	// Row is the column that tells feeds apart when they are made of rows; empty: it is one feed.
	Row string
	// Beside are the words of the feed that stand above its source, in lines that begin at the left.
	Beside string
	// Source is the block below source:, in lines that begin at the left.
	Source string
}

// String is the draft as a part of the configuration; key is the feed's.
func (d Draft) String(key string) string {
	var b strings.Builder
	for _, note := range d.Notes {
		fmt.Fprintf(&b, "# %s\n", strings.Join(strings.Fields(note), " "))
	}
	if d.Row != "" {
		key = `"` + key + "/{" + d.Row + `}"`
	}
	b.WriteString("feeds:\n  " + key + ":\n")
	for line := range strings.Lines(d.Beside) {
		b.WriteString("    " + line)
	}
	if d.Row != "" {
		b.WriteString("    source: " + d.Source)
		return b.String()
	}
	b.WriteString("    source:\n")
	for line := range strings.Lines(d.Source) {
		b.WriteString("      " + line)
	}
	return b.String()
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
