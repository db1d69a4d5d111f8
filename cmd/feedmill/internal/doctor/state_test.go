package doctor_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/doctor"
	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// TestWhatACacheKeepsIsFound has a cache show what was before an article came.
func TestWhatACacheKeepsIsFound(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	old := fetched(httptest.NewRequest(http.MethodGet, "/world.atom", nil), n.origin)
	write(t, filepath.Join(n.config.Dir, "articles", "c.txt"), "Third article\nDate: 2026-11-22 06:00\n\nIt has a paragraph of its own, which ends with a full stop.")
	n.appears(t, "Third article")
	n.behave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/world.atom" || r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != "" {
			n.origin.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Age", "7200")
		pass(w, old)
	}))
	same(t, lines(n, n.examine(t, nil, "world")), []string{
		"error /world.atom: Is not what is published: it lacks 1 article and shows 1 article that left the feed; a cache says it is 7200 s old.",
	})
}

// TestAnotherBaseURLIsFound has base_url changed in the file, and not yet in what is published.
func TestAnotherBaseURLIsFound(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	n.config.BaseURL = strings.Replace(n.config.BaseURL, "127.0.0.1", "localhost", 1)
	got := lines(n, n.examine(t, nil, "world"))
	if len(got) == 0 || got[0] != "error /world.atom /world.json /world.rss /world/full.atom: Names another address as its own: http://HOST/world.atom." {
		t.Errorf("found %q", got)
	}
}

// appears waits until an article is in the feed.
func (n *newsroom) appears(t *testing.T, title string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		now := fetched(httptest.NewRequest(http.MethodGet, "/world.atom", nil), n.origin)
		if strings.Contains(now.Body.String(), title) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the article does not appear")
		}
	}
}

// TestWhatIsPublishedMeanwhileIsNoTrouble has a document change between the look at the state and that at the address.
func TestWhatIsPublishedMeanwhileIsNoTrouble(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	s, err := sqlite.Open(t.Context(), n.config.State)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := fetch.New(time.Now, slog.New(slog.DiscardHandler))
	defer client.Close()
	d := doctor.Doctor{Config: n.config, Records: before{s}, Client: client, Now: time.Now}
	report, err := d.Examine(t.Context(), "world")
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines(n, report), nil)
}

// before is a state of before the last refresh.
type before struct{ *store.Store }

func (b before) LiveDocuments(ctx context.Context, serial int64) ([]store.Document, error) {
	docs, err := b.Store.LiveDocuments(ctx, serial)
	for i, d := range docs {
		body, err := d.Bytes()
		if err != nil {
			return nil, err
		}
		docs[i].Document = feed.NewDocument(d.Path, d.Type, d.Modified, bytes.ReplaceAll(body, []byte("Ferry"), []byte("Boat")))
	}
	return docs, err
}
