package mill

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/store"
)

// parcel is a held batch as it is stored, with what its source wants to remember once it is believed.
type parcel struct {
	Rule         rule              `json:"rule"`
	Extent       feed.Extent       `json:"extent"`
	Articles     []feed.Article    `json:"articles,omitempty"`
	Gone         []string          `json:"gone,omitempty"`
	WithdrawGone bool              `json:"withdraw_gone,omitempty"`
	Foreign      bool              `json:"foreign,omitempty"`
	Memory       map[string][]byte `json:"memory,omitempty"`
}

// pack makes a parcel of a batch. Of one in which articles are missing the others are not held.
func pack(b *batch, broken rule) ([]byte, error) {
	p := parcel{
		Rule: broken, Extent: b.Extent, Articles: b.Articles, Gone: b.Gone, WithdrawGone: b.WithdrawGone, Foreign: b.Foreign, Memory: b.memory.put,
	}
	if broken == lost {
		p.Articles = nil
	}
	return json.Marshal(p)
}

// hashOf tells what a batch holds from what others do, by what stays the same when an origin gives all articles new ids
// each time: keys, titles, and links without their queries.
func hashOf(b *batch, broken rule) string {
	words := []string{"gone " + strings.Join(slices.Sorted(slices.Values(b.Gone)), "\x01")}
	for _, a := range b.Articles {
		if broken == lost {
			break
		}
		link, _, _ := strings.Cut(a.Link, "?")
		if a.Title+link == "" {
			link = a.ID
		}
		words = append(words, strings.Join([]string{a.Key, a.Title, link}, "\x01"))
	}
	slices.Sort(words)
	return digest(append(words, string(broken)))
}

// mostCalled bounds the articles of a held batch that are named.
const mostCalled = 20

// callThem are the names of articles of a held batch, or of those that it lost.
func callThem(b *batch, broken rule) []string {
	if broken == lost {
		return b.Gone[:min(len(b.Gone), mostCalled)]
	}
	var names []string
	for _, a := range b.Articles[:min(len(b.Articles), mostCalled)] {
		names = append(names, name(a))
	}
	return names
}

// Accept believes what is held of a feed, as it was when it was held: nothing is fetched. source is the name of one of the
// feed's sources as in [SourceError]; empty, all of them are meant. Accepted are the names of those of which something was
// held: none when nothing is. It is an error to name one of which nothing is held while something is of others.
func (m *Mill) Accept(ctx context.Context, f *Feed, source string) (report Report, accepted []string, err error) {
	report = Report{Feed: f.Name}
	release, err := m.ledger.Lease(ctx, f.Name)
	if err != nil {
		return report, nil, err
	}
	defer release()
	r, err := m.begin(ctx, f)
	if err != nil {
		return report, nil, err
	}
	if accepted, err = r.unpack(ctx, source); err != nil || len(accepted) == 0 && len(r.holding.Settled) == 0 {
		return r.report, nil, err
	}
	if err := r.judge(ctx); err != nil {
		return r.report, nil, fmt.Errorf("judge: %w", err)
	}
	if err := r.commit(ctx); err != nil {
		return r.report, nil, fmt.Errorf("commit: %w", err)
	}
	told := r.tell(ctx)
	rendered, delivered := r.issue(ctx)
	return r.report, accepted, errors.Join(told, rendered, delivered)
}

// unpack makes batches of what is held of the named source, or of all. What is held of a source that the feed has no more
// is thrown away.
func (r *refresh) unpack(ctx context.Context, source string) (accepted []string, err error) {
	all, err := r.ledger.Held(ctx, r.state.Serial)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, held := range all {
		o, ok := r.originOf(held)
		if !ok {
			r.holding.Settled = append(r.holding.Settled, held.Source)
			continue
		}
		names = append(names, held.Name)
		if source != "" && source != held.Name {
			continue
		}
		b, err := r.released(ctx, o, held)
		if err != nil {
			return nil, err
		}
		r.batches = append(r.batches, b)
		accepted = append(accepted, held.Name)
	}
	if len(accepted) == 0 && len(names) > 0 {
		return nil, fmt.Errorf("feed %s holds nothing of a source %q; it does of %s", r.feed.Name, source, strings.Join(names, ", "))
	}
	slices.SortStableFunc(r.batches, func(a, b batch) int { return cmp.Or(a.place-b.place, cmp.Compare(a.name, b.name)) })
	return accepted, nil
}

// originOf finds the source of which a batch is held, or the one that stands for it.
func (r *refresh) originOf(held store.Held) (origin, bool) {
	for i := range r.feed.Sources {
		s := &r.feed.Sources[i]
		child, below := strings.CutPrefix(held.Name, s.Name+" ")
		if held.Source == s.Digest || below && held.Source == digest([]string{s.Digest, child}) {
			return origin{Source: s.Source, of: s, place: i, name: held.Name, digest: held.Source}, true
		}
	}
	return origin{}, false
}

func (r *refresh) released(ctx context.Context, o origin, held store.Held) (batch, error) {
	var p parcel
	err := json.Unmarshal(held.Batch, &p)
	if err != nil {
		return batch{}, fmt.Errorf("read held batch of %s: %w", held.Name, err)
	}
	if o.memory, err = r.recall(ctx, o.digest); err != nil {
		return batch{}, err
	}
	maps.Copy(o.memory.put, p.Memory)
	b := batch{origin: o, answered: true, verdict: verdict{released: true, rule: p.Rule}}
	b.Batch = feed.Batch{Extent: p.Extent, Articles: p.Articles, Gone: p.Gone, WithdrawGone: p.WithdrawGone, Foreign: p.Foreign}
	if linker, ok := o.Source.(feed.Linker); ok {
		b.Link = linker.Linker()
	}
	return b, nil
}
