package s3

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/output/outputtest"
)

func TestSuite(t *testing.T) {
	for _, prefix := range []string{"", "v1", "/feeds/v1/"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			b := newBay(t)
			c := b.config()
			c.Prefix = prefix
			outputtest.Run(t, open(t, c, time.Now), func(path string) ([]byte, bool) {
				for _, mediaType := range []string{feed.TypeHTML, feed.TypeRSS} {
					if _, body, ok := b.get(t, c.folder()+feed.FileName(path, mediaType)); ok && (mediaType == feed.TypeHTML || !strings.HasSuffix(path, "/")) {
						return []byte(body), true
					}
				}
				return nil, false
			})
		})
	}
}

// TestHeaders asserts all that a document is put with.
func TestHeaders(t *testing.T) {
	for _, test := range []struct {
		name    string
		private bool
		doc     feed.Document
		key     string
		cache   string
	}{
		{"a feed", false, rss("world.rss", "<rss/>"), "world.rss", "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"},
		{"a page", false, page("world/", "page"), "world/index.html", "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"},
		{"the index", false, page("", "page"), "index.html", "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"},
		{"a picture", false, media("abc-a.png", "png"), "media/abc-a.png", "public, max-age=31536000, immutable"},
		{"a private feed", true, rss("world.rss", "<rss/>"), "world.rss", "private, max-age=300"},
		{"a picture of a private feed", true, media("abc-a.png", "png"), "media/abc-a.png", "private, max-age=31536000, immutable"},
		{"nothing in it", false, rss("empty.rss", ""), "empty.rss", "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBay(t)
			o, err := New(b.config(), test.private, time.Now, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			publish(t, o, test.doc)
			h := b.headers(test.key)
			for name, want := range map[string]string{
				"Content-Type": test.doc.Type, "Cache-Control": test.cache, "Content-Encoding": "", "Transfer-Encoding": "",
				"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "X-Amz-Decoded-Content-Length": "",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("put with %s: %q, want %q", name, got, want)
				}
			}
			header, body, ok := b.get(t, test.key)
			want, err := test.doc.Bytes()
			if !ok || err != nil || body != string(want) {
				t.Errorf("it holds %q (%v, %v)", body, ok, err)
			}
			if header.Get("Content-Type") != test.doc.Type || header.Get("Content-Encoding") != "" {
				t.Errorf("it is answered with %v", header)
			}
		})
	}
}

// TestPutOnlyWhatDiffers counts requests.
func TestPutOnlyWhatDiffers(t *testing.T) {
	b, c := newBay(t), newClock()
	o := open(t, b.config(), c.now)
	asks := func(o *Output, docs []feed.Document, want ...string) {
		t.Helper()
		publish(t, o, docs...)
		got := b.took()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	}
	docs := []feed.Document{rss("world.rss", "one"), rss("world.atom", "one"), media("a.png", "png")}
	asks(o, docs, "HEAD media/a.png", "HEAD world.atom", "HEAD world.rss", "PUT media/a.png", "PUT world.atom", "PUT world.rss")
	asks(o, docs)
	docs[0] = rss("world.rss", "two")
	asks(o, docs, "PUT world.rss")

	asks(open(t, b.config(), c.now), docs, "HEAD media/a.png", "HEAD world.atom", "HEAD world.rss")
	c.pass(remembered + time.Minute)
	asks(o, docs, "HEAD media/a.png", "HEAD world.atom", "HEAD world.rss")

	// Equal bytes with other headers are something else.
	docs[1].Type = feed.TypeAtom
	asks(o, docs, "PUT world.atom")
	private, err := New(b.config(), true, c.now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	asks(private, docs[:1], "HEAD world.rss", "PUT world.rss")

	// What somebody else put there bears no mark.
	if _, err := b.store.DeleteObject(bucket, "world.rss"); err != nil { // or the fake keeps it
		t.Fatal(err)
	}
	if _, err := b.store.PutObject(bucket, "world.rss", map[string]string{}, strings.NewReader("odd"), 3, nil); err != nil {
		t.Fatal(err)
	}
	asks(open(t, b.config(), c.now), docs[:1], "HEAD world.rss", "PUT world.rss")
	b.holds(t, "world.rss", "two")

	// What was removed is put again.
	if err := o.Publish(t.Context(), feed.Release{Removed: []string{"world.atom"}}); err != nil {
		t.Fatal(err)
	}
	asks(o, docs[1:2], "DELETE world.atom", "HEAD world.atom", "PUT world.atom")
}

func TestMarksAreBounded(t *testing.T) {
	m := marks{now: newClock().now}
	for i := range 3 * mostMarks {
		m.set(strings.Repeat("x", i%100)+string(rune('a'+i%26))+string(rune(i)), "mark")
	}
	if len(m.held) > mostMarks {
		t.Errorf("%d marks are held", len(m.held))
	}
}

// TestOrder looks at what lies in the bucket whenever something is put.
func TestOrder(t *testing.T) {
	b := newBay(t)
	o := open(t, b.config(), time.Now)
	publish(t, o, page("world/a/old", "old"))
	b.took()
	r := feed.Release{
		Documents: []feed.Document{
			page("", "index"), page("world/", "page"), rss("world.rss", "x"), rss("world.atom", "x"), page("world/a/new", "x"),
			rss("world/archive/1.atom", "x"), media("a.png", "x"), media("b.png", "x"), rss("opml", "x"),
		},
		Removed: []string{"world/a/old"},
	}
	if err := o.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	steps := [][]string{
		{"PUT media/a.png", "PUT media/b.png"}, {"PUT world/a/new/index.html", "PUT world/archive/1.atom"},
		{"PUT world.atom", "PUT world.rss"}, {"PUT world/index.html"}, {"PUT index.html", "PUT opml"}, {"DELETE world/a/old/index.html"},
	}
	puts := slices.DeleteFunc(b.took(), func(line string) bool { return strings.HasPrefix(line, "HEAD") })
	for _, step := range steps {
		got := slices.Clone(puts[:min(len(step), len(puts))])
		slices.Sort(got)
		if !slices.Equal(got, step) {
			t.Fatalf("%q comes where %q should", got, step)
		}
		puts = puts[len(step):]
	}
}

func TestDocumentBeatsRemoval(t *testing.T) {
	b := newBay(t)
	o := open(t, b.config(), time.Now)
	if err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{rss("world.rss", "x")}, Removed: []string{"world.rss"}}); err != nil {
		t.Fatal(err)
	}
	b.holds(t, "world.rss", "x")
}

