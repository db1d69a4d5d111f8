package s3

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"feedmill/feed"
)

var modified = time.Date(2026, 11, 20, 6, 30, 15, 0, time.UTC)

func rss(path, body string) feed.Document {
	return feed.NewDocument(path, feed.TypeRSS, modified, []byte(body))
}

func page(path, body string) feed.Document {
	return feed.NewDocument(path, feed.TypeHTML, modified, []byte(body))
}

func media(name, body string) feed.Document {
	d := feed.NewDocument("media/"+name, "image/png", modified, []byte(body))
	d.Fixed = true
	return d
}

const bucket = "feeds"

// bay is a server with a bucket, behind a door that takes down what is asked and may answer itself.
type bay struct {
	*httptest.Server
	store *s3mem.Backend

	mu    sync.Mutex
	asked []*http.Request // GET is for the region only and not among them
	// door answers a request instead of the server when it returns true. Of a request that it let through, it may have read
	// all or nothing.
	door func(http.ResponseWriter, *http.Request) bool
	gone chan struct{} // closed in the end
}

// hangs is a door that never answers.
func (b *bay) hangs(http.ResponseWriter, *http.Request) bool {
	<-b.gone
	return true
}

func newBay(t testing.TB) *bay {
	b := &bay{store: s3mem.New(), gone: make(chan struct{})}
	if err := b.store.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	server := gofakes3.New(b.store).Server()
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		if r.Method != http.MethodGet {
			b.asked = append(b.asked, r.Clone(t.Context()))
		}
		door := b.door
		b.mu.Unlock()
		if door == nil || !door(w, r) {
			server.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() {
		close(b.gone)
		b.CloseClientConnections()
		b.Close()
	})
	return b
}

func (b *bay) guard(door func(http.ResponseWriter, *http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.door = door
}

// took are the requests since the last call, as "PUT world.rss".
func (b *bay) took() (lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.asked {
		lines = append(lines, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/"+bucket+"/"))
	}
	b.asked = nil
	return lines
}

// headers are those of the last request to put a name.
func (b *bay) headers(name string) http.Header {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range slices.Backward(b.asked) {
		if r.Method == http.MethodPut && r.URL.Path == "/"+bucket+"/"+name {
			return r.Header
		}
	}
	return nil
}

// get reads an object as anybody on the web would.
func (b *bay) get(t testing.TB, name string) (http.Header, string, bool) {
	t.Helper()
	address := url.URL{Scheme: "http", Host: strings.TrimPrefix(b.URL, "http://"), Path: "/" + bucket + "/" + name}
	res, err := http.Get(address.String())
	if err != nil {
		t.Error(err)
		return nil, "", false
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.Header, string(body), res.StatusCode == http.StatusOK
}

func (b *bay) holds(t testing.TB, name, want string) {
	t.Helper()
	if _, body, ok := b.get(t, name); !ok || body != want {
		t.Errorf("%s holds %.60q (%v), want %.60q", name, body, ok, want)
	}
}

// names are all objects of the bucket.
func (b *bay) names(t testing.TB) (names []string) {
	t.Helper()
	list, err := b.store.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Contents {
		names = append(names, c.Key)
	}
	slices.Sort(names)
	return names
}

func (b *bay) config() Config {
	return Config{Endpoint: b.URL, Region: "us-east-1", Bucket: bucket, AccessKey: "the-access-key", SecretKey: "hunter2hunter2"}
}

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: modified} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func open(t testing.TB, c Config, now func() time.Time) *Output {
	t.Helper()
	o, err := New(c, false, now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func publish(t testing.TB, o *Output, docs ...feed.Document) {
	t.Helper()
	if err := o.Publish(t.Context(), feed.Release{Feed: "world", Documents: docs}); err != nil {
		t.Fatal(err)
	}
}

// refuses publishes what is not taken, and checks that neither the error nor the log tells a key.
func refuses(t testing.TB, o *Output, r feed.Release) error {
	t.Helper()
	var log bytes.Buffer
	o.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	err := o.Publish(t.Context(), r)
	if err == nil {
		t.Fatal("it is published")
	}
	for _, secret := range []string{o.config.SecretKey.Reveal(), o.config.AccessKey.Reveal()} {
		if strings.Contains(err.Error()+log.String(), secret) {
			t.Errorf("a key is shown: %v %s", err, log.String())
		}
	}
	return err
}
