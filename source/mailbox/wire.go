package mailbox

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The bounds of what a server may say in one session.
const (
	mostSaid    = 1 << 30
	longestSlop = 1 << 20 // of a line, beyond the largest message
)

var (
	errEndless = errors.New("said more than a mailbox holds; whoever runs the server must mend it")
	errLine    = errors.New("sent a line that does not end; whoever runs the server must mend it")
)

// wire is a connection that bounds what is read: in all, in one line, and in the time in which nothing comes. It keeps the
// first error, which go-imap does not hand on. Deadlines for reading are its own.
type wire struct {
	net.Conn
	before   io.Reader // what is read first
	left     int64
	line     int64
	longest  int64
	patience atomic.Int64 // a [time.Duration]

	mu  sync.Mutex
	err error
}

func newWire(conn net.Conn, before string, patience time.Duration, largest int64) *wire {
	w := &wire{Conn: conn, left: mostSaid, longest: largest + longestSlop}
	if before != "" {
		w.before = bytes.NewReader([]byte(before))
	}
	w.patience.Store(int64(patience))
	return w
}

func (w *wire) Read(b []byte) (int, error) {
	if w.before != nil {
		if n, err := w.before.Read(b); err == nil {
			return n, nil
		}
		w.before = nil
	}
	if err := w.Conn.SetReadDeadline(time.Now().Add(time.Duration(w.patience.Load()))); err != nil {
		return 0, w.broke(err)
	}
	n, err := w.Conn.Read(b)
	w.left -= int64(n)
	if i := bytes.LastIndexByte(b[:n], '\n'); i >= 0 {
		w.line = int64(n - i)
	} else {
		w.line += int64(n)
	}
	switch {
	case w.left < 0:
		return 0, w.broke(errEndless)
	case w.line > w.longest:
		return 0, w.broke(errLine)
	case err != nil:
		return n, w.broke(err)
	}
	return n, nil
}

// Write waits no longer than a read would.
func (w *wire) Write(b []byte) (int, error) {
	if err := w.Conn.SetWriteDeadline(time.Now().Add(time.Duration(w.patience.Load()))); err != nil {
		return 0, w.broke(err)
	}
	n, err := w.Conn.Write(b)
	return n, w.broke(err)
}

// SetReadDeadline does nothing, and neither does SetWriteDeadline: the wire has deadlines of its own.
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

// wait lets nothing come for so long from now on.
func (w *wire) wait(patience time.Duration) error {
	w.patience.Store(int64(patience))
	if w.broke(w.Conn.SetReadDeadline(time.Now().Add(patience))) == nil {
		return nil
	}
	return w.trouble() // why it was closed
}

func (w *wire) broke(err error) error {
	if err == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	return err
}

// trouble is the first thing that went wrong.
func (w *wire) trouble() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
