package feed_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"feedmill/feed"
)

func TestDocument(t *testing.T) {
	at := time.Date(2026, 11, 24, 6, 0, 0, 5, time.FixedZone("", 3600))
	d := feed.NewDocument("world.rss", feed.TypeRSS, at, []byte("<rss/>"))
	if !d.Modified.Equal(at.Truncate(time.Second)) || d.Size != 6 {
		t.Errorf("the document is %+v", d)
	}
	for range 2 {
		if body, err := d.Bytes(); err != nil || string(body) != "<rss/>" {
			t.Errorf("it holds %q, %v", body, err)
		}
	}
	if same := feed.NewDocument("other", "x", time.Time{}, []byte("<rss/>")); same.ETag != d.ETag {
		t.Error("equal bytes have different tags")
	}
	if other := feed.NewDocument("world.rss", feed.TypeRSS, at, []byte("<rss />")); other.ETag == d.ETag {
		t.Error("other bytes have the same tag")
	}
	d.Size = 7
	if _, err := d.Bytes(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a document shorter than it says gives %v", err)
	}
}

func TestFileName(t *testing.T) {
	for _, c := range []struct{ path, mediaType, want string }{
		{"world.rss", feed.TypeRSS, "world.rss"},
		{"", feed.TypeHTML, "index.html"},
		{"world/", feed.TypeHTML, "world/index.html"},
		{"world/a/slug", feed.TypeHTML, "world/a/slug/index.html"},
	} {
		if got := feed.FileName(c.path, c.mediaType); got != c.want {
			t.Errorf("%s lies at %s, want %s", c.path, got, c.want)
		}
	}
}

func TestClass(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("read x: %w", feed.Classify(feed.Unreadable, cause))
	if feed.ClassOf(err) != feed.Unreadable || !errors.Is(err, cause) {
		t.Errorf("%v has class %s", err, feed.ClassOf(err))
	}
	if feed.ClassOf(cause) != feed.Internal || feed.ClassOf(nil) != "" || feed.Classify(feed.Gone, nil) != nil {
		t.Error("an error without class is not internal, or nil has one")
	}
	p := &feed.Problem{Where: "a.md", Line: 3, Err: cause}
	if p.Error() != "a.md:3: cause" || !errors.Is(p, cause) {
		t.Errorf("the problem says %v", p)
	}
}
