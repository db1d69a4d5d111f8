package mill

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// Shown is a published document as it was read back: its articles bear the ids, links and dates that subscribers know.
type Shown struct {
	feed.Document
	Articles []feed.Article
	// Archive says that it is no live document: what is missing in it may be elsewhere.
	Archive bool
}

// Learned is what [Mill.Learn] found out, by the articles' names.
type Learned struct {
	New       []string // articles that the state did not know
	Changed   []string // articles that were changed after what the state knew
	Withdrawn []string // articles that were taken out
}

// Learn brings the state of a feed up to what was published of it: the state is an old one that was put back, and what
// subscribers have seen must neither come again as new nor come back when it was taken out. Of the documents one says
// the most about an article first. Nothing is made or delivered; the next refresh does that, and recognises the articles
// when their source brings them.
func (m *Mill) Learn(ctx context.Context, f *Feed, shown []Shown) (Learned, error) {
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return Learned{}, err
	}
	defer release()
	r, err := m.begin(ctx, f)
	if err != nil {
		return Learned{}, err
	}
	l := lesson{refresh: r, byID: map[string]*store.Article{}, seen: map[string]bool{}}
	if err := l.recall(ctx, shown); err != nil {
		return Learned{}, err
	}
	for _, s := range shown {
		for _, a := range s.Articles {
			if err := l.take(ctx, a, s.Archive); err != nil {
				return Learned{}, fmt.Errorf("learn from %s: %w", s.Path, err)
			}
		}
	}
	l.number()
	if err := l.miss(ctx, shown); err != nil {
		return Learned{}, err
	}
	if !r.changed {
		return l.found, nil
	}
	if err := r.commit(ctx); err != nil {
		return Learned{}, fmt.Errorf("commit: %w", err)
	}
	return l.found, nil
}

// lesson is what is being learned of one feed.
type lesson struct {
	*refresh
	byID    map[string]*store.Article // the newest live articles
	pending []*store.Article          // those that waited for their first publication
	seen    map[string]bool           // ids in the documents
	new     []*store.Article
	found   Learned
}

// recall reads the stored articles that the documents may show.
func (l *lesson) recall(ctx context.Context, shown []Shown) error {
	count := l.feed.Limit.Articles
	for _, s := range shown {
		count = max(count, 2*len(s.Articles))
	}
	window, err := l.library.Window(ctx, l.state.Serial, count)
	if err != nil {
		return err
	}
	pending, err := l.ledger.Pending(ctx, l.state.Serial)
	if err != nil {
		return err
	}
	unread, err := l.ledger.Unread(ctx, l.state.Serial)
	if err != nil {
		return err
	}
	pending = append(pending, unread...)
	l.know(window)
	l.know(pending)
	for _, row := range l.sortedRows() {
		if row.State == store.Live {
			l.byID[row.ID] = row
		} else if row.Number == 0 {
			l.pending = append(l.pending, row)
		}
	}
	return nil
}

// take learns from one article of a document.
func (l *lesson) take(ctx context.Context, a feed.Article, archived bool) error {
	if a.ID == "" || l.seen[a.ID] {
		return nil
	}
	l.seen[a.ID] = true
	a.Content = clean.HTML(a.Content) // whoever may write into the folder is not thereby a source
	if row := l.byID[a.ID]; row != nil {
		if isNotice(a) {
			l.retire(row, a.Updated)
		} else {
			l.change(row, a)
		}
		return nil
	}
	known, err := l.taken(ctx, a.ID, 0)
	if err != nil || known && archived {
		return err
	}
	if known {
		return l.older(ctx, a)
	}
	row := l.awaited(a)
	if row == nil {
		row = &store.Article{Gone: true, Digest: learned, Said: a} // its source is not known before it comes again
		row.Said.ID, row.Said.Published, row.Said.Updated = "", time.Time{}, time.Time{}
	}
	if row.Reason == store.LacksPage { // the document has what the list had not
		row.Said.Title, row.Said.Summary, row.Said.Content, row.Digest = a.Title, a.Summary, a.Content, learned
		l.settlePage(row.Position)
	}
	row.State, row.Reason, row.ID, row.Material, row.Expires = store.Live, "", a.ID, "", row.Said.Expires
	row.Link, row.Hosted = a.Link, false
	if escaped, ours := strings.CutPrefix(a.Link, hostedLink(l.feed, "")); ours {
		if slug, err := url.PathUnescape(escaped); err == nil {
			row.Link, row.Slug, row.Hosted = hostedPath(slug), slug, true
			if row.Gone {
				row.Said.Link, row.Said.Slug = "", slug
			}
		}
	}
	row.Published = cmp.Or(a.Published, a.Updated, l.at).UTC().Truncate(time.Second)
	row.Updated = cmp.Or(a.Updated, a.Published, l.at).UTC().Truncate(time.Second)
	row.Released = row.Published
	if isNotice(a) {
		row.State, row.Reason, row.Expires = store.Withdrawn, byOperator, row.Updated.Add(noticeTime)
	}
	l.new = append(l.new, row)
	return nil
}

