package page

import (
	"context"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/fulltext"
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
	answer, err := p.reader().Get(ctx, a)
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

// reader reads the pages of articles.
func (p *Page) reader() fulltext.Reader {
	return fulltext.Reader{
		Client: p.client, Config: func(address string) fetch.Config { return p.config.Fetch.For(p.config.URL, address) }, Zone: p.loc,
	}
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
	words := fulltext.Words{Remove: p.config.Follow.Remove, How: "follow"}
	if len(p.config.Follow.Content) == 0 {
		return p.reader().Take(a, answer, words)
	}
	var first error
	for _, s := range p.config.Follow.Content {
		words.Select, words.How = s, "follow "+s.String()
		whole, err := p.reader().Take(a, answer, words)
		if err == nil {
			return whole, nil
		}
		if first == nil {
			first = fmt.Errorf("content %q: %w", s, err)
		}
	}
	return a, fmt.Errorf("follow: %w", first)
}
