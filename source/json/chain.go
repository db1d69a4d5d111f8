package json

import (
	"context"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/fetch"
	"feedmill/feed/record"
)

// chain is the pages of one fetch: the first one, and those that each leads to.
type chain struct {
	source   *JSON
	words    *record.Finder
	known    *batch.Known
	visited  map[question]bool
	taken    map[string]bool // articles of earlier pages
	articles []feed.Article
	problems []error
	extent   feed.Extent
	broken   error // why a later page could not be read
}

// mostArticles bounds what one fetch takes.
const mostArticles = 10_000

// follow reads the first page and those behind it: until there is no next one, one ends with a known article, one has nothing
// that was not on those before, or there are as many as are allowed.
func (c *chain) follow(ctx context.Context, q question, answer fetch.Answer) error {
	j := c.source
	c.visited[q] = true
	for n := 1; ; n++ {
		document, taken, err := j.take(ctx, answer, c.words)
		switch {
		case err != nil && n == 1:
			return err
		case err != nil:
			c.broken = c.later(n, err)
			return nil
		}
		fresh, ended := c.add(&taken)
		if j.config.Next.IsZero() || n > 1 && taken.Items == 0 {
			return nil
		}
		next, ok, err := j.next(ctx, q, answer.URL, document)
		switch {
		case err != nil:
			c.extent = feed.Increment
			c.problems = append(c.problems, fmt.Errorf("next: %w", err))
			return nil
		case !ok:
			return nil // all of it was read
		case ended, n == j.config.Pages, len(c.articles) >= mostArticles:
			c.extent = feed.Increment
			return nil
		case fresh == 0, c.visited[next]:
			c.extent = feed.Increment
			c.problems = append(c.problems, fmt.Errorf("next: page %d leads to articles that were read already; the chain ends there; look whether next finds what leads to older ones", n))
			return nil
		}
		c.visited[next], q = true, next
		if answer, err = j.client.Get(ctx, nil, j.request(q)); err != nil {
			c.broken = c.later(n+1, err)
			return ctx.Err()
		}
	}
}

// later is the problem of a page behind the first one: what stands before it is taken.
func (c *chain) later(n int, err error) error {
	c.extent = feed.Increment
	return &feed.Problem{Where: fetch.Shown(c.source.config.URL), Err: fmt.Errorf("next: page %d could not be read and is tried again: %w", n, err)}
}

// add takes the articles of a page that were not on an earlier one. It returns how many there were, and whether the page
// ends with one that is known.
func (c *chain) add(t *record.Taken) (fresh int, ended bool) {
	batch.GiveKeys(t.Articles, c.source.config.URL)
	for i := range t.Articles {
		a := &t.Articles[i]
		name := batch.Name(a) + "\n" + a.Title
		if c.taken[name] {
			continue // an answer has it twice, or it moved to this one while the others were read
		}
		c.taken[name] = true
		ended = c.known.Meet(a, t.Relative[i])
		c.articles = append(c.articles, *a)
		fresh++
	}
	c.problems = append(c.problems, t.Problems...)
	return fresh, ended
}
