package daemon

import (
	"fmt"
	"slices"
	"strings"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/rows"
)

// sift makes feeds of the rows that are new or changed, and leaves out those of which none can be made. Of a row that was
// good before and is bad now the last good form holds.
func sift(b *config.Block, table rows.Table, before *standing) (list []rows.Kept, feeds map[string]config.Feed, bad []error) {
	bad = slices.Clone(table.Problems)
	feeds = map[string]config.Feed{}
	old := map[string]rows.Kept{}
	for _, k := range slices.Concat(before.record.Rows, before.record.Retired) {
		old[k.Name] = k
	}
	firsts := map[string]rows.Row{}
	var fresh []rows.Row
	var places []int
	for _, row := range table.Rows {
		name, err := b.KeyOf(row)
		whole := row
		row = row.Only(b.Columns)
		first, twice := firsts[name]
		switch {
		case err != nil:
			bad = append(bad, fmt.Errorf("%s: %w", whole.Place, err))
			continue
		case twice && first.Same(row):
			continue
		case twice:
			bad = append(bad, fmt.Errorf("%s: makes the feed %s, as does %s, which stays; give one of them another name", whole.Place, name, first.Place))
			continue
		}
		firsts[name] = row
		k, known := old[name]
		f, made := before.feeds[name]
		if !known || !made || !k.Row.Same(row) {
			fresh, places = append(fresh, row), append(places, len(list))
		} else {
			feeds[name] = f
		}
		list = append(list, rows.Kept{Name: name, Row: row})
	}
	gone := map[int]bool{}
	for i, g := range b.Grow(fresh) {
		at := places[i]
		name := list[at].Name
		if g.Err == nil {
			feeds[name] = g.Feed
			continue
		}
		bad = append(bad, g.Err)
		if f, made := before.feeds[name]; made {
			list[at], feeds[name] = old[name], f
		} else {
			gone[at] = true
		}
	}
	kept := list[:0]
	for i, k := range list {
		if !gone[i] {
			kept = append(kept, k)
		}
	}
	return kept, feeds, bad
}

// mostBad bounds how many bad rows one message names.
const mostBad = 10

func badRows(bad []error) error {
	if len(bad) == 0 {
		return nil
	}
	var texts []string
	for i, err := range bad {
		if i == mostBad {
			texts = append(texts, fmt.Sprintf("and %d more", len(bad)-i))
			break
		}
		texts = append(texts, err.Error())
	}
	what := "rows are bad and left out"
	if len(bad) == 1 {
		what = "row is bad and left out"
	}
	return feed.Classify(feed.Unreadable, fmt.Errorf("%d %s, the others are taken: %s", len(bad), what, strings.Join(texts, "\n")))
}

func sameRows(a, b rows.Record) bool {
	same := func(a, b rows.Kept) bool { return a.Name == b.Name && a.Row.Same(b.Row) }
	return slices.EqualFunc(a.Rows, b.Rows, same) && slices.EqualFunc(a.Retired, b.Retired, same)
}
