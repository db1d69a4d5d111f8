package mailbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"feedmill/feed"
)

// The bounds of one look.
const (
	mostSeen    = 10_000    // messages whose headers are read, the newest ones
	mostContent = 32 << 20  // bytes of articles
	mostRead    = 256 << 20 // bytes of messages
	mostNamed   = 20        // problems that are told one by one
)

// box is an open mailbox.
type box interface {
	// read hands over the messages, whole, in the given order as far as it can; a message that is gone meanwhile is left
	// out. It ends early when take says so.
	read(ctx context.Context, cs []candidate, take func(c candidate, raw []byte, err error) (more bool)) error
}

// taking is the reading of new messages into a batch.
type taking struct {
	*Mailbox
	batch   feed.Batch
	content int
	raw     int64
	done    map[mark]bool
	failed  int
	keep    keep
	broken  error // nothing can be kept
}

// take reads messages that are new, given in the order of their arrival, into a batch. The first time it begins with the
// newest; else with the oldest. done are those that were read, or cannot be.
func (m *Mailbox) take(ctx context.Context, memory feed.Memory, b box, fresh []candidate, first bool) (*taking, error) {
	t := &taking{Mailbox: m, batch: feed.Batch{Extent: feed.Increment, Foreign: true}, done: map[mark]bool{}}
	if keeper, ok := memory.(feed.Keeper); ok {
		t.keep = func(name, mediaType string, body []byte) (feed.Media, error) {
			return keeper.KeepMedia(ctx, name, mediaType, bytes.NewReader(body))
		}
	}
	if first {
		fresh = slices.Clone(fresh)
		slices.Reverse(fresh)
	}
	err := b.read(ctx, fresh, t.one)
	if err = cmp.Or(t.broken, err); err != nil {
		return nil, err
	}
	if first {
		slices.Reverse(t.batch.Articles)
		slices.Reverse(t.batch.Problems)
	}
	if more := t.failed - mostNamed; more > 0 {
		t.batch.Problems = append(t.batch.Problems, fmt.Errorf("%d more messages cannot be read", more))
	}
	if len(t.batch.Articles) == 0 && len(t.batch.Problems) == 0 {
		t.batch.Extent = feed.Unchanged
	}
	return t, nil
}

// one takes one message and reports whether there is room for more.
func (t *taking) one(c candidate, raw []byte, err error) bool {
	t.done[c.mark] = true
	t.raw += int64(len(raw))
	var a feed.Article
	if err == nil {
		a, err = t.article(raw, c.arrived, t.keep)
	}
	if _, unkept := errors.AsType[*unkept](err); unkept {
		t.broken = err
		return false
	}
	if err != nil {
		if t.failed++; t.failed <= mostNamed {
			t.batch.Problems = append(t.batch.Problems, &feed.Problem{Where: c.named(), Err: err})
		}
	} else {
		t.batch.Articles = append(t.batch.Articles, a)
		t.content += len(a.Content) + len(a.Summary) + len(a.Title)
	}
	return !t.full()
}

// named names a message for people.
func (c candidate) named() string {
	name := "message"
	if subject := c.head.text("subject"); subject != "" {
		name += fmt.Sprintf(" %q", cut(subject, 100))
	}
	if !c.arrived.IsZero() {
		name += " of " + c.arrived.Format("2006-01-02 15:04")
	}
	if c.file != "" {
		name += " (" + c.file + ")"
	}
	return name
}

// tooLarge is the error of a message above the bound.
func (m *Mailbox) tooLarge() error {
	return fmt.Errorf("is larger than %d MB and is left out; write a larger max_body under fetch: if it is wanted", max(1, int64(m.config.Fetch.MaxBody)>>20))
}

var errEmpty = errors.New("is empty; whoever sent it must mend it")

// fresh are the messages that are wanted and were not told, each once.
func (m *Mailbox) fresh(all []candidate, told *told, at reached) (fresh []candidate) {
	met := map[mark]bool{}
	for _, c := range all {
		if told.known[c.mark] || met[c.mark] || !m.config.wanted(c.head) || at.Floor > 0 && !c.arrived.IsZero() && c.arrived.Unix() < at.Floor {
			continue
		}
		met[c.mark] = true
		fresh = append(fresh, c)
	}
	return fresh
}

// full reports whether messages were left for want of room.
func (t *taking) full() bool { return t.content >= t.room || t.raw >= mostRead }

// oldest is when the oldest article arrived, in seconds.
func oldest(articles []feed.Article) int64 {
	var first int64
	for _, a := range articles {
		if at := a.Modified.Unix(); !a.Modified.IsZero() && (first == 0 || at < first) {
			first = at
		}
	}
	return first
}

// begins notes that a large mailbox begins with its newest messages.
func (t *taking) begins(at *reached) {
	at.Floor = oldest(t.batch.Articles)
	t.batch.Notes = append(t.batch.Notes, fmt.Sprintf("the mailbox is large: the feed begins with its newest %d messages, and older ones are left out", len(t.batch.Articles)))
}
