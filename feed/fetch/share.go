package fetch

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Answers are kept for sources that read the same address in the same tick. What is larger is shared only by those who
// ask at the same moment.
const (
	shareFor    = 10 * time.Second
	largestKept = 4 << 20
	mostKept    = 16 << 20
)

// shareKey is one question: all that decides the answer.
type shareKey struct {
	words          [32]byte
	etag, modified string
}

// plain is the same question without conditions; its answer serves everybody who asks either.
func (k shareKey) plain() shareKey { return shareKey{words: k.words} }

// shared lets sources that ask the same question at about the same time share the answer. Validators are part of the
// question, so nobody gets a 304 for what another source holds.
type shared struct {
	now func() time.Time

	mu      sync.Mutex
	flights map[shareKey]*flight
	kept    map[shareKey]*keptReply
	order   []*keptReply // oldest first
	bytes   int
	timer   *time.Timer
}

type flight struct {
	done  chan struct{}
	reply *reply // nil: whoever asked gave up
}

type keptReply struct {
	key   shareKey
	reply *reply
	at    time.Time
	had   []any // who got it
}

// ask returns the answer to k: one kept that by has not had, the one that somebody is waiting for, or what fetch says. A nil
// reply of fetch means that the caller gave up; then so does ask, with ctx's error.
func (s *shared) ask(ctx context.Context, k shareKey, by any, fetch func() *reply) (*reply, error) {
	for {
		s.mu.Lock()
		if r := s.found(k, by); r != nil {
			s.mu.Unlock()
			return r, nil
		}
		f := s.flights[k.plain()]
		if f == nil {
			f = s.flights[k]
		}
		if f == nil {
			f = &flight{done: make(chan struct{})}
			s.flights[k] = f
			s.mu.Unlock()
			return s.lead(ctx, k, by, f, fetch)
		}
		s.mu.Unlock()
		select {
		case <-f.done:
			if f.reply != nil {
				s.gave(f.reply, by)
				return f.reply, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *shared) lead(ctx context.Context, k shareKey, by any, f *flight, fetch func() *reply) (*reply, error) {
	var got *reply
	defer func() { // also when fetch panics
		s.mu.Lock()
		defer s.mu.Unlock()
		f.reply = got
		delete(s.flights, k)
		close(f.done)
		if got != nil {
			s.keep(k, got, by)
		}
	}()
	if got = fetch(); got == nil {
		return nil, ctx.Err()
	}
	return got, nil
}

// gave notes who had a reply.
func (s *shared) gave(r *reply, by any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kept := range slices.Backward(s.order) {
		if kept.reply == r {
			kept.give(by)
			return
		}
	}
}

func (k *keptReply) give(by any) {
	if by != nil {
		k.had = append(k.had, by)
	}
}

// found returns a fresh kept reply that by has not had; s.mu is held.
func (s *shared) found(k shareKey, by any) *reply {
	for _, key := range []shareKey{k.plain(), k} {
		if kept := s.kept[key]; kept != nil && (by == nil || !slices.Contains(kept.had, by)) {
			if age := s.now().Sub(kept.at); age >= 0 && age < shareFor {
				kept.give(by)
				return kept.reply
			}
		}
	}
	return nil
}

// keep holds a reply for a while; s.mu is held.
func (s *shared) keep(k shareKey, r *reply, by any) {
	if len(r.body) > largestKept || r.failure != nil && r.failure.passing {
		return
	}
	if r.failure == nil && !r.unchanged {
		k = k.plain()
	}
	kept := &keptReply{key: k, reply: r, at: s.now()}
	kept.give(by)
	s.kept[k] = kept
	s.order = append(s.order, kept)
	s.bytes += r.weight()
	for s.bytes > mostKept {
		s.dropOldest()
	}
	if s.timer == nil && len(s.order) > 0 {
		s.timer = time.AfterFunc(shareFor, s.sweep) // so that an idle client holds no bodies
	}
}

func (s *shared) dropOldest() {
	oldest := s.order[0]
	s.order[0] = nil
	s.order = s.order[1:]
	s.bytes -= oldest.reply.weight()
	if s.kept[oldest.key] == oldest {
		delete(s.kept, oldest.key)
	}
}

// sweep drops what is too old to be shared.
func (s *shared) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for len(s.order) > 0 {
		if age := now.Sub(s.order[0].at); age >= 0 && age < shareFor {
			s.timer = time.AfterFunc(shareFor-age, s.sweep)
			return
		}
		s.dropOldest()
	}
	s.timer, s.order = nil, nil
}
