package mill

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/clean"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// press changes when the same articles and settings make other documents than before, so that a new program renders
// anew.
const press = "2"

// render makes the documents if the articles or the settings changed since they were last made. What is new in each is
// read back before it takes the place of the old one; one that does not hold what it should is an error, and the old one
// stays.
func (r *refresh) render(ctx context.Context) error {
	channel := r.feed.Channel
	channel.ID = r.state.UID
	dress, err := r.dress(channel)
	if err != nil {
		return err
	}
	if r.state.Rendered == r.state.Revision && r.state.Dress == dress {
		return nil
	}
	before, err := r.before(ctx, dress)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	snapshot, err := r.snapshot(ctx, channel, before)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	made, failed := r.documents(snapshot, before)
	pages, removed, err := r.pages(ctx, snapshot)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	rendering, err := r.compare(ctx, append(made, pages...), removed, failed != nil)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if failed != nil {
		// Feed.Rendered stays behind, so that the next refresh tries again.
		rendering.Feed.Dress = r.state.Dress
	} else {
		rendering.Feed.Dress = dress
	}
	if err := r.library.SaveRendering(ctx, rendering); err != nil {
		return errors.Join(failed, err)
	}
	r.report.Rendered = rendering.Feed.Release != r.state.Release
	r.state, r.finished = rendering.Feed, rendered(r.finished, rendering)
	return failed
}

// rendered is the live documents after a rendering, in the order of their paths.
func rendered(before []store.Document, r store.Rendering) []store.Document {
	changed := map[string]bool{}
	var live []store.Document
	for _, d := range r.Changed {
		if changed[d.Path] = true; !d.Page {
			live = append(live, d)
		}
	}
	for _, d := range before {
		if !changed[d.Path] && !slices.Contains(r.Removed, d.Path) {
			live = append(live, d)
		}
	}
	slices.SortFunc(live, func(a, b store.Document) int { return strings.Compare(a.Path, b.Path) })
	return live
}

