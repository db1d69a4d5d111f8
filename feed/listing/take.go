package listing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// Fields are the words of an article with their selectors on a page.
type Fields = field.Fields[markup.Selector]

// The bounds of one page.
const (
	mostItems = 2000
	slowest   = 10 * time.Second
)

// Taken is what selectors took from a page.
type Taken struct {
	Articles []feed.Article
	// Found are the items of the articles, one each.
	Found []markup.Item
	// Relative tells of each article whether a date of it is relative to the moment it was read, such as 3 hours ago.
	Relative []bool
	// Items is how many items there were; those that say nothing are no articles.
	Items int
	// Problems are the words that could not be read, each a [*field.Problem], in the order of the words and once each.
	Problems []error
}

// Take makes an article of each item of a page. Items without title, link and content are left out. The error is one of
// class Unreadable when the selectors do not fit the page: a [*Missed] says in what way.
//
// Base of env may be empty: addresses are relative to the page's.
func Take(ctx context.Context, p *markup.Page, items markup.Selector, fields Fields, env field.Env) (Taken, error) {
	if env.Base == "" {
		env.Base = p.Base
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, slowest)
	defer cancel()
	found, err := items.All(ctx, p.Item())
	if err != nil && len(found) == 0 {
		return Taken{}, feed.Classify(feed.Unreadable, fmt.Errorf("items: %w", err))
	}
	var t Taken
	told := map[string]bool{}
	for i, m := range found {
		if err := whole.Err(); err != nil {
			return Taken{}, err
		}
		if ctx.Err() != nil {
			return Taken{}, feed.Classify(feed.Unreadable, errors.New("the selectors of the fields take too long on this page; make them simpler"))
		}
		if i == mostItems {
			t.Problems = append(t.Problems, fmt.Errorf("items: there are more than %d; the others are left out", mostItems))
			break
		}
		t.Items++
		relative := false
		env.Relative = func() { relative = true }
		a, problems := Read(ctx, m.Item(), &fields, env)
		if a.Title == "" && a.Link == "" && a.Content == "" && a.Markdown == "" && a.Summary == "" && len(a.Enclosures) == 0 {
			continue
		}
		t.Articles, t.Found, t.Relative = append(t.Articles, a), append(t.Found, m.Item()), append(t.Relative, relative)
		for _, err := range problems {
			if wrong, ok := errors.AsType[*field.Problem](err); !ok || !told[wrong.Word] {
				t.Problems = append(t.Problems, err)
				told[wrong.Word] = true
			}
		}
	}
	return t, t.missed(items, &fields)
}

// Read makes an article of one item.
func Read(ctx context.Context, item markup.Item, fields *Fields, env field.Env) (feed.Article, []error) {
	return fields.Article(ctx, func(s markup.Selector, attr string) ([]markup.Match, error) {
		if s.IsZero() {
			s = markup.Self()
		}
		return s.With(attr).All(ctx, item)
	}, env)
}

// Missed is selectors that do not fit a page any more, or never did.
type Missed struct {
	// Word is what misses: items, title or link.
	Word     string
	Selector string
	Items    int // how many items there were
	// Rendered says that a browser had loaded the page.
	Rendered bool
}

func (m *Missed) Error() string {
	switch {
	case m.Word == "items" && m.Rendered:
		return fmt.Sprintf("items: the selector %q finds nothing on the page; the page may have changed; look at it and write another selector", m.Selector)
	case m.Word == "items":
		return fmt.Sprintf("items: the selector %q finds nothing on the page; the page may have changed, or it is filled by scripts (render: true loads it in a browser)", m.Selector)
	}
	return fmt.Sprintf("%s: the selector %q finds nothing in any of the %d items; the page may have changed; look at it and write another selector", m.Word, m.Selector, m.Items)
}

// missed tells whether the selectors fit the page at all.
func (t *Taken) missed(items markup.Selector, fields *Fields) error {
	if t.Items == 0 {
		return feed.Classify(feed.Unreadable, &Missed{Word: "items", Selector: items.String()})
	}
	for _, word := range []struct {
		name string
		of   func(*feed.Article) string
	}{
		{"title", func(a *feed.Article) string { return a.Title }},
		{"link", func(a *feed.Article) string { return a.Link }},
	} {
		rules := fields.Of(word.name)
		if len(rules) == 0 || rules[0].Select.IsZero() || t.any(word.of) {
			continue
		}
		return feed.Classify(feed.Unreadable, &Missed{Word: word.name, Selector: rules[0].Select.String(), Items: t.Items})
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