// TestUnfitNames publishes names that lead elsewhere; what is fit beside them is put.
func TestUnfitNames(t *testing.T) {
	b := newBay(t)
	c := b.config()
	c.Prefix = "v1"
	o := open(t, c, time.Now)
	for _, path := range []string{"../outside.rss", "a/../../outside.rss", "/etc/x.rss", "a//b.rss", "./a.rss", "a\\b.rss", "nul\x00.rss", "broken\xff.rss", ""} {
		good := rss("good.rss", "good "+path)
		err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{rss(path, "bad"), good}})
		if feed.ClassOf(err) != feed.Internal {
			t.Errorf("Publish(%q) = %v (%s)", path, err, feed.ClassOf(err))
		}
		b.holds(t, "v1/good.rss", "good "+path)
		if path == "" {
			continue // it is the index when only the path is known
		}
		if err := o.Publish(t.Context(), feed.Release{Removed: []string{path}}); err == nil {
			t.Errorf("Removed %q is accepted", path)
		}
	}
	if names := b.names(t); !slices.Equal(names, []string{"v1/good.rss"}) {
		t.Errorf("the bucket has %q", names)
	}
}

// endless has so many bytes without holding them.
type endless struct{ size, at int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.at == e.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.size-e.at)
	for i := range p[:n] {
		p[i] = byte(e.at+int64(i)) ^ byte((e.at+int64(i))>>8)
	}
	e.at += n
	return int(n), nil
}

func (e *endless) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		e.at = offset
	case io.SeekEnd:
		e.at = e.size + offset
	}
	return e.at, nil
}

func (e *endless) Close() error { return nil }

// TestLarge puts a file that is not in memory, in one request, again from its beginning after the connection broke.
func TestLarge(t *testing.T) {
	b := newBay(t)
	const size = 40 << 20
	broken := false
	b.guard(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || broken {
			return false
		}
		broken = true
		_, _ = io.CopyN(io.Discard, r.Body, 10<<20)
		panic(http.ErrAbortHandler)
	})
	doc := feed.Document{Path: "media/show.mp3", Type: "audio/mpeg", ETag: `"show"`, Modified: modified, Size: size, Fixed: true,
		Open: func() (io.ReadSeekCloser, error) { return &endless{size: size}, nil }}
	publish(t, open(t, b.config(), time.Now), doc)
	if got := b.took(); !slices.Equal(got, []string{"HEAD media/show.mp3", "PUT media/show.mp3", "PUT media/show.mp3"}) {
		t.Errorf("asked %q", got)
	}
	want, _ := io.ReadAll(&endless{size: size})
	if _, body, _ := b.get(t, "media/show.mp3"); !bytes.Equal([]byte(body), want) {
		t.Errorf("it holds other bytes, %d of them", len(body))
	}
}

// TestBrokenDocument keeps what lies there, and is nobody else's trouble.
func TestBrokenDocument(t *testing.T) {
	b := newBay(t)
	o := open(t, b.config(), time.Now)
	publish(t, o, rss("world.rss", "old"))
	short := rss("world.rss", "cut short")
	short.Size++
	unread := rss("world.rss", "new")
	unread.Open = func() (io.ReadSeekCloser, error) { return nil, errors.New("gone") }
	stops := rss("world.rss", strings.Repeat("x", 1<<20))
	stops.Open = func() (io.ReadSeekCloser, error) { return &failing{endless{size: stops.Size}}, nil }
	for i, doc := range []feed.Document{short, unread, stops} {
		for range mostFailures + 1 {
			other := rss("other.rss", "text "+strings.Repeat("x", i))
			err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{doc, other}})
			if feed.ClassOf(err) != feed.Internal || !strings.Contains(err.Error(), `read document "world.rss"`) {
				t.Errorf("Publish = %v (%s)", err, feed.ClassOf(err))
			}
			b.holds(t, "world.rss", "old")
			b.holds(t, "other.rss", "text "+strings.Repeat("x", i))
		}
	}
}

// failing breaks in the middle.
type failing struct{ endless }

func (f *failing) Read(p []byte) (int, error) {
	if f.at > f.size/2 {
		return 0, errors.New("the disk is away")
	}
	return f.endless.Read(p)
}
