package why

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// article tells all that is known of one article.
func (t *Teller) article(ctx context.Context, all []subject, s subject, row store.Article) error {
	fmt.Fprintf(t.Out, "%s\n  %s · %s\n", name(row), s.words.Key, s.state(row))
	if link := s.Link(row); link != "" {
		fmt.Fprintf(t.Out, "  %s\n", link)
	}
	if row.ID != "" && row.ID != s.Link(row) {
		fmt.Fprintf(t.Out, "  id %s\n", row.ID)
	}
	if err := t.origin(ctx, all, s, row); err != nil {
		return err
	}
	t.filters(s, row)
	places, err := s.Places(ctx, row)
	if err != nil {
		return err
	}
	section(t.Out, "In", placesOf(places))
	absent, err := s.Absent(ctx, row, places)
	if err != nil {
		return err
	}
	var missing [][]string
	for edition, why := range absent {
		missing = append(missing, []string{"/" + strings.TrimSuffix(s.words.Key+"/"+edition, "/"), why})
	}
	slices.SortFunc(missing, slices.Compare)
	section(t.Out, "Not in", missing)
	if err := t.takenBy(ctx, all, s, row); err != nil {
		return err
	}
	return t.delivered(ctx, s, row)
}

// origin tells which source an article was read from, and where in it each of its words stood.
func (t *Teller) origin(ctx context.Context, all []subject, s subject, row store.Article) error {
	lines, err := t.sourceOf(ctx, all, s, row)
	if err != nil {
		return err
	}
	if row.Key != "" && !strings.HasPrefix(row.Key, "~") {
		file := row.Key
		if !row.Said.Modified.IsZero() {
			file += ", changed " + s.show(row.Said.Modified)
		}
		lines = append(lines, []string{"file", file})
		if now := s.now(row); now != "" {
			lines = append(lines, []string{"", now})
		}
	}
	places := map[string][]string{}
	for word, place := range row.Said.Trace.All() {
		places[word] = append(places[word], place)
	}
	if page := places[feed.TracePage]; len(page) > 0 {
		lines = append(lines, []string{feed.TracePage, strings.Join(page, ", ")})
	}
	for _, one := range s.said(row.Said) {
		place := strings.Join(places[one[0]], ", ")
		if one[1] == "" {
			one[1], place = s.made(row, one[0])
		}
		if one[1] != "" {
			lines = append(lines, []string{one[0], short(one[1], 60), place})
		}
	}
	if row.State == store.Forgotten {
		lines = lines[:1]
	}
	section(t.Out, "Read from", lines)
	if source, _ := s.Source(row); row.Said.Trace == "" && row.State != store.Forgotten && (source == nil || source.From == "") {
		fmt.Fprintln(t.Out, "  where in it each word stood is not noted")
	}
	return nil
}

// sourceOf are the lines that tell the source.
func (t *Teller) sourceOf(ctx context.Context, all []subject, s subject, row store.Article) ([][]string, error) {
	source, listed := s.Source(row)
	switch {
	case source == nil && row.Source == "adopted":
		return [][]string{{"source", "the old feed that was taken over by feedmill adopt"}}, nil
	case source == nil:
		return [][]string{{"source", "one that the feed no longer has, or a feed on a list"}}, nil
	case source.From != "":
		return t.parent(ctx, all, source.From, row)
	}
	what := source.Name
	if words := s.source(source.Digest); words != nil {
		what += " (" + words.Origin() + ")"
	}
	lines := [][]string{{"source", what}}
	if listed != "" {
		lines = append(lines, []string{"feed", listed})
	}
	if from := row.Said.Source; from.Title != "" && listed == "" {
		lines = append(lines, []string{"of", from.Title})
	}
	return lines, nil
}

// parent tells where the feed that an article was taken from has it from.
func (t *Teller) parent(ctx context.Context, all []subject, parent string, row store.Article) ([][]string, error) {
	lines := [][]string{{"source", "feed " + parent}}
	for _, p := range all {
		if p.words.Key != parent {
			continue
		}
		rows, err := p.Articles(ctx, row.Given)
		if err != nil || len(rows) == 0 {
			return lines, err
		}
		where := rows[0].Key
		if source, listed := p.Source(rows[0]); source != nil {
			where = strings.TrimSpace(source.Name + " " + cmp.Or(listed, where))
		}
		if where != "" {
			lines = append(lines, []string{"there from", where})
		}
	}
	return lines, nil
}

