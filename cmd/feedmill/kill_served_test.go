package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"time"
)

// subscriber reads what the daemon serves. A request that fails or breaks off proves nothing: the daemon was killed. Every
// answer that came through whole must be good.
type subscriber struct {
	witness *witness
	base    string
	client  http.Client

	tags    map[string]string               // path → the entity tag last seen
	sums    map[[2]string][sha256.Size]byte // path and entity tag → body
	seen    map[string]bool                 // paths that have been answered
	answers int
	same    int // answers of 304
}

func newSubscriber(w *witness, base string) *subscriber {
	return &subscriber{
		witness: w, base: base, tags: map[string]string{}, sums: map[[2]string][sha256.Size]byte{}, seen: map[string]bool{},
		client: http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}},
	}
}

// read asks for one document after another until ctx ends.
func (s *subscriber) read(ctx context.Context) {
	for turn := 0; ctx.Err() == nil; turn++ {
		format := formats[turn%len(formats)]
		s.ask(ctx, "world."+format, turn%2 == 0, turn%4 == 1)
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *subscriber) ask(ctx context.Context, path string, compressed, conditional bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/"+path, nil)
	if err != nil {
		s.witness.t.Error(err)
		return
	}
	coding := "identity"
	if compressed {
		coding = "gzip"
	}
	request.Header.Set("Accept-Encoding", coding)
	key := path + " " + coding
	asked := s.tags[key]
	if conditional && asked != "" {
		request.Header.Set("If-None-Match", asked)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return
	}
	s.answers++
	tag := response.Header.Get("ETag")
	switch {
	case response.StatusCode == http.StatusNotModified && tag == asked:
		s.same++
	case response.StatusCode == http.StatusOK && tag != "":
		s.take(path, key, tag, body, response.Header.Get("Content-Encoding") == "gzip")
	case !s.seen[path] && response.StatusCode == http.StatusServiceUnavailable: // nothing has been published yet
	default:
		s.witness.t.Errorf("GET %s: %s, ETag %s; the last one was %s", path, response.Status, tag, asked)
	}
}

func (s *subscriber) take(path, key, tag string, body []byte, compressed bool) {
	sum := sha256.Sum256(body)
	if before, ok := s.sums[[2]string{key, tag}]; ok && before != sum {
		s.witness.t.Errorf("GET %s: two bodies have one ETag %s", key, tag)
	}
	s.sums[[2]string{key, tag}], s.tags[key], s.seen[path] = sum, tag, true
	if compressed {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(r)
		}
		if err != nil {
			s.witness.t.Errorf("GET %s: %v", key, err)
			return
		}
	}
	s.witness.served(path, body)
}
