package mill

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// press changes when the same articles and settings make other documents than before, so that a new program renders
// anew. The templates of pages are known by themselves.
const press = "4"

// toGoOn stands behind the dress of documents beside which there are more archives to close.
const toGoOn = "+"

// issue renders and delivers, several times when there are more archives to close than are closed at once.
func (r *refresh) issue(ctx context.Context) (rendered, delivered error) {
	for {
		r.unfinished = false
		rendered = r.render(ctx)
		delivered = r.deliver(ctx)
		if !r.unfinished || rendered != nil || delivered != nil || ctx.Err() != nil {
			return rendered, delivered
		}
	}
}

// render makes the documents if the articles or the settings changed since they were last made. What is new in each is
// read back before it takes the place of the old one; one that does not hold what it should is an error, and the old one
// stays.
func (r *refresh) render(ctx context.Context) error {
	editions := r.editions()
	dress, err := dressOf(editions)
	if err != nil {
		return err
	}
	if r.state.Rendered == r.state.Revision && r.state.Dress == dress {
		return nil
	}
	return r.inTurn(ctx, func(ctx context.Context) error { return r.renew(ctx, editions, dress) })
}

// renew makes and stores the documents.
func (r *refresh) renew(ctx context.Context, editions []Edition, dress string) error {
	before, err := r.before(ctx, dress)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	redressed := strings.TrimSuffix(r.state.Dress, toGoOn) != dress
	if err := r.noteTags(ctx, redressed); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	choices, err := r.choices(ctx, editions)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	r.holds, r.spilled, r.paging = 0, false, paging{channel: editions[0].Channel, anew: redressed, made: map[string]bool{}}
	h, err := r.openHistory(ctx, choices[0], redressed)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	failed := h.mend(ctx)
	if redressed {
		failed = errors.Join(failed, h.complete(ctx))
	}
	var made []store.Document
	for _, c := range choices {
		good, err := c.edition(ctx, before, h)
		made, failed = append(made, good...), errors.Join(failed, err)
	}
	removed, err := r.stalePages(ctx)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if err := h.forget(ctx, editions); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	failed = errors.Join(failed, r.paging.err())
	files, gone, err := r.mediaFiles(ctx)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	rendering, err := r.compare(ctx, slices.Concat(made, h.made, r.paging.pages, files), slices.Concat(removed, h.removed, gone), failed != nil)
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	rendering.Chunks, rendering.Forgot = h.closed, h.forgot
	switch {
	case failed == nil && r.unfinished:
		rendering.Feed.Dress = dress + toGoOn
	case failed == nil:
		rendering.Feed.Dress = dress
	case redressed: // some documents may bear this dress, some the old one: none is to be built on
		rendering.Feed.Dress = ""
	default: // Feed.Rendered stays behind, so that the next refresh tries again
	}
	r.turn.End() // what follows waits for the disk
	if err := r.library.SaveRendering(ctx, rendering); err != nil {
		return errors.Join(failed, err)
	}
	r.report.Rendered = r.report.Rendered || rendering.Feed.Release != r.state.Release
	failed = errors.Join(failed, r.tidy(ctx, r.finished, rendering))
	r.state, r.finished = rendering.Feed, rendered(r.finished, rendering)
	return errors.Join(failed, r.rememberRefusals(ctx, choices))
}

