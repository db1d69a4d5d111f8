package serve

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// door lets in a bounded number of connections at once. Others wait in the queue of the kernel.
type door struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newDoor(l net.Listener, places int) *door {
	return &door{Listener: l, places: make(chan struct{}, places), closed: make(chan struct{})}
}

// Accept waits for a connection and a place for it.
func (d *door) Accept() (net.Conn, error) {
	select {
	case d.places <- struct{}{}:
	case <-d.closed:
		return nil, net.ErrClosed
	}
	c, err := d.Listener.Accept()
	if err != nil {
		<-d.places
		return nil, err
	}
	return &conn{Conn: c, leave: sync.OnceFunc(func() { <-d.places })}, nil
}

// Close ends Accept too.
func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Listener.Close()
}

// open is how many connections there are, once nobody is in Accept.
func (d *door) open() int { return len(d.places) }

// conn is a connection that can send the head of an answer together with its body: net/http would write the first 4 KB and
// then the rest.
type conn struct {
	net.Conn
	leave   func()
	holding bool
	head    []byte // held back
	both    net.Buffers
	parts   [2][]byte
}

type connKey struct{}

// withConn makes a plain connection known to the requests that come over it.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// writeWhole writes a body with the head of its answer at once, as far as the connection can.
func writeWhole(w http.ResponseWriter, r *http.Request, body []byte) {
	c, _ := r.Context().Value(connKey{}).(*conn)
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

// Write holds back the first bytes of an answer that is sent whole, and sends them with the next.
func (c *conn) Write(p []byte) (int, error) {
	if c.holding && len(c.head) == 0 {
		c.head = append(c.head, p...)
		return len(p), nil
	}
	if len(c.head) == 0 {
		return c.Conn.Write(p)
	}
	c.parts = [2][]byte{c.head, p}
	c.both = c.parts[:]
	n, err := c.both.WriteTo(c.Conn)
	n -= int64(len(c.head))
	c.head, c.parts, c.holding = c.head[:0], [2][]byte{}, false
	return max(int(n), 0), err
}

// Close gives the place away.
func (c *conn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
