package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rogpeppe/go-internal/testscript"
)

// puts is a server's account of what was put: the path, the type and the time in caches, in their order.
type puts struct {
	server http.Handler
	mu     sync.Mutex
	lines  string
	hangs  bool // every request but to say so
	ended  chan struct{}
}

func (p *puts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case r.URL.Path == "/hang":
		p.hangs = true
		return
	case p.hangs:
		p.mu.Unlock()
		<-p.ended
		p.mu.Lock()
		return
	case r.URL.Path == "/puts":
		_, _ = fmt.Fprint(w, p.lines)
		return
	case r.Method == http.MethodPut:
		h := r.Header
		p.lines += fmt.Sprintf("%s | %s | %s | %s%s\n", r.URL.Path, h.Get("Content-Type"), h.Get("Cache-Control"),
			h.Get("X-Amz-Content-Sha256"), h.Get("Content-Encoding"))
	}
	p.server.ServeHTTP(w, r)
}

// bucket PORT serves an empty bucket named feeds on that port of loopback, and at /puts what was put. Who asks for /hang makes
// it answer no more.
func bucket(ts *testscript.TestScript, _ bool, args []string) {
	store := s3mem.New()
	ts.Check(store.CreateBucket("feeds"))
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	p := &puts{server: gofakes3.New(store).Server(), ended: make(chan struct{})}
	serve(ts, l, p)
	ts.Defer(func() { close(p.ended) })
}

// serve answers until the script ends.
func serve(ts *testscript.TestScript, l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // until it is closed
	}()
	ts.Defer(func() {
		_ = server.Close()
		<-ended
	})
}

// picture FILE makes a photograph, an hour old.
func picture(ts *testscript.TestScript, _ bool, files []string) {
	for _, file := range files {
		ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(file)), 0o755))
		ts.Check(os.WriteFile(ts.MkAbs(file), photograph(7), 0o644))
	}
	age(ts, false, files)
}
