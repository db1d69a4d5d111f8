package page

import (
	"context"
	"fmt"
	"net/url"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/markup"
	"feedmill/feed/readable"
)

// Completer returns what fetches an article's own page and takes its content from there; nil when none is to be followed.
func (p *Page) Completer() func(context.Context, feed.Article) (feed.Article, error) {
	if p.config.Follow == nil {
		return nil
	}
	return p.complete
}

// complete reads the page of an article. One without a link of its own is whole.
func (p *Page) complete(ctx context.Context, a feed.Article) (feed.Article, error) {
	if a.Link == "" || a.Link == p.config.URL {
		return a, nil
	}
	ctx, done := fetch.Hold(ctx)
	defer done()
	answer, err := p.client.Get(ctx, nil, p.request(a.Link))
	if err != nil {
		return a, err
	}
	whole, err := p.whole(a, answer)
	if err == nil || !p.config.Render || p.renderer == nil || ctx.Err() != nil {
		return whole, err
	}
	// Most sites whose lists are filled by scripts serve their articles without.
	if answer, err = p.renderer.Render(ctx, nil, p.request(a.Link), p.awaited()); err != nil {
		return a, err
	}
	return p.whole(a, answer)
}

// awaited is what a browser waits for on the page of an article.
func (p *Page) awaited() string {
	if len(p.config.Follow.Content) == 0 {
		return ""
	}
	return p.config.Follow.Content[0].Markup()
}

// whole makes an article whole of the answer of its page: the first of the selectors that finds its content counts.
func (p *Page) whole(a feed.Article, answer fetch.Answer) (feed.Article, error) {
	address, err := url.Parse(answer.URL)
	if err != nil {
		return a, feed.Classify(feed.Unreadable, fmt.Errorf("read %s: %w", fetch.Shown(a.Link), err))
	}
	choices := p.config.Follow.Content
	if len(choices) == 0 {
		choices = []markup.Selector{{}}
	}
	var first error
	for _, s := range choices {
		found, err := readable.Read(answer.Body, answer.Type, address, readable.Options{Select: s, Remove: p.config.Follow.Remove, Zone: p.loc})
		if err == nil {
			return joined(a, found, s), nil
		}
		if first == nil {
			if first = err; !s.IsZero() {
				first = fmt.Errorf("content %q: %w", s, err)
			}
		}
	}
	class := feed.ClassOf(first)
	if answer.Wall != "" {
		class, first = feed.Refused, &blocked{answer.Wall, "the article"}
	}
	return a, feed.Classify(class, fmt.Errorf("follow %s: %w", place(a.Link, answer.URL), first))
}

// joined gives an article the content of its own page, and of what the list lacks what that page says.
func joined(a, found feed.Article, s markup.Selector) feed.Article {
	a.Content, a.Markdown = found.Content, ""
	how := "follow " + s.String()
	if s.IsZero() {
		how = "follow, found by itself"
	}
	a.Trace.Add("content", how)
	for _, word := range []struct {
		name  string
		lacks bool
		found bool
		take  func()
	}{
		{"title", a.Title == "", found.Title != "", func() { a.Title = found.Title }},
		{"published", a.Published.IsZero(), !found.Published.IsZero(), func() { a.Published = found.Published }},
		{"updated", a.Updated.IsZero(), !found.Updated.IsZero(), func() { a.Updated = found.Updated }},
		{"author", len(a.Authors) == 0, len(found.Authors) > 0, func() { a.Authors = found.Authors }},
		{"tags", len(a.Tags) == 0, len(found.Tags) > 0, func() { a.Tags = found.Tags }},
		{"image", a.Image.URL == "", found.Image.URL != "", func() { a.Image = found.Image }},
		{"language", a.Language == "", found.Language != "", func() { a.Language = found.Language }},
	} {
		if word.lacks && word.found {
			word.take()
			a.Trace.Add(word.name, "follow, the page of the article")
		}
	}
	return a
}
