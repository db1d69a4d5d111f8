package feed_test

import (
	"strings"
	"testing"

	"feedmill/feed"
)

func TestTraceTellsPlacesInOrder(t *testing.T) {
	var trace feed.Trace
	trace.Add("title", "h2")
	trace.Add("content", ".full,\n .teaser")
	trace.Add("title", "meta og:title")
	trace.Add("link", "")
	var got []string
	for word, place := range trace.All() {
		got = append(got, word+"="+place)
	}
	if want := "title=h2|content=.full, .teaser|title=meta og:title"; strings.Join(got, "|") != want {
		t.Errorf("the trace tells %q, want %q", strings.Join(got, "|"), want)
	}
}

func TestTraceIsBounded(t *testing.T) {
	var trace feed.Trace
	for range 10_000 {
		trace.Add("title", strings.Repeat("é", 10_000))
	}
	if len(trace) > 5000 {
		t.Errorf("a trace has %d bytes", len(trace))
	}
	for _, place := range trace.All() {
		if !strings.HasSuffix(place, "é…") {
			t.Fatalf("a place that is too long is cut to %q", place)
		}
	}
}