// made is what feedmill gave an article whose source does not say a word, and by what.
func (s subject) made(row store.Article, word string) (value, how string) {
	switch {
	case word == "published" && !row.Published.IsZero() && row.Published.Equal(row.Said.Modified.Truncate(time.Second)):
		return s.show(row.Published), "no date in it: when the file was changed last"
	case word == "published" && !row.Published.IsZero():
		return s.show(row.Published), "no date in it: when it was first seen"
	case word == "link" && row.Hosted:
		return s.Link(row), "no link in it: a page made here, by its slug"
	case word == "link":
		return s.Link(row), "no link in it: made as permalink says"
	}
	return "", ""
}

// said are the words of an article with what they say.
func (s subject) said(a feed.Article) [][2]string {
	var authors []string
	for _, p := range a.Authors {
		authors = append(authors, p.Name)
	}
	var audio []string
	for _, e := range a.Enclosures {
		audio = append(audio, e.URL)
	}
	content := ""
	if n := len(a.Content) + len(a.Markdown); n > 0 {
		content = size(n)
	}
	date := func(word string) string {
		at := map[string]string{"published": s.show(a.Published), "updated": s.show(a.Updated), "expires": s.show(a.Expires)}[word]
		return strings.TrimPrefix(at, "never")
	}
	said := [][2]string{
		{"id", a.ID}, {"title", a.Title}, {"link", a.Link},
		{"published", date("published")}, {"updated", date("updated")}, {"expires", date("expires")},
		{"author", strings.Join(authors, ", ")}, {"tags", strings.Join(a.Tags, ", ")}, {"language", a.Language},
		{"image", a.Image.URL}, {"caption", a.Image.Caption}, {"credit", a.Image.Credit}, {"audio", strings.Join(audio, ", ")},
		{"summary", a.Summary}, {"content", content}, {"status", string(a.Status)}, {"correction", a.Correction},
	}
	return said
}

func size(n int) string {
	if n < 1000 {
		return count(n, "byte")
	}
	return fmt.Sprintf("%.1f KB", float64(n)/1000)
}

// verdict is what a filter did, as package filter tells it.
var verdict = regexp.MustCompile(`^(.+) by filter (\d+) \((.*)\)(: .*)?$`)

// filters tells what each filter did with the article.
func (t *Teller) filters(s subject, row store.Article) {
	now := s.feed.Filters.Describe()
	number, acted, _ := strings.Cut(row.Filtered, "\n")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil && row.State == store.Dropped:
		section(t.Out, "Filters", [][]string{{row.Reason}})
		return
	case err != nil && len(now) > 0:
		section(t.Out, "Filters", [][]string{{"what they did is not noted: it came in when there were none, or with an earlier feedmill"}})
		return
	case err != nil:
		return
	}
	did := map[int][]string{}
	words := make([]string, n)
	if len(now) == n {
		copy(words, now)
	}
	last := n
	for line := range strings.Lines(acted) {
		m := verdict.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		i, err := strconv.Atoi(m[2])
		if err != nil || i < 1 || i > n {
			continue
		}
		if words[i-1] = m[3]; m[1] == "dropped" {
			last = i
		}
		did[i] = append(did[i], m[1]+m[4])
	}
	var lines [][]string
	for i := range last {
		lines = append(lines, []string{fmt.Sprintf("%d %s", i+1, short(words[i], 70)), cmp.Or(strings.Join(did[i+1], ", "), "passed")})
	}
	section(t.Out, "Filters", lines)
	if last := did[last]; row.State == store.Live && len(last) > 0 && strings.HasPrefix(last[0], "dropped") {
		fmt.Fprintln(t.Out, "  so its last change is not shown: it stays as it was published")
	}
}

func placesOf(places []mill.Place) [][]string {
	var lines [][]string
	for _, p := range places {
		what := "live document"
		switch {
		case p.Page:
			what = "its page"
		case p.Archive:
			what = "archive"
		case p.Edition != "":
			what = "edition " + p.Edition
		case strings.HasSuffix(p.Path, "/"):
			what = "the feed's page"
		}
		if p.Stale {
			what += ", as it was before its last change"
		}
		lines = append(lines, []string{"/" + p.Path, what})
	}
	return lines
}

// takenBy tells which other feeds took the article from this one.
func (t *Teller) takenBy(ctx context.Context, all []subject, s subject, row store.Article) error {
	var lines [][]string
	for _, child := range all {
		if row.ID == "" || !slices.Contains(child.feed.Parents, s.words.Key) {
			continue
		}
		rows, err := child.Articles(ctx, row.ID)
		if err != nil {
			return err
		}
		for _, taken := range rows {
			lines = append(lines, []string{child.words.Key, child.state(taken)})
		}
	}
	section(t.Out, "Taken by", lines)
	return nil
}
