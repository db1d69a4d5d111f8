package serve

import (
	"net"
	"sync"
)

// door lets in a bounded number of connections at once. Others wait in the queue of the kernel.
type door struct {
	net.Listener
	covered bool // by TLS, so that what is read and written is not HTTP
	places  chan struct{}
	closed  chan struct{}
	once    sync.Once
}

func newDoor(l net.Listener, places int, covered bool) *door {
	return &door{Listener: l, covered: covered, places: make(chan struct{}, places), closed: make(chan struct{})}
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
	bound(c)
	leave := sync.OnceFunc(func() { <-d.places })
	if d.covered {
		return &placed{c, leave}, nil
	}
	return &conn{placed: placed{c, leave}}, nil
}

// Close ends Accept too.
func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Listener.Close()
}

// open is how many connections there are, once nobody is in Accept.
func (d *door) open() int { return len(d.places) }

// placed is a connection that gives its place away when it is closed.
type placed struct {
	net.Conn
	leave func()
}

// Close gives the place away.
func (p *placed) Close() error {
	defer p.leave()
	return p.Conn.Close()
}
