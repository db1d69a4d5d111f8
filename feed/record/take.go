package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// Fields are the words of an article with where they stand in a record.
type Fields = field.Fields[Selector]

// Words say where in a document its articles and their words are.
type Words struct {
	// Items finds the records of a document, one for each article. A list counts as its elements.
	Items Selector
	// Fields find the words of an article in its record.
	Fields Fields
}

// The bounds of one document.
const (
	mostItems = 10_000
	slowest   = 20 * time.Second
)

// Taken is what was taken from a document.
type Taken struct {
	Articles []feed.Article
	// Relative tells of each article whether a date of it is relative to the moment it was read.
	Relative []bool
	// Items is how many records there were; those that say nothing are no articles.
	Items int
	// Problems name the records of which a word could not be read, each a [*feed.Problem].
	Problems []error
}

// Take makes an article of each record of a document. Records without title, link and content are left out. The error is one
// of class Unreadable when the words do not fit the document: a [*Missed] says in what way. A document whose list of
// records is empty is no error.
func (w Words) Take(ctx context.Context, document any, env field.Env) (Taken, error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, slowest)
	defer cancel()
	items, problem, err := w.Records(ctx, document, mostItems)
	if err != nil {
		return Taken{}, feed.Classify(feed.Unreadable, err)
	}
	t := Taken{Items: len(items)}
	if problem != nil {
		t.Problems = append(t.Problems, problem)
	}
	told := map[string]int{}
	for i, item := range items {
		if err := whole.Err(); err != nil {
			return Taken{}, err
		}
		if ctx.Err() != nil {
			return Taken{}, feed.Classify(feed.Unreadable, errors.New("the fields take too long on this document; make them simpler"))
		}
		relative := false
		env.Relative = func() { relative = true }
		a, problems := w.read(ctx, item, env)
		t.note(told, i, &a, problems)
		if a.Title == "" && a.Link == "" && a.Content == "" && a.Markdown == "" && a.Summary == "" && len(a.Enclosures) == 0 {
			continue
		}
		t.Articles, t.Relative = append(t.Articles, a), append(t.Relative, relative)
	}
	return t, t.missed(&w.Fields, items)
}

// Records are the records of a document, most of them at most. A problem is that there are more. The error is a [*Missed].
func (w Words) Records(ctx context.Context, document any, most int) (items []any, problem, err error) {
	found, failed := w.Items.Values(ctx, document)
	missing := w.Items.path != nil && len(found) == 0
	for _, v := range found {
		switch v := v.(type) {
		case nil:
			missing = len(found) == 1
		case []any:
			items = append(items, v...)
		default:
			items = append(items, v)
		}
	}
	switch {
	case failed != nil && len(items) == 0:
		return nil, nil, &Missed{Word: "items", Selector: w.Items.String(), Has: describe(document), Err: failed}
	case missing && len(items) == 0:
		return nil, nil, &Missed{Word: "items", Selector: w.Items.String(), Has: describe(document)}
	case failed != nil:
		problem = fmt.Errorf("items: %w; what it gave before is taken", failed)
	case len(items) > most:
		items, problem = items[:most], fmt.Errorf("items: there are %d; the first %d are taken", len(items), most)
	}
	return items, problem, nil
}

// read makes an article of a record.
func (w Words) read(ctx context.Context, item any, env field.Env) (feed.Article, []error) {
	page := &markup.Page{URL: env.Base, Base: env.Base}
	return w.Fields.Article(ctx, func(s Selector, attr string) ([]markup.Match, error) {
		values, failed := []any{item}, error(nil)
		if !s.IsZero() {
			values, failed = s.Values(ctx, item)
		}
		var found []markup.Match
		for _, v := range values {
			if object, ok := v.(map[string]any); ok && attr != "" {
				v = object[attr]
			}
			if v == nil {
				continue
			}
			if object, ok := v.(map[string]any); ok && !speaks(object) {
				failed = fmt.Errorf("%s gives an object, not a text; choose one of its members: %s", s, namesOf(object))
				continue
			}
			found = append(found, markup.JSONMatch(page, v))
		}
		return found, failed
	}, env)
}

// speaks reports whether an object has a member that says what it is as a text or an address.
func speaks(object map[string]any) bool {
	return slices.ContainsFunc([]string{"name", "title", "@value", "url", "@id", "contentUrl", "src", "href"}, func(name string) bool {
		text, _ := object[name].(string)
		return text != ""
	})
}

// mostTold bounds how many records are named for one word.
const mostTold = 5

// note takes down the problems of a record, the same word only a few times.
func (t *Taken) note(told map[string]int, i int, a *feed.Article, problems []error) {
	for _, err := range problems {
		word := ""
		if wrong, ok := errors.AsType[*field.Problem](err); ok {
			word = wrong.Word
		}
		if told[word]++; told[word] > mostTold || len(t.Problems) >= mostProblems {
			continue
		}
		where := fmt.Sprintf("item %d", i+1)
		if a.Title != "" {
			where += fmt.Sprintf(" (%s)", clean.Summary(a.Title, 60))
		}
		t.Problems = append(t.Problems, &feed.Problem{Where: where, Err: err})
	}
}

// missed tells whether the fields fit the records at all.
func (t *Taken) missed(fields *Fields, items []any) error {
	if t.Items == 0 {
		return nil
	}
	for _, word := range []struct {
		name string
		of   func(*feed.Article) string
	}{
		{"title", func(a *feed.Article) string { return a.Title }},
		{"link", func(a *feed.Article) string { return a.Link }},
		{"id", func(a *feed.Article) string { return a.ID }},
	} {
		rules := fields.Of(word.name)
		if len(rules) == 0 || rules[0].Select.IsZero() || t.any(word.of) {
			continue
		}
		return feed.Classify(feed.Unreadable, &Missed{Word: word.name, Selector: rules[0].Select.String(), Items: t.Items, Has: describe(items[0])})
	}
	if len(t.Articles) == 0 {
		return feed.Classify(feed.Unreadable, &Missed{Word: "fields", Items: t.Items, Has: describe(items[0])})
	}
	return nil
}

func (t *Taken) any(of func(*feed.Article) string) bool {
	for i := range t.Articles {
		if of(&t.Articles[i]) != "" {
			return true
		}
	}
	return false
}
