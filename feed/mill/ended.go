package mill

import (
	"context"
	"fmt"
	"html"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/render"
)

// A feed that has ended says so in a last article, in English whatever its language, and reads its sources no more. After
// farewellTime its documents are taken away; the pages stay, of the feed and of its articles.

// farewellTime is how long a feed that has ended is still there, so that every subscriber sees its last article.
const farewellTime = 30 * 24 * time.Hour

// farewellSource is what the last article is known by.
const farewellSource = "ended"

// Over reports whether the feed's documents are no longer there at a moment, because it has ended.
func (f *Feed) Over(at time.Time) bool {
	return !f.Ended.IsZero() && !at.Before(f.Ended.Add(farewellTime))
}

// asOf is the feed as it is at a moment: with an end, if it has come.
func (f *Feed) asOf(at time.Time) *Feed {
	if f.Ended.IsZero() || at.Before(f.Ended) {
		return f
	}
	ended := *f
	ended.Sources = []Source{{Name: farewellSource, Digest: farewellSource, Source: &farewell{f}}}
	ended.Filters, ended.Dedupes, ended.Guard = filter.Chain{}, false, Guard{}
	if !f.Over(at) {
		return &ended
	}
	ended.Channel.Formats, ended.Channel.Others, ended.Channel.Facets = nil, nil, false
	ended.Editions = nil
	return &ended
}

// wake is when the feed is to be refreshed beside its schedule because it ends, the zero time when it does not.
func (f *Feed) wake(after time.Time) time.Time {
	for _, at := range []time.Time{f.Ended, f.Ended.Add(farewellTime)} {
		if !f.Ended.IsZero() && at.After(after) {
			return at
		}
	}
	return time.Time{}
}

// farewell gives the last article, the same each time.
type farewell struct{ feed *Feed }

func (f *farewell) Fetch(context.Context, feed.Memory) (feed.Batch, error) {
	c := f.feed.Channel
	title := render.Title(feed.Article{Title: c.Title}) + " has come to its end"
	page := render.Address(c.Base, c.Page())
	place := fmt.Sprintf(`<a href="%s">its page</a>`, html.EscapeString(page))
	if c.Link != "" {
		place += fmt.Sprintf(` and <a href="%s">the site</a>`, html.EscapeString(c.Link))
	}
	return feed.Batch{Extent: feed.Increment, Articles: []feed.Article{{
		Key: farewellSource, Slug: "this-feed-has-ended", Title: title, Language: "en", Published: f.feed.Ended,
		Summary: "This feed has ended: no more articles will appear in it. You can unsubscribe.",
		Content: "<p>This feed has ended: no more articles will appear in it. You can unsubscribe.</p><p>What was published stays at " + place + ".</p>",
	}}}, nil
}
