package serve

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

// conn is a connection of HTTP/1, on which net/http spends less. Answers that were written before are sent as they are, head
// and body at once. Deadlines are set when they matter, and nobody looks whether the reader is still there while his answer is
// found.
type conn struct {
	placed
	reading, writing deadline

	ready *head // of the answer whose head net/http writes next
	form  *form // its body; nil: none
	found bool  // it is a 200, which net/http knows as one without a body
	buf   []byte
	parts [2][]byte
	both  net.Buffers
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

// answer sends an answer in place of the one without fields and a body that net/http is to write next: as it says in its first
// line, or a 200 if one is found.
func (c *conn) answer(ready *head, f *form, found bool) { c.ready, c.form, c.found = ready, f, found }

// small is the size of a body that is sooner copied than sent from where it lies.
const small = 4 << 10

// Write sends what net/http writes, or an answer that is ready.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.writing.apply(c.Conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	if c.ready == nil {
		return c.Conn.Write(p)
	}
	first := bytes.IndexByte(p, '\n') + 1
	if c.found {
		c.buf = append(append(c.buf[:0], p[:len("HTTP/1.x ")]...), "200 OK\r\n"...)
	} else {
		c.buf = append(c.buf[:0], p[:first]...)
	}
	c.buf = append(append(c.buf, c.ready.lines...), p[first:]...)
	f := c.form
	c.ready, c.form = nil, nil
	if f != nil && len(f.body) <= small {
		c.buf, f = append(c.buf, f.body...), nil
	}
	if f == nil {
		if _, err := c.Conn.Write(c.buf); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	c.parts = [2][]byte{c.buf, f.body}
	c.both = c.parts[:]
	if _, err := c.both.WriteTo(c.Conn); err != nil {
		return 0, err
	}
	runtime.KeepAlive(f) // whoever asks for the document as it is meanwhile is given the same
	return len(p), nil
}
