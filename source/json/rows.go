package json

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/record"
	"feedmill/feed/rows"
)

// Rows reads the items of a JSON API or file as rows: a column for each member that is a text, a number, true or false; a
// list of these as its values with commas between them. Other members are no columns: items can choose what is in them, such
// as .teams[] | {team: .slug, title: .name.full}.
type Rows struct {
	source *JSON
	file   bool
	dir    string
	memory feed.Memory
}

var _ rows.Reader = (*Rows)(nil)

// NewRows makes a reader of the rows that the items of c are. Its URL may also name a file; a relative one lies below dir. m is
// what is remembered of the address: it must be forgotten when not all that was read of the last list was taken over.
func NewRows(c Config, dir string, client *fetch.Client, m feed.Memory, now func() time.Time) *Rows {
	return &Rows{New(c, client, nil, now), !strings.Contains(c.URL, "://"), dir, m}
}

// Rows reads the whole list. One of several pages is asked for anew each time: that the first page is as it was says nothing of
// the others. A page that cannot be read is an error: of a part nobody could tell which rows are gone.
func (r *Rows) Rows(ctx context.Context) (rows.Table, error) {
	if r.file {
		return r.read(ctx)
	}
	ctx, done := fetch.Hold(ctx)
	defer done()
	j := r.source
	first := question{url: j.config.URL}
	answer, err := j.client.Get(ctx, r.memory, j.request(first))
	switch {
	case err != nil:
		return rows.Table{}, err
	case answer.Unchanged:
		return rows.Table{Unchanged: true}, nil
	}
	t, pages, err := r.follow(ctx, first, answer)
	switch {
	case err != nil && ctx.Err() == nil:
		j.client.Reject(r.memory, j.request(first), err)
		return rows.Table{}, err
	case err != nil:
		return rows.Table{}, err
	case pages == 1 && len(t.Problems) == 0:
		answer.Remember(r.memory)
	}
	return t, nil
}

func (r *Rows) read(ctx context.Context) (t rows.Table, err error) {
	data, err := rows.File(r.source.config.URL, r.dir)
	if err != nil {
		return t, err
	}
	document, err := record.Read(data, "")
	if err == nil {
		_, err = r.take(ctx, &t, document, "")
	}
	if err != nil {
		return rows.Table{}, fmt.Errorf("read %s: %w", r.source.config.URL, feed.Classify(feed.Unreadable, err))
	}
	return t, nil
}

// follow reads all pages, the first of which is an answer.
func (r *Rows) follow(ctx context.Context, q question, answer fetch.Answer) (t rows.Table, pages int, err error) {
	j := r.source
	visited := map[question]bool{q: true}
	for n := 1; ; n++ {
		body := answer.Body
		document, err := record.Read(body, answer.Charset())
		taken := 0
		if err == nil {
			taken, err = r.take(ctx, &t, document, page(n))
		}
		if err != nil {
			return t, n, j.unreadable(feed.Classify(feed.Unreadable, err), body, answer)
		}
		if j.config.Next.IsZero() || n > 1 && taken == 0 {
			return t, n, nil
		}
		next, more, err := j.next(ctx, q, answer.URL, document)
		switch {
		case err != nil:
			return t, n, feed.Classify(feed.Unreadable, fmt.Errorf("read %s: next: %w", fetch.Shown(j.config.URL), err))
		case !more:
			return t, n, nil
		case visited[next]:
			t.Problems = append(t.Problems, fmt.Errorf("next: page %d leads to one that was read already; look whether next finds what leads to the page behind it", n))
			return t, n, nil
		case n == j.config.Pages:
			t.Problems = append(t.Problems, fmt.Errorf("there are more than %d pages; the rows of the others are not known; raise pages, of which there may be %d", n, mostPages))
			return t, n, nil
		}
		visited[next], q, answer.Body = true, next, nil
		if answer, err = j.client.Get(ctx, nil, j.request(q)); err != nil {
			return t, n, fmt.Errorf("page %d: %w", n+1, err)
		}
	}
}

func page(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf("page %d, ", n)
}

// take adds the rows of a document, and returns how many there were.
func (r *Rows) take(ctx context.Context, t *rows.Table, document any, page string) (int, error) {
	items, problem, err := r.items(ctx, document)
	if err != nil {
		return 0, err
	}
	if problem != nil {
		t.Problems = append(t.Problems, problem)
	}
	if len(t.Rows)+len(t.Problems)+len(items) > rows.MaxRows {
		return 0, fmt.Errorf("it has more than %d rows", rows.MaxRows)
	}
	for i, item := range items {
		place := fmt.Sprintf("%sitem %d", page, i+1)
		object, ok := item.(map[string]any)
		if !ok {
			t.Problems = append(t.Problems, fmt.Errorf("%s: it is no object; items chooses objects, whose members are the columns", place))
			continue
		}
		t.Add(rows.Row{Place: place, Values: columns(object)})
	}
	return len(items), nil
}

// items are the rows of a document, those of the longest list of objects where none is named.
func (r *Rows) items(ctx context.Context, document any) (items []any, problem, err error) {
	words := record.Words{Items: r.source.config.Items}
	if words.Items.IsZero() {
		found := record.FindItems(document)
		if found == "" && nothing(document) {
			return nil, nil, nil
		}
		if found == "" {
			return nil, nil, errors.New("no list of objects was found in it; write items, such as items: .teams")
		}
		if words.Items, err = record.Compile(strings.TrimSuffix(found, "[]")); err != nil {
			return nil, nil, err
		}
	}
	return words.Records(ctx, document, rows.MaxRows)
}

// nothing reports whether a document is an empty list, or has one.
func nothing(document any) bool {
	list, ok := document.([]any)
	if ok {
		return len(list) == 0
	}
	object, _ := document.(map[string]any)
	for _, v := range object {
		if list, ok := v.([]any); ok && len(list) == 0 {
			return true
		}
	}
	return false
}

// columns are the members of an object that can stand in a row.
func columns(object map[string]any) map[string]string {
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if text, ok := cell(object[name]); ok && rows.Column(name) && len(values) < rows.MaxColumns {
			values[name] = text
		}
	}
	return values
}

func cell(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return strings.TrimSpace(v), true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case []any:
		var parts []string
		for _, one := range v {
			if _, nested := one.([]any); nested {
				return "", false
			}
			text, ok := cell(one)
			if !ok {
				return "", false
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, ", "), true
	}
	return "", false
}
