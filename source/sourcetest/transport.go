package sourcetest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"

	"feedmill/feed/fetch"
)

// Transport reaches the site without sockets: every host is the site. Each request runs the handler in a goroutine that
// ends with the body: a handler must stop when it cannot write.
func (s *Site) Transport() http.RoundTripper { return inProcess{s} }

// Option makes a [fetch.Client] reach the site without sockets. Its guard against private addresses is not asked then.
func (s *Site) Option() fetch.Option {
	return fetch.WithTransport(func(http.RoundTripper) http.RoundTripper { return s.Transport() })
}

type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	read, write := io.Pipe()
	w := &writer{header: http.Header{}, body: write, begun: make(chan struct{})}
	ctx, cancel := context.WithCancel(r.Context())
	inside := r.Clone(ctx)
	inside.Host, inside.RequestURI = r.URL.Host, r.URL.RequestURI()
	if inside.Body == nil {
		inside.Body = http.NoBody
	}
	stop := context.AfterFunc(ctx, func() {
		_ = read.CloseWithError(context.Cause(ctx)) // it is always nil
	})
	body := &responseBody{PipeReader: read, end: func() { stop(); cancel() }}
	go w.run(p.handler, inside)
	select {
	case <-w.begun:
	case <-ctx.Done():
		body.end()
		return nil, ctx.Err()
	}
	if w.broken != nil {
		body.end()
		return nil, w.broken
	}
	length, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		length = -1
	}
	return &http.Response{
		StatusCode: w.status, Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: length, Request: r,
	}, nil
}

// responseBody ends the handler when it is closed.
type responseBody struct {
	*io.PipeReader
	end func()
}

func (b *responseBody) Close() error {
	b.end()
	return b.PipeReader.Close()
}

// writer is what the handler writes to.
type writer struct {
	header http.Header
	body   *io.PipeWriter
	wrote  int64

	once   sync.Once
	begun  chan struct{} // closed when status and header, or broken, are there
	status int
	sent   http.Header
	broken error // the handler gave up before it answered
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.body.Write(p)
	w.wrote += int64(n)
	return n, err
}

// Flush is part of [http.Flusher]; nothing is held back here.
func (w *writer) Flush() { w.WriteHeader(http.StatusOK) }

// run answers a request, and breaks the answer off as a server would.
func (w *writer) run(h http.Handler, r *http.Request) {
	var end error
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			end = io.ErrUnexpectedEOF
			w.once.Do(func() { w.broken = io.EOF; close(w.begun) })
		}
		w.WriteHeader(http.StatusOK)
		declared, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
		if err == nil && w.wrote < declared && w.status == http.StatusOK {
			end = io.ErrUnexpectedEOF
		}
		_ = w.body.CloseWithError(end) // it is always nil
	}()
	h.ServeHTTP(w, r)
}