// edition makes the live documents of an edition. Of the feed itself, what falls out of them goes into archives.
func (c *choice) edition(ctx context.Context, before map[string]render.Made, h *history) ([]store.Document, error) {
	s, err := c.snapshot(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	if c.Channel.Edition != "" {
		return c.documents(ctx, s, before)
	}
	s.Closed = h.last.Number
	held := c.holds
	made, failed := c.documents(ctx, s, before)
	if failed != nil && !complete(c.Channel, made) {
		return made, failed
	}
	if more, err := h.extend(ctx, made); err != nil || !more {
		return made, errors.Join(failed, err)
	}
	s.Closed = h.last.Number
	c.holds = held // the first ones are dropped
	return c.documents(ctx, s, before)
}

// complete reports whether there is every document that readers follow, whatever else there is not.
func complete(c render.Channel, made []store.Document) bool {
	return !slices.ContainsFunc(c.Formats, func(f render.Format) bool {
		return f != render.NewsSitemap && !slices.ContainsFunc(made, func(d store.Document) bool { return d.Path == c.Path(f) })
	})
}

// editions are the feed itself and its other dresses, with their permanent ids.
func (r *refresh) editions() []Edition {
	all := r.feed.editions()
	for i := range all {
		if all[i].Channel.ID = r.state.UID; i > 0 {
			all[i].Channel.ID = opaque("edition", r.state.UID, all[i].Channel.Edition)
		}
	}
	return all
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
	if strings.TrimSuffix(r.state.Dress, toGoOn) != dress {
		return before, nil
	}
	live, err := r.liveDocuments(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range live {
		if before[d.Path], err = remade(d); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// remade is a stored document as its maker knows it.
func remade(d store.Document) (render.Made, error) {
	made := render.Made{Document: d.Document, Body: d.Body}
	if err := made.Parts.UnmarshalBinary(d.Parts); err != nil {
		return render.Made{}, fmt.Errorf("document %s: %w", d.Path, err)
	}
	return made, nil
}

// dressOf identifies the settings that documents are made with.
func dressOf(editions []Edition) (string, error) {
	pages, err := editions[0].Channel.Theme.MarshalText() // of ours, too, which a new program may have changed
	if err != nil {
		return "", fmt.Errorf("digest the theme: %w", err)
	}
	words, err := json.Marshal([]any{press, string(pages), editions})
	if err != nil {
		return "", fmt.Errorf("digest settings: %w", err)
	}
	sum := sha256.Sum256(words)
	return base64.RawURLEncoding.EncodeToString(sum[:15]), nil
}

// documents makes and checks an edition in its formats, and the page of the feed itself.
func (r *refresh) documents(ctx context.Context, s render.Snapshot, before map[string]render.Made) ([]store.Document, error) {
	large := map[string]*store.Large{}
	made, err := r.press(ctx, s, large).Documents(s, before)
	if err != nil {
		err = misfit(fmt.Errorf("render: %w", err))
	}
	if failed := inspectIndex(s, made); failed != nil {
		index := s.Channel.Path(render.NewsSitemap)
		made = slices.DeleteFunc(made, func(d render.Made) bool { return d.Path == index })
		err = errors.Join(err, failed)
	}
	return r.storable(made, large), err
}

// misfit is an error of the making of documents: our own fault, unless it is that of a theme, which the operator mends.
func misfit(err error) error {
	if errors.Is(err, render.ErrTheme) {
		return feed.Classify(feed.Refused, err)
	}
	return feed.Classify(feed.Internal, err)
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
	var pages []store.Document
	for _, d := range made {
		switch {
		case d.Page:
			pages = append(pages, d)
		case known[d.Path] != d.ETag:
			rendering.Changed = append(rendering.Changed, r.stamped(d))
		}
	}
	changed, err := r.changedPages(ctx, pages)
	if err != nil {
		return store.Rendering{}, err
	}
	rendering.Changed = append(rendering.Changed, changed...)
	if len(rendering.Changed)+len(rendering.Removed) > 0 {
		f.Release++
	}
	if !failed {
		f.Rendered = f.Revision
	}
	rendering.Feed = f
	return rendering, nil
}

// stamped is a changed document with the date of its change. It is not the newest article's date: a withdrawal would move
// it back, and hide from readers who ask by date. Nor is it the clock alone, which may be set back.
func (r *refresh) stamped(d store.Document) store.Document {
	d.Modified = latest(r.at, r.state.AsOf)
	return d
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
