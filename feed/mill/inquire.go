package mill

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

// Records is what an [Inquiry] needs of the store besides what a refresh reads.
type Records interface {
	Ledger
	Library
	State(ctx context.Context, name string) (f store.Feed, found bool, err error)
	Called(ctx context.Context, serial int64, name string) ([]store.Article, error)
	Handovers(ctx context.Context, serial int64) ([]store.Handover, error)
}

// Inquiry tells of the articles of one feed how they came about and where they went. It knows what the state knows: nothing
// is fetched, and nothing is changed.
type Inquiry struct {
	refresh *refresh
	records Records
}

// Inquire begins an inquiry about a feed. known is false when the state has nothing of it, and there is none then.
func Inquire(ctx context.Context, records Records, f *Feed, now time.Time) (q *Inquiry, known bool, err error) {
	state, known, err := records.State(ctx, f.Name)
	if err != nil || !known {
		return nil, false, err
	}
	r := &refresh{Mill: New(records, records, func() time.Time { return now }), feed: f, at: now.UTC().Truncate(time.Second), state: state}
	return &Inquiry{r, records}, true, nil
}

// Released is how often the documents of the feed have changed.
func (q *Inquiry) Released() int64 { return q.refresh.state.Release }

// Articles returns the articles, in whatever state, that a person may mean by item: an id, a link in whatever form, a key
// (a file's path), a slug, or the address of a page of ours.
func (q *Inquiry) Articles(ctx context.Context, item string) ([]store.Article, error) {
	names := append([]string{item}, formsOf(item)...)
	if escaped, hosted := strings.CutPrefix(item, hostedLink(q.refresh.feed, "")); hosted {
		if slug, err := url.PathUnescape(escaped); err == nil {
			names = append(names, hostedPath(slug))
		}
	}
	for _, name := range names {
		found, err := q.records.Called(ctx, q.refresh.state.Serial, name)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// Latest returns the n articles that were seen first last, in whatever state, the latest first.
func (q *Inquiry) Latest(ctx context.Context, n int) ([]store.Article, error) {
	return q.records.LastSeen(ctx, q.refresh.state.Serial, n)
}

// Waiting returns the articles that wait for publication.
func (q *Inquiry) Waiting(ctx context.Context) ([]store.Article, error) {
	waiting, err := q.records.Pending(ctx, q.refresh.state.Serial)
	if err != nil {
		return nil, err
	}
	unread, err := q.records.Unread(ctx, q.refresh.state.Serial)
	return append(waiting, unread...), err
}

// At returns the articles at the given positions, in that order.
func (q *Inquiry) At(ctx context.Context, positions []int64) ([]store.Article, error) {
	rows, err := q.records.Articles(ctx, q.refresh.state.Serial, positions)
	slices.SortFunc(rows, func(a, b store.Article) int {
		return cmp.Compare(slices.Index(positions, a.Position), slices.Index(positions, b.Position))
	})
	return rows, err
}

// Link is the address at which readers find the article, empty when it has none yet.
func (q *Inquiry) Link(row store.Article) string { return q.refresh.shownLink(&row) }

// Source returns the source that an article was last read from, and of a list the feed on it if that is known; nil when
// the feed has that source no more.
func (q *Inquiry) Source(row store.Article) (s *Source, listed string) {
	sources := q.refresh.feed.Sources
	for i := range sources {
		if sources[i].Digest == row.Source {
			return &sources[i], ""
		}
	}
	for i := range sources {
		address := row.Said.Source.FeedURL
		if sources[i].Expander != nil && digest([]string{sources[i].Digest, address}) == row.Source {
			return &sources[i], address
		}
	}
	return nil, ""
}

// Why says in plain words why an article is not in the feed, empty for one that is.
func (q *Inquiry) Why(row store.Article) string {
	switch row.State {
	case store.Waiting:
		return q.waits(row)
	case store.Withdrawn:
		return withdrawnBy(row, q.refresh.show(row.Updated))
	case store.Expired:
		return "its time was over " + q.refresh.show(row.Expires)
	case store.Dropped:
		return row.Reason
	case store.Forgotten:
		return "it was published, and is no longer kept (keep)"
	}
	return ""
}

func (q *Inquiry) waits(row store.Article) string {
	switch row.Reason {
	case asDraft:
		return "it is a draft; it appears when its status says ready"
	case asEmbargoed:
		return "it appears " + q.refresh.show(row.Said.Published)
	case asConflict:
		return "another article has its link; give one of them another slug or link"
	case asTwin:
		return "another file that is still there has the same id; give it one of its own, or none"
	case asMisaddress:
		return "no link could be made for it; see permalink and its slug"
	case asGone:
		return "what it was read from vanished before it was published"
	case asOver:
		return "it expired before it was published"
	case byAuthor:
		return "it was withdrawn before it was published"
	case store.LacksPage:
		return "it waits for its page"
	case "":
		return "the next refresh decides"
	}
	return row.Reason
}

func withdrawnBy(row store.Article, at string) string {
	switch row.Reason {
	case byAuthor:
		return "its author withdrew it " + at
	case byAbsence:
		return "what it was read from was gone " + at
	case byOperator:
		return "it was withdrawn by feedmill withdraw " + at + "; feedmill restore brings it back"
	}
	return cmp.Or(row.Reason, "withdrawn") + " " + at
}

// Withheld is a batch of a source that is not believed.
type Withheld struct {
	Source   string
	Reason   string
	First    time.Time // when it was seen first
	Times    int       // looks in a row that gave it
	Articles []feed.Article
	Gone     []string // the keys of what is missing
}

// Withheld returns what is held of the feed's sources.
func (q *Inquiry) Withheld(ctx context.Context) ([]Withheld, error) {
	held, err := q.records.Held(ctx, q.refresh.state.Serial)
	if err != nil {
		return nil, err
	}
	var all []Withheld
	for _, h := range held {
		var p parcel
		if err := json.Unmarshal(h.Batch, &p); err != nil {
			return nil, fmt.Errorf("read what is held of source %s: %w", h.Name, err)
		}
		all = append(all, Withheld{Source: h.Name, Reason: h.Reason, First: h.First, Times: h.Times, Articles: p.Articles, Gone: p.Gone})
	}
	return all, nil
}

// Memory is what a source remembers.
func (q *Inquiry) Memory(ctx context.Context, s *Source) (feed.Memory, error) {
	values, err := q.records.Memory(ctx, q.refresh.state.Serial, s.Digest)
	return &memory{known: values}, err
}

// Habit is how a source was when it was last believed. The zero value: nothing is known of it.
type Habit struct {
	First time.Time // when it was first read
	Size  int       // articles in its last whole listing; 0 when it gives none
}

// Habit returns how a source usually is.
func (q *Inquiry) Habit(ctx context.Context, s *Source) (Habit, error) {
	values, err := q.records.Memory(ctx, q.refresh.state.Serial, s.Digest)
	if err != nil {
		return Habit{}, err
	}
	h, known := recallHabits(&memory{known: values})
	if !known || h.First == 0 {
		return Habit{}, nil
	}
	return Habit{time.Unix(h.First, 0), h.Size}, nil
}

// Handovers returns the last deliveries of the feed's documents, by output and then in their order.
func (q *Inquiry) Handovers(ctx context.Context) ([]store.Handover, error) {
	return q.records.Handovers(ctx, q.refresh.state.Serial)
}

// Delivered returns the release that each output received last.
func (q *Inquiry) Delivered(ctx context.Context) (map[string]int64, error) {
	return q.records.Delivered(ctx, q.refresh.state.Serial)
}

// Outdated reports whether the documents do not show the articles as they are: making them failed, or is under way.
func (q *Inquiry) Outdated() bool { return q.refresh.state.Rendered < q.refresh.state.Revision }
