//go:build unix

package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"sync"
	"syscall"
	"time"

	"feedmill/feed/store"
)

// locks are byte ranges of one file: byte 0 is the daemon's, a byte further on, found by a hash of its name, a feed's. The
// one after all feeds is shared by everybody who has the state open, and taken alone by who puts another file in its
// place. The kernel gives them up when the process ends, however it ends. Two names that share a byte only wait for each other.
//
// The first bytes of the file hold stamps: who had a lease last.
type locks struct {
	file  *os.File        // nil: this process only
	stamp [stampSize]byte // of this process

	mu   sync.Mutex
	held map[int64]chan struct{} // POSIX locks do not keep two goroutines of one process apart
}

const leaseRetry = 25 * time.Millisecond

// presence is the byte shared by all who have the state open: no feed's lies there.
const presence = 1<<62 + 1

func openLocks(path string) (*locks, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.Size() < stamps*stampSize {
		// All at once, so that no full disk can keep a stamp from being left later.
		if _, err := file.WriteAt(make([]byte, stamps*stampSize), 0); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return newLocks(file), nil
}

func newLocks(file *os.File) *locks {
	l := &locks{file: file, held: map[int64]chan struct{}{}}
	_, _ = rand.Read(l.stamp[:]) // it never fails
	return l
}

func (l *locks) Run() (func(), error) {
	if !l.hold(0) {
		return nil, store.ErrHeld
	}
	if err := l.record(0, syscall.F_WRLCK); err != nil {
		l.drop(0)
		return nil, err
	}
	return func() { l.release(0) }, nil
}

func (l *locks) Running() (bool, error) {
	if l.file == nil {
		return false, nil
	}
	other := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 0, Len: 1}
	if err := syscall.FcntlFlock(l.file.Fd(), syscall.F_GETLK, &other); err != nil {
		return false, fmt.Errorf("look at the daemon's lock: %w", err)
	}
	return other.Type != syscall.F_UNLCK, nil
}

func (l *locks) Lease(ctx context.Context, name string) (release func(), alone bool, err error) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash takes everything
	at := 1 + int64(h.Sum64()>>2)
	for !l.hold(at) {
		if err := l.await(ctx, at); err != nil {
			return nil, false, fmt.Errorf("wait for lease of %s: %w", name, err)
		}
	}
	for {
		err := l.record(at, syscall.F_WRLCK)
		if err == nil {
			return func() { l.release(at) }, l.sign(at), nil
		}
		if !errors.Is(err, store.ErrHeld) {
			l.drop(at)
			return nil, false, fmt.Errorf("take lease of %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			l.drop(at)
			return nil, false, fmt.Errorf("wait for lease of %s, which another process holds: %w", name, ctx.Err())
		case <-time.After(leaseRetry):
		}
	}
}

// stamps is how many leases are told apart when it is asked who had one last: those that share a stamp are taken for one.
const (
	stamps    = 8192
	stampSize = 8
)

// sign leaves this process's stamp on a lease that it holds, and reports whether it was there already.
func (l *locks) sign(at int64) bool {
	if l.file == nil {
		return true
	}
	var last [stampSize]byte
	place := at % stamps * stampSize
	if _, err := l.file.ReadAt(last[:], place); err == nil && last == l.stamp {
		return true
	}
	_, _ = l.file.WriteAt(l.stamp[:], place) // there is room for it; if it fails all the same, commits are fenced still
	return false
}

func (l *locks) hold(at int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[at] != nil {
		return false
	}
	l.held[at] = make(chan struct{})
	return true
}

func (l *locks) await(ctx context.Context, at int64) error {
	l.mu.Lock()
	released := l.held[at]
	l.mu.Unlock()
	if released == nil {
		return nil
	}
	select {
	case <-released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *locks) drop(at int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.held[at])
	delete(l.held, at)
}

func (l *locks) release(at int64) {
	// Unlocking a lock we hold cannot fail; if it did, the lock would end with the process all the same.
	_ = l.record(at, syscall.F_UNLCK)
	l.drop(at)
}

// record sets a POSIX record lock on one byte, without waiting.
func (l *locks) record(at int64, kind int16) error {
	if l.file == nil {
		return nil
	}
	err := syscall.FcntlFlock(l.file.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: kind, Start: at, Len: 1})
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		return store.ErrHeld
	}
	return err
}

// share says that this process has the state open.
func (l *locks) share() error {
	err := l.record(presence, syscall.F_RDLCK)
	if errors.Is(err, store.ErrHeld) {
		return fmt.Errorf("it is being restored just now (%w); wait until that has ended", err)
	}
	return err
}

// exclude keeps everybody else from opening the state, until [locks.Close]. [store.ErrHeld] when somebody has it open.
func (l *locks) exclude() error { return l.record(presence, syscall.F_WRLCK) }

func (l *locks) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