// older learns of an article that the live document shows though it is none of the newest live ones: the notice of one
// from an archive, or one that an operator brought back.
func (l *lesson) older(ctx context.Context, a feed.Article) error {
	found, err := l.ledger.Named(ctx, l.state.Serial, a.ID)
	if err != nil {
		return err
	}
	l.know(found)
	for i := range found {
		row := l.rows[found[i].Position]
		switch {
		case row.ID != a.ID:
		case isNotice(a) && row.State == store.Live:
			l.retire(row, a.Updated)
		case !isNotice(a) && row.State == store.Withdrawn && row.Reason == byOperator:
			row.State, row.Reason, row.Expires = store.Live, "", row.Said.Expires
			l.change(row, a)
			l.touch(row)
		}
	}
	return nil
}

// awaited is the stored article that waited and has been published as this one; nil when there is none.
func (l *lesson) awaited(a feed.Article) *store.Article {
	waits := func(row *store.Article) bool { return row.State == store.Waiting }
	for _, fits := range []func(*store.Article) bool{
		func(row *store.Article) bool { return slices.Contains(l.idsOf(row), a.ID) },
		func(row *store.Article) bool { return a.Link != "" && l.shownLink(row) == a.Link },
		func(row *store.Article) bool { return a.Title != "" && row.Said.Title == a.Title },
	} {
		if row := only(l.pending, func(row *store.Article) bool { return waits(row) && fits(row) }); row != nil {
			return row
		}
	}
	return nil
}

// change takes over an edit that the state does not know. What the article's source said is kept where the document says
// less.
func (l *lesson) change(row *store.Article, a feed.Article) {
	updated := a.Updated.UTC().Truncate(time.Second)
	if !updated.After(row.Updated) {
		return
	}
	row.Updated, row.Material, row.Digest = updated, "", learned
	row.Said.Title = cmp.Or(a.Title, row.Said.Title)
	row.Said.Summary = cmp.Or(a.Summary, row.Said.Summary)
	if a.Content != "" {
		row.Said.Content, row.Said.Markdown, row.Said.Correction = a.Content, "", "" // a correction stands in the content
	}
	l.found.Changed = append(l.found.Changed, name(a))
	l.touch(row)
}

// number gives the new articles their places in the order of their publication.
func (l *lesson) number() {
	slices.Reverse(l.new) // documents begin with the newest
	slices.SortStableFunc(l.new, func(a, b *store.Article) int {
		return cmp.Or(a.Published.Compare(b.Published), a.Updated.Compare(b.Updated))
	})
	for _, row := range l.new {
		if row.Position == 0 {
			l.state.Position++
			row.Position = l.state.Position
			l.rows[row.Position] = row
			l.fresh = append(l.fresh, row)
		}
		l.state.Number++
		row.Number = l.state.Number
		l.state.Wake = l.at // for what ends by itself
		l.touch(row)
		if row.State == store.Live {
			l.found.New = append(l.found.New, cmp.Or(row.Said.Title, row.Link))
		} else {
			l.found.Withdrawn = append(l.found.Withdrawn, row.Link)
		}
	}
}

// miss withdraws the articles that a live document no longer shows though it should: one that was written after the state
// was, in which nothing but a withdrawal can have taken their place.
func (l *lesson) miss(ctx context.Context, shown []Shown) error {
	later, err := l.later(ctx, shown)
	if err != nil || later == nil {
		return err
	}
	var since time.Time
	if l.feed.Limit.Hours > 0 {
		since = l.at.Add(-time.Duration(l.feed.Limit.Hours) * time.Hour)
	}
	shows, err := l.library.Shown(ctx, l.state.Serial, l.feed.Limit.Articles, since)
	if err != nil {
		return err
	}
	var window []*store.Article
	for _, s := range shows {
		if row := l.rows[s.Position]; row != nil {
			window = append(window, row)
		}
	}
	whole := len(later.Articles) < l.feed.Limit.Articles && l.feed.Channel.MaxSize == 0
	for _, row := range window {
		expired := !row.Expires.IsZero() && !row.Expires.After(l.at)
		if l.seen[row.ID] || expired || !whole && !l.showsOlder(window, row) {
			continue
		}
		l.retire(row, time.Time{})
	}
	return nil
}

// retire takes an article out that was taken out after the state was written. Its subscribers were told in a notice of
// the given moment, which stays for its time; zero when that is over.
func (l *lesson) retire(row *store.Article, noticed time.Time) {
	row.State, row.Reason, row.Expires = store.Withdrawn, byOperator, time.Time{}
	if !noticed.IsZero() {
		row.Updated = noticed.UTC().Truncate(time.Second)
		row.Expires = row.Updated.Add(noticeTime)
	}
	l.state.Wake = l.at // another article may have wanted its link
	l.found.Withdrawn = append(l.found.Withdrawn, name(row.Said))
	l.touch(row)
}

// showsOlder reports whether the documents show an article that would have left them before this one.
func (l *lesson) showsOlder(window []*store.Article, row *store.Article) bool {
	return slices.ContainsFunc(window, func(w *store.Article) bool {
		return l.seen[w.ID] && w.Number < row.Number && w.Published.Before(row.Published)
	})
}

// later finds a live document that was written after the one that the state holds; nil when there is none.
func (l *lesson) later(ctx context.Context, shown []Shown) (*Shown, error) {
	documents, err := l.library.LiveDocuments(ctx, l.state.Serial)
	if err != nil {
		return nil, err
	}
	for i, s := range shown {
		for _, d := range documents {
			if !s.Archive && d.Path == s.Path && d.ETag != s.ETag && !s.Modified.Before(d.Modified) {
				return &shown[i], nil
			}
		}
	}
	return nil, nil
}
