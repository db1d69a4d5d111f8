package draft

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"feedmill/feed/clean"
	"feedmill/feed/listing"
	"feedmill/feed/rows"
	"feedmill/feed/table"
)

// CSV is the draft for a table in a file: when a column names addresses, and none tells of articles, a feed of each row; else one
// of whose rows are articles. name is how the configuration writes the file.
func CSV(body []byte, name string) (Draft, error) {
	t, err := table.Read(body, "")
	if err != nil {
		return Draft{}, fmt.Errorf("read %s: %w", name, err)
	}
	key := strings.TrimSuffix(path.Base(name), path.Ext(name))
	shape := fmt.Sprintf("the table %s has %s; its columns: %s", name, counted(len(t.Rows), "row"), strings.Join(t.Header, ", "))
	m := matched(Table{Columns: t.Header})
	address, row := addresses(t), naming(t)
	tells := slices.ContainsFunc([]string{"summary", "content", "published", "updated"}, func(word string) bool { return m.columns[word] != "" })
	switch {
	case address != "" && row != "" && !tells:
		d := Draft{Key: key, Row: row, Beside: "each: {csv: " + listing.Scalar(name) + "}\n", Source: `"{` + address + `}"` + "    # a feed, a page, a sitemap: told apart at the first look\n"}
		d.Notes = []string{shape, "each row is a feed; rows that come and go make and retire feeds without a reload"}
		if title := m.columns["title"]; title != "" && rows.Column(title) {
			d.Beside += `title: "{` + title + `}"` + "\n"
		}
		return d, nil
	case m.usable() || m.columns["title"] != "" && tells:
		d := Draft{Key: key, Source: "command:\n  run: [cat, " + listing.Scalar(name) + "]\n" + fields(m)}
		d.Notes = []string{shape, "each row is an article; a table comes from a program: write the one that makes it in the place of cat, if there is one"}
		return d, nil
	}
	return Draft{}, fmt.Errorf("%s: neither does a column hold addresses, so that each row could be a feed, nor do its columns (%s) look like those of articles, "+
		"an id or link and a title or text; see config/examples/each.yaml and config/examples/command.yaml", name, strings.Join(t.Header, ", "))
}

// fields say which columns are which words.
func fields(m match) string {
	var text strings.Builder
	for _, word := range meanings {
		if name := m.columns[word.word]; name != "" && word.word != "withdrawn" {
			text.WriteString("    " + word.word + ": " + listing.Scalar(member("", name)) + "\n")
		}
	}
	return "  fields:\n" + text.String()
}

// addresses is the column whose cells are http addresses, "" when there is none. One that is called feed goes before others.
func addresses(t table.Table) (best string) {
	for i, name := range t.Header {
		if rows.Column(name) && len(t.Rows) > 0 && allCells(t, i, func(cell string) bool {
			return strings.HasPrefix(cell, "https://") || strings.HasPrefix(cell, "http://")
		}) && (best == "" || strings.Contains(strings.ToLower(name), "feed") || strings.Contains(strings.ToLower(name), "rss")) {
			best = name
		}
	}
	return best
}

// naming is the column that can tell feeds apart: the shortest of those whose cells all make different keys.
func naming(t table.Table) (best string) {
	shortest := 0
	for i, name := range t.Header {
		seen, size := map[string]bool{}, 0
		if !rows.Column(name) || !allCells(t, i, func(cell string) bool {
			key := clean.Slug(cell)
			again := seen[key]
			seen[key] = true
			size += len(cell)
			return key != "" && !again && len(cell) <= 60 && !strings.Contains(cell, "://") && key == strings.ToLower(key) && isASCII(key)
		}) {
			continue
		}
		if best == "" || size < shortest {
			best, shortest = name, size
		}
	}
	return best
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }

func allCells(t table.Table, column int, fit func(string) bool) bool {
	return !slices.ContainsFunc(t.Rows, func(r table.Row) bool { return !fit(strings.TrimSpace(r.Cells[column])) })
}
