package sitemap

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/fulltext"
	"feedmill/feed/readable"
)

// Completer returns what asks for the page of an article and takes what its head says: title, summary, image, authors,
// tags, language and date.
func (s *Sitemap) Completer() func(context.Context, feed.Article) (feed.Article, error) {
	return s.complete
}

// Whole reports whether a news sitemap says of the article what its page would.
func (s *Sitemap) Whole(a feed.Article) bool { return isWhole(a) }

func (s *Sitemap) complete(ctx context.Context, a feed.Article) (feed.Article, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	pages := fulltext.Reader{Client: s.client, Config: func(address string) fetch.Config { return s.config.Fetch.For(s.config.URL, address) }, Zone: s.loc}
	answer, err := pages.Get(ctx, a)
	if err != nil {
		return a, err
	}
	address, err := url.Parse(answer.URL)
	if err != nil {
		return a, feed.Classify(feed.Unreadable, fmt.Errorf("read %s: its address is no address: %w", fetch.Shown(a.Link), err))
	}
	head, err := readable.Head(answer.Body, answer.Type, address, s.loc)
	if feed.ClassOf(err) == feed.Unavailable {
		err = feed.Classify(feed.Refused, err) // its host does answer, but lets nobody like us to the page
	}
	if err != nil {
		return a, fmt.Errorf("read %s: %w", fetch.Shown(a.Link), err)
	}
	whole := merged(a, head, s.now())
	whole.Trace.Add("title", "head of "+fetch.Shown(answer.URL))
	return whole, nil
}

// merged is the article with what its page says of it. The link and the dates of change are the sitemap's.
func merged(a, head feed.Article, now time.Time) feed.Article {
	a.Title = head.Title
	if head.Summary != "" {
		a.Summary = head.Summary
	}
	if head.Image.URL != "" && a.Image.URL != head.Image.URL {
		a.Image = head.Image
	}
	if len(head.Authors) > 0 {
		a.Authors = head.Authors
	}
	if len(a.Tags) == 0 {
		a.Tags = head.Tags
	}
	if a.Language == "" {
		a.Language = head.Language
	}
	if p := head.Published; !p.IsZero() && !p.After(now.Add(24*time.Hour)) {
		a.Published = p
	}
	return a
}
