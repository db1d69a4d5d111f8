package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// errLost says that the browser is no more, or no longer talks to us.
var errLost = errors.New("the connection to the browser ended")

// wire carries commands to a browser, and its answers and events back (Chrome DevTools Protocol).
type wire struct {
	transport chromedp.Transport
	lost      chan struct{} // closed when nothing more comes

	mu       sync.Mutex
	last     int64
	waiting  map[int64]chan *cdproto.Message
	sessions map[target.SessionID]func(*cdproto.Message)
}

// newWire reads from t until it ends or is closed.
func newWire(t chromedp.Transport) *wire {
	w := &wire{
		transport: t, lost: make(chan struct{}),
		waiting: map[int64]chan *cdproto.Message{}, sessions: map[target.SessionID]func(*cdproto.Message){},
	}
	go w.read()
	return w
}

func (w *wire) read() {
	defer close(w.lost)
	defer w.transport.Close()
	for {
		m := new(cdproto.Message)
		if w.transport.Read(context.Background(), m) != nil {
			return
		}
		w.mu.Lock()
		answer, hear := w.waiting[m.ID], w.sessions[m.SessionID]
		delete(w.waiting, m.ID)
		w.mu.Unlock()
		switch {
		case m.ID != 0 && answer != nil:
			answer <- m
		case m.ID == 0 && hear != nil:
			hear(m)
		}
	}
}

// hear calls listener with the events of a session, one at a time; it must not wait for answers. The empty session is
// the browser itself. A nil listener ends it.
func (w *wire) hear(session target.SessionID, listener func(*cdproto.Message)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if listener == nil {
		delete(w.sessions, session)
		return
	}
	w.sessions[session] = listener
}

// close ends the wire; read then ends too.
func (w *wire) close() {
	_ = w.transport.Close() // nobody listens
	<-w.lost
}

// write sends a command. answer may be nil.
func (w *wire) write(session target.SessionID, method string, params any, answer chan *cdproto.Message) (id int64, err error) {
	body, err := jsonv2.Marshal(params, chromedp.DefaultMarshalOptions)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", method, err)
	}
	w.mu.Lock()
	w.last++
	id = w.last
	if answer != nil {
		w.waiting[id] = answer
	}
	w.mu.Unlock()
	m := &cdproto.Message{ID: id, SessionID: session, Method: cdproto.MethodType(method), Params: body}
	if w.transport.Write(context.Background(), m) != nil {
		w.forget(id)
		return 0, errLost
	}
	return id, nil
}

func (w *wire) forget(id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, id)
}

// call sends a command and waits for its answer.
func call[P, R any](ctx context.Context, w *wire, session target.SessionID, c cdp.Command[P, R], params P) (R, error) {
	var result R
	answer := make(chan *cdproto.Message, 1)
	id, err := w.write(session, c.Method, params, answer)
	if err != nil {
		return result, err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return result, fmt.Errorf("%s: %w", c.Method, m.Error)
		}
		if err := jsonv2.Unmarshal(m.Result, &result, chromedp.DefaultUnmarshalOptions); err != nil {
			return result, fmt.Errorf("read answer to %s: %w", c.Method, err)
		}
		return result, nil
	case <-w.lost:
		return result, errLost
	case <-ctx.Done():
		w.forget(id)
		return result, ctx.Err()
	}
}

// tell sends a command whose answer does not matter. When it cannot be sent, the wire is lost, which others see.
func tell[P, R any](w *wire, session target.SessionID, c cdp.Command[P, R], params P) {
	_, _ = w.write(session, c.Method, params, nil)
}

// event reads what an event says; ok is false when it is another event or cannot be read.
func event[E any](m *cdproto.Message, e cdp.Event[E]) (said E, ok bool) {
	if string(m.Method) != e.Method {
		return said, false
	}
	return said, jsonv2.Unmarshal(m.Params, &said, chromedp.DefaultUnmarshalOptions) == nil
}

// largestMessage is the most that one message may hold: a page's HTML in JSON, in which a character may take six bytes.
const largestMessage = 96 << 20

// bounded reads messages that end with a zero byte, and fails at one that is too large.
type bounded struct {
	io.ReadCloser
	size int
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for i := n - 1; i >= 0; i-- {
		if p[i] == 0 {
			b.size = n - 1 - i
			return n, err
		}
	}
	if b.size += n; b.size > largestMessage {
		return 0, errors.New("a message of the browser is too large")
	}
	return n, err
}
