package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/store"
)

// Enrichment makes articles whole that are listed in part, from their own pages: for sources that are [feed.Completer] and
// for the filter full_text, by the same rules. An article is not published before it is whole, or its page has failed for
// good; then it is published as it was listed, and stays so.
const (
	mostPages = 20 // asked for in one refresh
	mostTries = 3  // that fail before an article is published without its page
	// patience is how long it is a host's fault, and no try, that a page was not answered: a host that is out of order or wants
	// fewer requests says nothing of the page.
	patience = 6 * time.Hour
)

// What asks for the page of an article.
const (
	bySource = "source"
	byFilter = "full_text"
)

// enriches reports whether articles of the feed may want pages.
func (r *refresh) enriches() bool {
	return r.feed.Filters.FullText() != nil || slices.ContainsFunc(r.batches, func(b batch) bool { return b.completer() != nil })
}

// completer is what makes articles of the batch's source whole, nil when they are whole as they are listed.
func (b *batch) completer() func(context.Context, feed.Article) (feed.Article, error) {
	if c, ok := b.Source.(feed.Completer); ok {
		return c.Completer()
	}
	return nil
}

// listsWhole reports whether the batch's source says that it listed the article whole.
func (b *batch) listsWhole(a feed.Article) bool {
	s, ok := b.Source.(feed.Sparing)
	return ok && s.Whole(a)
}

// page returns an article with what its page adds to it. The error is [filter.ErrWaits] when the page must be asked for, and
// another one when the article is to go on without it.
func (r *refresh) page(in *incoming, step string, a feed.Article) (feed.Article, error) {
	d, known := in.pages[step]
	switch {
	case step == bySource && in.batch.listsWhole(a):
		return a, nil
	case in.Status != feed.Ready, r.adopting != nil && in.row == nil:
		return a, nil // nobody will read it as something new
	case known && d.Failed != "":
		return a, errors.New(d.Failed)
	case known:
		return d.to(a), nil
	case step == byFilter && in.batch.tookWhole(in.ID):
		return a, nil
	case step == byFilter && (in.batch.of.Page == nil || a.Link == ""):
		return a, errors.New("it has no page of its own")
	}
	in.asks, in.asked = step, a
	return a, filter.ErrWaits
}

// follow makes the articles whole whose sources list them in part. It returns those that need not wait.
func (r *refresh) follow(ctx context.Context, todo []*incoming) ([]*incoming, error) {
	var lacking []*incoming
	for _, in := range todo {
		if in.batch.completer() == nil {
			continue
		}
		if r.complete(in); in.asks != "" {
			lacking = append(lacking, in)
		}
	}
	if len(lacking) == 0 {
		return todo, nil
	}
	if err := r.ask(ctx, lacking); err != nil {
		return nil, err
	}
	for _, in := range lacking {
		if in.asks == "" {
			r.complete(in)
		}
	}
	return slices.DeleteFunc(slices.Clone(todo), func(in *incoming) bool { return in.asks != "" }), nil
}

func (r *refresh) complete(in *incoming) {
	if whole, err := r.page(in, bySource, in.Article); err == nil {
		in.Article = whole
	}
}