// before is what the live documents are made from: those stored, if they bear the same dress.
func (r *refresh) before(ctx context.Context, dress string) (map[string]render.Made, error) {
	before := map[string]render.Made{}
	if r.state.Dress != dress {
		return before, nil
	}
	live, err := r.liveDocuments(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range live {
		made := render.Made{Document: d.Document, Body: d.Body}
		if err := made.Parts.UnmarshalBinary(d.Parts); err != nil {
			return nil, fmt.Errorf("document %s: %w", d.Path, err)
		}
		before[d.Path] = made
	}
	return before, nil
}

// dress identifies the settings that documents are made with.
func (r *refresh) dress(c render.Channel) (string, error) {
	words, err := json.Marshal([]any{press, c, r.feed.Limit})
	if err != nil {
		return "", fmt.Errorf("digest settings: %w", err)
	}
	sum := sha256.Sum256(words)
	return base64.RawURLEncoding.EncodeToString(sum[:15]), nil
}

// snapshot is what the documents are to show. Articles that all documents before show as they are now are not read.
func (r *refresh) snapshot(ctx context.Context, channel render.Channel, before map[string]render.Made) (render.Snapshot, error) {
	var since time.Time
	if r.feed.Limit.Hours > 0 {
		since = r.state.AsOf.Add(-time.Duration(r.feed.Limit.Hours) * time.Hour)
	}
	window, err := r.library.Shown(ctx, r.state.Serial, r.feed.Limit.Articles, since)
	if err != nil {
		return render.Snapshot{}, err
	}
	in := map[render.Version]int{}
	for _, d := range before {
		for _, part := range d.Parts {
			in[part.Version]++
		}
	}
	s := render.Snapshot{Channel: channel, AsOf: r.state.AsOf, Items: make([]render.Item, 0, len(window))}
	var unread []int64
	for _, row := range window {
		v := render.Version{Position: row.Position, Revision: row.Revision}
		if in[v] < len(channel.Formats)+1 { // and the feed's page
			unread = append(unread, row.Position)
			continue
		}
		kept := render.Item{Kept: true, Version: v}
		kept.ID, kept.Published, kept.Updated = row.ID, row.Published, row.Updated
		s.Items = append(s.Items, kept)
	}
	rows, err := r.library.Articles(ctx, r.state.Serial, unread)
	if err != nil {
		return render.Snapshot{}, err
	}
	for _, row := range rows {
		s.Items = append(s.Items, r.item(row))
	}
	return s, nil
}

// item is a stored article as it is shown.
func (r *refresh) item(row store.Article) render.Item { return item(r.feed, row) }

func item(f *Feed, row store.Article) render.Item {
	a := row.Said
	a.ID, a.Link, a.Slug, a.Published, a.Updated = row.ID, row.Link, row.Slug, row.Published, row.Updated
	if row.Hosted {
		a.Link = hostedLink(f, row.Slug)
	}
	if a.Content == "" {
		a.Content = clean.Markdown(a.Markdown)
	}
	return render.Item{Article: a, Hosted: row.Hosted, Version: render.Version{Position: row.Position, Revision: row.Revision}}
}

// documents makes and checks the feed in its formats, and its page.
func (r *refresh) documents(s render.Snapshot, before map[string]render.Made) ([]store.Document, error) {
	made, err := render.Documents(s, before)
	if err != nil {
		return nil, feed.Classify(feed.Internal, fmt.Errorf("render: %w", err))
	}
	var good []store.Document
	var errs []error
	for _, d := range made {
		if err := check.Document(d.Fresh, want(s, d)); err != nil {
			errs = append(errs, err)
			continue
		}
		good = append(good, finished(d))
	}
	page, err := render.FeedPage(s, before[s.Channel.Feed+"/"])
	if err != nil {
		errs = append(errs, feed.Classify(feed.Internal, fmt.Errorf("render page: %w", err)))
	} else {
		good = append(good, finished(page))
	}
	return good, errors.Join(errs...)
}

func finished(d render.Made) store.Document {
	parts, _ := d.Parts.MarshalBinary() // never fails
	return store.Document{Document: d.Document, Body: d.Body, Parts: parts}
}

// want is what the new part of a document must say.
func want(s render.Snapshot, d render.Made) check.Want {
	w := check.Want{Title: s.Channel.Title, Self: s.Channel.Base + "/" + d.Path, AsOf: s.AsOf, MaxSize: s.Channel.MaxSize}
	for _, it := range s.Items {
		if it.Kept || s.Channel.MaxSize > 0 && !d.Parts.Has(it.Version) {
			continue
		}
		w.Items = append(w.Items, check.Item{
			ID: it.ID, Title: render.Title(it.Article), Link: it.Link, Published: it.Published, Updated: it.Updated,
		})
	}
	return w
}

// pages makes the pages of the hosted articles that are shown, and anew those of others that changed since; it names the
// pages of articles that are no longer live.
func (r *refresh) pages(ctx context.Context, s render.Snapshot) (pages []store.Document, removed []string, err error) {
	prefix := r.feed.Name + "/a/"
	stale, err := r.library.Stale(ctx, r.state.Serial, r.state.Rendered, prefix)
	if err != nil {
		return nil, nil, err
	}
	items := slices.Clone(s.Items)
	for _, row := range stale {
		owner, err := r.pageOwner(ctx, row)
		if err != nil {
			return nil, nil, err
		}
		if owner == nil {
			removed = append(removed, prefix+row.Slug)
		} else {
			items = append(items, r.item(*owner))
		}
	}
	made := map[string]bool{}
	for _, it := range items {
		if it.Kept || !it.Hosted || made[it.Slug] {
			continue
		}
		made[it.Slug] = true
		page, err := render.Page(s.Channel, it)
		if err != nil {
			return nil, nil, fmt.Errorf("page of %s: %w", it.ID, err)
		}
		body, err := page.Bytes()
		if err != nil {
			return nil, nil, err
		}
		pages = append(pages, store.Document{Document: page, Body: body, Page: true})
	}
	return pages, removed, nil
}

// pageOwner is the live article whose page lies at the row's slug: the row itself, or one that the slug has passed to;
// nil when there is none.
func (r *refresh) pageOwner(ctx context.Context, row store.Article) (*store.Article, error) {
	if row.State == store.Live && row.Hosted {
		return &row, nil
	}
	found, err := r.ledger.Find(ctx, r.state.Serial, store.Lookup{Link: hostedPath(row.Slug)})
	if err != nil {
		return nil, err
	}
	for i := range found {
		if found[i].State == store.Live && found[i].Hosted {
			return &found[i], nil
		}
	}
	return nil, nil
}

// compare finds what differs from the stored documents. Feeds in formats that are no longer wanted are removed, unless
// making the new ones failed.
func (r *refresh) compare(ctx context.Context, made []store.Document, removed []string, failed bool) (store.Rendering, error) {
	live, err := r.liveDocuments(ctx)
	if err != nil {
		return store.Rendering{}, err
	}
	f := r.state
	rendering := store.Rendering{Removed: removed}
	known, wanted := map[string]string{}, map[string]bool{}
	for _, d := range made {
		wanted[d.Path] = true
	}
	for _, d := range live {
		known[d.Path] = d.ETag
		if !failed && !wanted[d.Path] {
			rendering.Removed = append(rendering.Removed, d.Path)
		}
	}
	for _, d := range made {
		if d.Page {
			if known[d.Path], err = r.library.ETag(ctx, f.Serial, d.Path); err != nil {
				return store.Rendering{}, err
			}
		}
		if known[d.Path] != d.ETag {
			// Not the newest article's date: a withdrawal would move it back, and hide from readers who ask by date.
			// Nor the clock alone, which may be set back.
			d.Modified = latest(r.at, r.state.AsOf)
			rendering.Changed = append(rendering.Changed, d)
		}
	}
	if len(rendering.Changed)+len(rendering.Removed) > 0 {
		f.Release++
	}
	if !failed {
		f.Rendered = f.Revision
	}
	rendering.Feed = f
	return rendering, nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Page makes the page of a hosted article on request. The error is [fs.ErrNotExist] when there is no such article, and
// of class Gone when it was taken back.
func (m *Mill) Page(ctx context.Context, f *Feed, slug string) (feed.Document, error) {
	state, err := m.ledger.Feed(ctx, f.Name, feedID(f))
	if err != nil {
		return feed.Document{}, err
	}
	found, err := m.ledger.Find(ctx, state.Serial, store.Lookup{Link: hostedPath(slug)})
	if err != nil {
		return feed.Document{}, err
	}
	err = fmt.Errorf("article %s of feed %s: %w", slug, f.Name, fs.ErrNotExist)
	for _, row := range found {
		switch {
		case row.State == store.Live && row.Hosted:
			return render.Page(f.Channel, item(f, row))
		case row.Number > 0:
			err = feed.Classify(feed.Gone, fmt.Errorf("article %s of feed %s was taken back", slug, f.Name))
		}
	}
	return feed.Document{}, err
}
