package doctor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestTheSiteIsLookedAt has an index that offers a list of feeds.
func TestTheSiteIsLookedAt(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	const list = `<?xml version="1.0"?><opml version="2.0"><head><title>F</title></head><body><outline type="rss" text="W" xmlUrl="https://f.example/world.rss"/></body></opml>`
	for _, c := range []struct {
		name, index, list, listType string
		want                        []string
	}{
		{name: "well", index: `<a type="text/x-opml" href="opml">all</a>`, list: list, listType: "text/x-opml; charset=utf-8"},
		{name: "another type", index: `<a type="text/x-opml" href="/opml">all</a>`, list: list, listType: "text/xml",
			want: []string{"warning /opml: Is sent as text/xml, not as text/x-opml."}},
		{name: "half a list", index: `<link type="text/x-opml" href="/opml">`, list: list[:120], listType: "text/x-opml", want: []string{"error /opml: Is no good list of feeds as it arrives: "}},
		{name: "no index", want: []string{"error /: Answers 404 Not Found, though it is published."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.behave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/" && c.index == "":
					w.WriteHeader(http.StatusNotFound)
				case r.URL.Path == "/":
					w.Header().Set("Content-Type", "text/html")
					fmt.Fprint(w, c.index)
				case r.URL.Path == "/opml":
					w.Header().Set("Content-Type", c.listType)
					fmt.Fprint(w, c.list)
				default:
					n.origin.ServeHTTP(w, r)
				}
			}))
			got := lines(n, n.examine(t, nil))
			for i := range got {
				if i < len(c.want) && strings.HasSuffix(c.want[i], ": ") && strings.HasPrefix(got[i], c.want[i]) {
					got[i] = c.want[i]
				}
			}
			same(t, got, c.want)
		})
	}
}

// TestManyFeedsAreAskedForOnceEach has more feeds than are looked at from all sides.
func TestManyFeedsAreAskedForOnceEach(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	for i := range 25 {
		f := n.config.Feeds[0]
		f.Key = fmt.Sprintf("none%d", i)
		n.config.Feeds = append(n.config.Feeds, f)
	}
	n.behave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/world.rss" {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		n.origin.ServeHTTP(w, r)
	}))
	report := n.examine(t, nil)
	got := lines(n, report)
	if len(got) < 2 || !strings.HasPrefix(got[0], "note : These are 27 feeds") || got[1] != "error /world.rss: Answers 502 Bad Gateway." {
		t.Errorf("got %q", got)
	}
	if report.Requests > 30 {
		t.Errorf("%d requests for two feeds that are published", report.Requests)
	}
}
