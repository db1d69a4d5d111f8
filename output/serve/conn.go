package serve

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// conn is a connection of HTTP/1, on which net/http spends less. The head of an answer can be sent together with its body:
// net/http would write the first 4 KB and then the rest. Deadlines are set when they matter, and nobody looks whether the
// reader is still there while his answer is found.
type conn struct {
	placed
	reading, writing deadline

	fields  []byte // for the head that is written next
	holding bool
	head    []byte // held back
	both    net.Buffers
	parts   [2][]byte
}

// deadline is when an operation shall end. net/http says so several times for each request, mostly for operations that end
// at once; a timer that ends one up to deadlineSlack earlier is left as it is.
type deadline struct {
	wanted atomic.Int64 // Unix time in ns; 0 is none
	set    int64
}

const deadlineSlack = 50 * time.Millisecond

func (d *deadline) want(t time.Time) {
	if t.Unix() <= 1 { // the zero Time, or net/http's time long ago
		d.wanted.Store(0)
		return
	}
	d.wanted.Store(t.UnixNano())
}

// apply makes the deadline hold for the operation that follows.
func (d *deadline) apply(set func(time.Time) error) error {
	wanted := d.wanted.Load()
	if wanted == d.set || wanted != 0 && d.set != 0 && d.set < wanted && wanted-d.set <= int64(deadlineSlack) {
		return nil
	}
	d.set = wanted
	if wanted == 0 {
		return set(time.Time{})
	}
	return set(time.Unix(0, wanted))
}

// SetReadDeadline holds from the next read on.
func (c *conn) SetReadDeadline(t time.Time) error { c.reading.want(t); return nil }

// SetWriteDeadline holds from the next write on.
func (c *conn) SetWriteDeadline(t time.Time) error { c.writing.want(t); return nil }

// SetDeadline holds from the next read and write on.
func (c *conn) SetDeadline(t time.Time) error {
	c.reading.want(t)
	c.writing.want(t)
	return nil
}

// Read reads a request. While an answer is made, net/http waits for one byte without a deadline, to see whether the reader
// goes away; it ends that by a deadline in the past. Answers are found sooner than anybody leaves, so that it is told at once
// that nothing is there: that spares a call of the kernel and two of the scheduler for each request.
func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 1 && c.reading.wanted.Load() == 0 {
		return 0, nil
	}
	if err := c.reading.apply(c.Conn.SetReadDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

type connKey struct{}

// withConn makes a plain connection known to the requests that come over it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// connOf is nil for a request that came in another way.
func connOf(r *http.Request) *conn {
	c, _ := r.Context().Value(connKey{}).(*conn)
	return c
}

// writeWhole writes a body with the head of its answer at once, as far as the connection can.
func writeWhole(w http.ResponseWriter, r *http.Request, body []byte) {
	c := connOf(r)
	if c == nil {
		_, _ = w.Write(body) // a failed write is a reader who went away
		return
	}
	c.holding = true
	_, _ = w.Write(body)
	c.holding = false
	if len(c.head) > 0 {
		_, _ = c.Write(nil)
	}
}

// Write puts the fields that wait into the head of an answer, behind its first line. It holds back the head of an answer that
// is sent whole, and sends it with the next bytes.
func (c *conn) Write(p []byte) (int, error) {
	if len(c.fields) > 0 {
		first := bytes.IndexByte(p, '\n') + 1
		c.head = append(append(append(c.head, p[:first]...), c.fields...), p[first:]...)
		c.fields = nil
		if c.holding {
			return len(p), nil
		}
		if _, err := c.Write(nil); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if c.holding && len(c.head) == 0 {
		c.head = append(c.head, p...)
		return len(p), nil
	}
	if err := c.writing.apply(c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	switch {
	case len(c.head) == 0:
		return c.Conn.Write(p)
	case len(p) == 0:
		_, err := c.Conn.Write(c.head)
		c.head, c.holding = c.head[:0], false
		return 0, err
	}
	c.parts = [2][]byte{c.head, p}
	c.both = c.parts[:]
	n, err := c.both.WriteTo(c.Conn)
	n -= int64(len(c.head))
	c.head, c.parts, c.holding = c.head[:0], [2][]byte{}, false
	return max(int(n), 0), err
}
