package why

import (
	"context"
	"fmt"
	"path"
	"strings"
)

// document tells what is in a document of the feed; found is false when the feed has none at that address. The page of an
// article is told of as the article is.
func (t *Teller) document(ctx context.Context, s subject, at string) (found bool, err error) {
	if !strings.HasPrefix(at, s.words.Key) || strings.HasPrefix(at, s.words.Key+"/a/") {
		return false, nil
	}
	positions, d, err := s.Holds(ctx, at)
	if err != nil || d == nil {
		return false, err
	}
	what := "document of feed " + s.words.Key
	if d.Page {
		what = "archive of feed " + s.words.Key
	}
	fmt.Fprintf(t.Out, "/%s\n  %s · %s · changed %s\n", d.Path, what, size(int(d.Size)), s.show(d.Modified))
	if s.Outdated() {
		fmt.Fprintln(t.Out, "  the articles have changed since it was made")
	}
	rows, err := s.At(ctx, positions)
	if err != nil {
		return false, err
	}
	var lines [][]string
	for _, row := range rows {
		where := s.Link(row)
		if row.Key != "" && !strings.HasPrefix(row.Key, "~") {
			where = row.Key
		}
		lines = append(lines, []string{s.show(row.Published), name(row), where, strings.TrimPrefix(s.Why(row), "live")})
	}
	section(t.Out, count(len(rows), "article"), lines)
	if len(rows) == 0 {
		fmt.Fprintln(t.Out, "\nIt holds no article.")
	}
	return true, t.leftOut(ctx, s, editionAt(at))
}

// editionAt is the address of the feed or edition that a document shows, without its format.
func editionAt(at string) string {
	if strings.Contains(at, "/archive/") {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(at, path.Ext(at)), ".news-sitemap")
}

// mostLeftOut bounds the articles that are named for each edition.
const mostLeftOut = 10

// leftOut tells what an edition leaves out though it is new; edition is its address, empty: all of them.
func (t *Teller) leftOut(ctx context.Context, s subject, edition string) error {
	newest, counts, err := s.LeavesOut(ctx, mostLeftOut)
	if err != nil {
		return err
	}
	var lines [][]string
	named := map[string]int{}
	for _, l := range newest {
		if edition == "" || edition == l.Edition {
			lines = append(lines, []string{"/" + l.Edition, name(l.Article), l.Why})
			named[l.Edition]++
		}
	}
	for _, e := range s.editions() {
		if more := counts[e] - named[e]; named[e] > 0 && more > 0 {
			lines = append(lines, []string{"/" + e, fmt.Sprintf("and %d older ones", more)})
		}
	}
	section(t.Out, "Left out", lines)
	return nil
}

// editions are the addresses of the feed and its editions.
func (s subject) editions() []string {
	names := []string{s.words.Key}
	for _, e := range s.words.Editions {
		names = append(names, s.words.Key+"/"+e.Name)
	}
	return names
}