// ask fetches the pages that articles lack, of as many as may be asked for in this refresh: of those that have no number
// yet, then of the others, the newest first.
func (r *refresh) ask(ctx context.Context, lacking []*incoming) error {
	var due []*incoming
	for _, in := range lacking {
		if !r.embargoed(in) && (in.listed == nil || !in.listed.Due.After(r.at)) {
			due = append(due, in)
		}
	}
	slices.SortStableFunc(due, func(a, b *incoming) int {
		return cmp.Or(cmp.Compare(a.kept(), b.kept()), r.dateOf(b).Compare(r.dateOf(a)))
	})
	due = due[:min(len(due), r.budget)]
	hosts := hostsOf(due)
	var lanes []*host
	for _, h := range hosts {
		for range min(lanesOfHost, len(h.waiting)) {
			lanes = append(lanes, h)
		}
	}
	err := r.turn.Rest(ctx, func() {
		r.each(len(lanes), func(i int) { lanes[i].walk(ctx, r.fetchPage) })
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return fmt.Errorf("read pages of articles: %w", err)
	}
	for _, h := range hosts {
		for _, in := range h.asked {
			r.budget--
			r.take(in, h.answered)
		}
		for _, in := range h.waiting { // in vain: it would have been the same with them
			in.failure = h.failure
			r.take(in, false)
		}
	}
	return nil
}

// kept is 1 when a number is kept for the article, else 0.
func (in *incoming) kept() int {
	if in.listed != nil && in.listed.Number > 0 {
		return 1
	}
	return 0
}

// embargoed reports that the article may not appear yet, and its page need not be there.
func (r *refresh) embargoed(in *incoming) bool {
	return !in.batch.Foreign && in.raw.Published.After(r.at)
}

// dateOf is the date by which the newest are told, the moment of this refresh for one that has none.
func (r *refresh) dateOf(in *incoming) time.Time {
	switch {
	case !in.raw.Published.IsZero():
		return in.raw.Published
	case in.row != nil && !in.row.Published.IsZero():
		return in.row.Published
	}
	return r.at
}

// fetchPage makes one article whole.
func (r *refresh) fetchPage(ctx context.Context, in *incoming) (whole feed.Article, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = feed.Classify(feed.Internal, fmt.Errorf("read %s: panic: %v\n%s", in.asked.Link, p, debug.Stack()))
		}
	}()
	if in.asks == bySource {
		return in.batch.completer()(ctx, in.asked)
	}
	return in.batch.of.Page(ctx, in.asked, *r.feed.Filters.FullText())
}

// take sees what came of asking for a page.
func (r *refresh) take(in *incoming, answered bool) {
	step := in.asks
	if in.pages == nil {
		in.pages = map[string]added{}
	}
	if in.failure == nil {
		in.pages[step], in.asks, in.gained = difference(in.asked, in.whole), "", append(in.gained, step)
		if in.listed != nil {
			in.listed.Tries, in.listed.Failure = 0, ""
		}
		return
	}
	if in.listed == nil {
		in.listed = &store.Listed{Since: r.at}
	}
	l, class := in.listed, feed.ClassOf(in.failure)
	hosts := class == feed.Throttled || class == feed.Unavailable && !answered
	if !hosts || r.at.Sub(l.Since) >= patience {
		l.Tries++
	}
	l.Failure = in.failure.Error()
	if class == feed.Gone || l.Tries >= mostTries {
		in.pages[step], in.asks, in.gained = added{Failed: l.Failure}, "", append(in.gained, step)
		in.lacked = feed.Classify(class, fmt.Errorf("its page cannot be had, so it stays as it was listed: %w", in.failure))
		return
	}
	l.Due = r.at.Add(r.feed.Guard.Apart * time.Duration(max(1, l.Tries)))
}

// lanesOfHost bounds how many pages of one host are asked for side by side. The client that asks keeps to its own pace.
const lanesOfHost = 4

// silence is how many pages in a row a host leaves without an answer before it is asked for no more in this refresh.
const silence = 2

// host is a web site whose pages are asked for.
type host struct {
	mu       sync.Mutex
	waiting  []*incoming
	asked    []*incoming
	answered bool  // it has given a page, or said something of one
	silent   int   // pages in a row that it did not answer
	failure  error // the last time
}

// hostsOf sorts articles by the hosts of their pages.
func hostsOf(due []*incoming) []*host {
	var all []*host
	byName := map[string]*host{}
	for _, in := range due {
		name := in.asked.Link
		if u, err := url.Parse(name); err == nil {
			name = strings.ToLower(u.Host)
		}
		if byName[name] == nil {
			byName[name] = &host{}
			all = append(all, byName[name])
		}
		byName[name].waiting = append(byName[name].waiting, in)
	}
	return all
}

// walk asks for one page after the other. Several may walk along one host.
func (h *host) walk(ctx context.Context, read func(context.Context, *incoming) (feed.Article, error)) {
	for in := h.next(); in != nil && ctx.Err() == nil; in = h.next() {
		in.whole, in.failure = read(ctx, in)
		h.heard(in.failure)
	}
}

func (h *host) next() *incoming {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 || h.silent >= silence {
		return nil
	}
	in := h.waiting[0]
	h.waiting, h.asked = h.waiting[1:], append(h.asked, in)
	return in
}

func (h *host) heard(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch feed.ClassOf(err) {
	case feed.Throttled:
		h.silent, h.failure = silence, err
	case feed.Unavailable:
		h.silent, h.failure = h.silent+1, err
	default:
		h.answered, h.silent = true, 0
	}
}
