package page

import (
	"context"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/clean"
	"feedmill/feed/fetch"
	"feedmill/feed/listing"
	"feedmill/feed/markup"
)

// chain is the pages of one fetch: the first one, and those that each leads to.
type chain struct {
	page     *Page
	memory   feed.Memory
	known    *batch.Known
	shapes   listing.Known   // of the first page, as it was
	visited  map[string]bool // addresses of pages
	taken    map[string]bool // articles of earlier pages
	articles []feed.Article
	problems []error
	notes    []string
	extent   feed.Extent
	broken   error // why a later page could not be read

	first      *markup.Page
	firstTaken listing.Taken
}

// mostArticles bounds what one fetch takes.
const mostArticles = 10_000

// follow reads the first page and those behind it: until there is no next one, one ends with a known article, one has nothing
// that was not on those before, or there are as many as are allowed.
func (c *chain) follow(ctx context.Context, answer fetch.Answer) error {
	p := c.page
	c.visited[p.config.URL], c.visited[answer.URL] = true, true
	for n := 1; ; n++ {
		page, taken, err := c.take(ctx, answer, n)
		answer.Body = nil
		switch {
		case err != nil && n == 1:
			return err
		case n == 1:
			c.first, c.firstTaken = page, taken
		case err != nil:
			c.broken = c.later(n, err)
			return nil
		}
		fresh, ended := c.add(&taken)
		if p.config.Next.IsZero() {
			return nil
		}
		next := c.next(ctx, page)
		switch {
		case next == "":
			return nil // all of it was read
		case ended, n == p.config.Pages, len(c.articles) >= mostArticles:
			c.extent = feed.Increment
			return nil
		case fresh == 0, c.visited[next]:
			c.extent = feed.Increment
			c.problems = append(c.problems, fmt.Errorf("next: page %d leads to pages that were read already; the chain ends there; look whether next finds the link to older articles", n))
			return nil
		}
		c.visited[next] = true
		if answer, err = p.get(ctx, nil, next); err != nil {
			c.broken = c.later(n+1, err)
			return ctx.Err()
		}
		c.visited[answer.URL] = true
	}
}

// take reads the page at a place of the chain. While it does, and not while the next one is waited for, the memory knows of it.
func (c *chain) take(ctx context.Context, answer fetch.Answer, n int) (*markup.Page, listing.Taken, error) {
	end, err := c.page.mark(ctx, c.memory, answer.Body)
	if err != nil {
		return nil, listing.Taken{}, err
	}
	defer end()
	if !c.page.config.Items.IsZero() {
		return c.page.take(ctx, answer, c.judged(n))
	}
	page, taken, notes, err := c.page.find(ctx, c.memory, answer, n)
	c.notes = append(c.notes, notes...)
	return page, taken, err
}

// judged is what is known of the page at a place of the chain: of the first one only.
func (c *chain) judged(n int) *listing.Known {
	if n == 1 {
		return &c.shapes
	}
	return nil
}

// later is the problem of a page behind the first one: what stands before it is taken.
func (c *chain) later(n int, err error) error {
	c.extent = feed.Increment
	return &feed.Problem{Where: fetch.Shown(c.page.config.URL), Err: fmt.Errorf("next: page %d could not be read and is tried again: %w", n, err)}
}

// add takes the articles of a page that were not on an earlier one. It returns how many there were, and whether the page
// ends with one that is known.
func (c *chain) add(t *listing.Taken) (fresh int, ended bool) {
	batch.GiveKeys(t.Articles, c.page.config.URL)
	for i := range t.Articles {
		a := &t.Articles[i]
		name := batch.Name(a)
		if c.taken[name+"\n"+a.Title] {
			continue // a page shows it twice, or it moved to this one while the others were read
		}
		c.taken[name+"\n"+a.Title] = true
		ended = c.known.Meet(a, t.Relative[i])
		c.articles = append(c.articles, *a)
		fresh++
	}
	c.problems = append(c.problems, t.Problems...)
	return fresh, ended
}

// next is the address of the page with older articles, "" when there is none.
func (c *chain) next(ctx context.Context, page *markup.Page) string {
	found, err := c.page.config.Next.All(ctx, page.Item())
	if err != nil {
		c.problems = append(c.problems, fmt.Errorf("next: %w", err))
	}
	for _, m := range found {
		if address, err := clean.URL(m.Address(), page.Base); err == nil {
			return address
		}
	}
	return ""
}
