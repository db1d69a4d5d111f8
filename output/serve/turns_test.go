package serve

import (
	"context"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/turns"
)

// TestPublishInTurn holds the only turn: what was published before is answered, what is published now waits for it, and no
// longer than it may.
func TestPublishInTurn(t *testing.T) {
	server := New("", quiet())
	free := turns.New(1)
	server.SetTurns(free)
	server.SetFeeds(aged(map[string]time.Duration{"world": time.Minute}))
	release := func(body string) feed.Release {
		return feed.Release{Feed: "world", Documents: []feed.Document{feed.NewDocument("world.rss", feed.TypeRSS, modified, []byte(body))}}
	}
	publish(t, server, release("first"))
	s := start(t, server)
	shows := func(want string) {
		t.Helper()
		res := s.get(t, "/world.rss", "Accept-Encoding", "gzip")
		if got := string(expand(t, res.Header.Get("Content-Encoding"), res.body)); got != want {
			t.Errorf("the feed is %q, want %q", got, want)
		}
	}
	held, err := free.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shows("first")
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond) // less than a turn counts at most
	defer stop()
	if err := server.Publish(ctx, release("second")); err == nil {
		t.Error("a document was compressed without a turn")
	}
	shows("first")
	held.End()
	publish(t, server, release("second"))
	shows("second")
}
