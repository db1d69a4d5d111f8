package mill

import (
	"context"
	"slices"
	"time"

	"feedmill/feed/render"
	"feedmill/feed/store"
)

// forget takes the oldest archives out of the history that the feed need not keep. What is shown is kept, and so is a
// notice.
func (h *history) forget(ctx context.Context, editions []Edition) error {
	if h.feed.Keep == (Keep{}) {
		return nil
	}
	first, err := h.library.FirstChunk(ctx, h.state.Serial)
	if err != nil || first.Number == 0 {
		return err
	}
	shown, err := h.oldestShown(ctx, editions)
	if err != nil {
		return err
	}
	for n := first.Number; n < h.last.Number; n++ { // the newest one is named by the live document
		chunk, err := h.library.Chunk(ctx, h.state.Serial, n)
		if err != nil {
			return err
		}
		rows, err := h.library.Numbered(ctx, h.state.Serial, chunk.First, chunk.Last)
		if err != nil {
			return err
		}
		noticed := func(row store.Article) bool { return row.State == store.Withdrawn && !row.Expires.IsZero() }
		if chunk.Last >= shown || len(rows) == 0 || !h.isOver(rows[len(rows)-1]) || slices.ContainsFunc(rows, noticed) {
			return nil
		}
		h.forgot = append(h.forgot, chunk)
		for _, row := range rows {
			if row.Hosted && row.State == store.Live { // else the page is gone, or another article's
				h.removed = append(h.removed, h.feed.Name+"/a/"+row.Slug)
			}
		}
		for _, f := range h.channel.Formats {
			h.removed = append(h.removed, render.ArchivePath(h.channel, n, f))
		}
	}
	return nil
}

// oldestShown is the publication number of the oldest article that a live document may show.
func (h *history) oldestShown(ctx context.Context, editions []Edition) (int64, error) {
	oldest := h.state.Number
	for _, e := range editions {
		n, since := e.Limit.Articles, time.Time{}
		if e.judges() {
			n *= lookback
		}
		if e.Limit.Hours > 0 {
			since = h.state.AsOf.Add(-time.Duration(e.Limit.Hours) * time.Hour)
		}
		shown, err := h.library.Shown(ctx, h.state.Serial, n, since)
		if err != nil {
			return 0, err
		}
		if len(shown) > 0 {
			oldest = min(oldest, shown[len(shown)-1].Number)
		}
	}
	return oldest, nil
}

// isOver reports whether an article need not be kept.
func (h *history) isOver(row store.Article) bool {
	keep := h.feed.Keep
	return (keep.Count > 0 && row.Number <= h.state.Number-int64(keep.Count)) ||
		(keep.Age > 0 && row.Released.Before(h.state.AsOf.Add(-keep.Age)))
}
