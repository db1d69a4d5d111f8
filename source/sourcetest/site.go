// Package sourcetest is a misbehaving web site for tests of sources, and a memory that forgets as the mill's does.
//
// A [Site] answers each path by a script, visit by visit, and keeps a log of what was asked. It is reached over sockets
// ([Site.Serve]) or without ([Site.Transport]), so that simulated weeks pass in seconds and inside of testing/synctest.
// An answer is an [http.HandlerFunc]; those that sites are met with stand in answers.go (misbehaving ones in trouble.go),
// and a feed that lives on in feed.go. A new fault is a function there.
//
// A visit of 25 KB without sockets takes 26 µs (BenchmarkVisit, two busy cores).
//
// Only tests import it. It checks nothing: that is for the tests.
package sourcetest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"feedmill/feed/fetch"
	"feedmill/feed/setting"
)

// Site is an [http.Handler] that answers by scripts. Safe for concurrent use.
type Site struct {
	mu      sync.Mutex
	scripts map[string]*script
	visits  []Visit
}

// script is what one path answers, visit by visit.
type script struct {
	answers []http.HandlerFunc
	visits  int
}

// Visit is one request that came.
type Visit struct {
	Host, Path  string
	Conditional bool // it had validators
	Header      http.Header
}

// NewSite makes a site that knows no path.
func NewSite() *Site { return &Site{scripts: map[string]*script{}} }

// Script says what a path answers: the first visit gets the first answer, and so on; the last one stays. The path is
// "/feed.xml" for every host, or "alice.example/feed.xml" for one. A script that is given again begins anew.
func (s *Site) Script(path string, answers ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scripts[path] = &script{answers: answers}
}

// ServeHTTP answers by the script of the path, with 404 when there is none.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.answer(r)(w, r)
}

func (s *Site) answer(r *http.Request) http.HandlerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()
	conditional := r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != ""
	s.visits = append(s.visits, Visit{Host: r.Host, Path: r.URL.Path, Conditional: conditional, Header: r.Header.Clone()})
	at := s.scripts[r.Host+r.URL.Path]
	if at == nil {
		at = s.scripts[r.URL.Path]
	}
	if at == nil || len(at.answers) == 0 {
		return Status(http.StatusNotFound)
	}
	at.visits++
	return at.answers[min(at.visits, len(at.answers))-1]
}

// Visits are the requests that came for a path, which is written as for [Site.Script], in their order.
func (s *Site) Visits(path string) []Visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Visit
	for _, v := range s.visits {
		if v.Path == path || v.Host+v.Path == path {
			found = append(found, v)
		}
	}
	return found
}

// ForgetVisits empties the log.
func (s *Site) ForgetVisits() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits = nil
}

// Serve serves the site on a loopback port until the test ends, and returns its address without a slash at the end and
// manners that let a source in.
func (s *Site) Serve(t testing.TB) (address string, manners fetch.Config) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	manners = Manners()
	manners.AllowPrivate = []string{server.Listener.Addr().String()}
	return server.URL, manners
}

// Manners are those of an impatient source: no pause between requests, three seconds for each.
func Manners() fetch.Config {
	c := fetch.Default()
	c.Timeout = setting.Duration(3 * time.Second)
	c.PerHost = fetch.PerHost{Concurrency: 8}
	return c
}
