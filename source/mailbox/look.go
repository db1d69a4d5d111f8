package mailbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/emersion/go-imap/v2"

	"feedmill/feed"
)

// fetchIMAP reads what is new on the server.
func (m *Mailbox) fetchIMAP(ctx context.Context, mem feed.Memory) (feed.Batch, error) {
	ctx, cancel := context.WithTimeout(ctx, patience*time.Duration(m.config.Fetch.Timeout))
	defer cancel()
	s, err := m.open(ctx, nil)
	if err != nil {
		return feed.Batch{}, m.explain(err)
	}
	defer s.close()
	at := recallReached(mem)
	same := at.Begun && at.Validity == s.folder.UIDValidity
	if same && at.Next != 0 && at.Next == uint32(s.folder.UIDNext) {
		return feed.Batch{Extent: feed.Unchanged}, nil
	}
	b, err := s.look(ctx, mem, at, same)
	if err != nil {
		return feed.Batch{}, m.explain(err)
	}
	return b, nil
}

// patience is how many answers' time a whole look may take.
const patience = 20

// look reads the messages that were not told, as far as there is room.
func (s *session) look(ctx context.Context, mem feed.Memory, at reached, same bool) (feed.Batch, error) {
	from := uint32(1)
	if same {
		from = at.Next
	}
	uids, more, err := s.search(from, !same)
	if err != nil {
		return feed.Batch{}, err
	}
	all, err := s.heads(ctx, uids)
	if err != nil {
		return feed.Batch{}, err
	}
	told := recallMarks(mem, toldKey)
	fresh := s.fresh(all, told, at)
	t, err := s.take(ctx, mem, s, fresh, !at.Begun)
	if err != nil {
		return feed.Batch{}, err
	}
	next := reached{Begun: true, Validity: s.folder.UIDValidity, Next: s.after(uids, from, same && more), Floor: at.Floor}
	for _, c := range fresh {
		switch {
		case t.done[c.mark], !at.Begun: // or older than what there was room for
			told.add(c.mark)
		case t.full() && c.uid < next.Next:
			next.Next = c.uid
		}
	}
	switch {
	case !at.Begun && (more || t.full()):
		t.begins(&next)
	case at.Begun && (same && more || t.full()):
		s.again()
	}
	told.save(mem, toldKey)
	next.save(mem)
	s.log.LogAttrs(ctx, slog.LevelDebug, "mailbox looked at", slog.Int("messages", len(all)), slog.Int("new", len(fresh)))
	return t.batch, nil
}

// after is the first UID that was not looked at. more tells that there are others behind those that were.
func (s *session) after(uids []imap.UID, from uint32, more bool) uint32 {
	next := from
	if len(uids) > 0 {
		next = max(next, uint32(uids[len(uids)-1])+1)
	}
	if more {
		return next
	}
	return max(next, uint32(s.folder.UIDNext))
}
