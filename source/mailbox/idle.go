package mailbox

import (
	"context"
	"time"
)

// How long a connection is left silent before it is tried, and how long it then may be.
const (
	silence    = 9 * time.Minute
	unanswered = silence + time.Minute
)

// watchIMAP lets the server tell of new messages. A connection that breaks is opened again, after a pause that grows.
func (m *Mailbox) watchIMAP(ctx context.Context, changed func()) {
	failed := 0
	for ctx.Err() == nil {
		heard, err := m.listen(ctx, changed)
		if ctx.Err() != nil {
			return
		}
		if heard {
			failed = 0
		}
		if err == nil { // it tells nothing: the schedule has to do
			m.passOn(ctx, changed)
			return
		}
		if failed++; failed == 1 {
			m.log.Warn("not told of new messages by the server; they are looked for on schedule", "mailbox", m.place.shown(), "err", m.explain(err))
		}
		if !m.pause(ctx, m.pauseAfter(err, failed), changed) {
			return
		}
	}
}

func (m *Mailbox) pauseAfter(err error, times int) time.Duration {
	if times == 1 && !m.isRefusal(err) {
		return firstPause
	}
	return pauseAfter(m.class(err), times-1)
}

// firstPause is for a server that is started again.
const firstPause = 5 * time.Second

// listen waits on one connection until it breaks. It returns nil when the server does not know IDLE; heard tells that
// it waited.
func (m *Mailbox) listen(ctx context.Context, changed func()) (heard bool, err error) {
	news := make(chan struct{}, 1)
	s, err := m.open(ctx, func() {
		select {
		case news <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return false, err
	}
	defer s.close()
	if !s.idles() {
		return false, nil
	}
	if err := s.wire.wait(unanswered); err != nil {
		return false, err
	}
	changed() // what came while nobody listened
	for {
		if err := m.idle(ctx, s, news, changed); err != nil {
			return true, err
		}
	}
}

// idle is one IDLE (RFC 2177), and a question after it that shows whether the server is still there.
func (m *Mailbox) idle(ctx context.Context, s *session, news <-chan struct{}, changed func()) error {
	command, err := s.client.Idle()
	if err != nil {
		return s.broken(err)
	}
	timer := time.NewTimer(silence)
	defer timer.Stop()
	for waiting := true; waiting; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.client.Closed():
			return s.broken(errRules)
		case <-news:
			changed()
		case <-m.more:
			changed()
		case <-timer.C:
			waiting = false
		}
	}
	if err := command.Close(); err != nil {
		return s.broken(err)
	}
	if err := command.Wait(); err != nil {
		return s.broken(err)
	}
	if err := s.client.Noop().Wait(); err != nil {
		return s.broken(err)
	}
	return nil
}

// pause waits, and has what a look left read meanwhile. It reports whether ctx goes on.
func (m *Mailbox) pause(ctx context.Context, d time.Duration, changed func()) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-m.more:
			changed()
		case <-timer.C:
			return true
		}
	}
}

// passOn has what a look left read until ctx ends.
func (m *Mailbox) passOn(ctx context.Context, changed func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.more:
			changed()
		}
	}
}
