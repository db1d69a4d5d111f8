package fetch

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

func TestRecordAndReplay(t *testing.T) {
	n := 0
	packed := pack(t, "gzip", strings.NewReader("packed body"))
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "hidden=1")
		w.Header().Set("ETag", `"1"`)
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/packed", http.StatusMovedPermanently)
		case "/packed":
			if r.Header.Get("If-None-Match") != "" {
				t.Error("a recorder asks with conditions")
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "cut")
		case "/post":
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(append(body, '!'))
		default:
			n++
			_, _ = io.WriteString(w, strings.Repeat("n", n))
		}
	})
	dir := t.TempDir()
	cfg := config(s)
	cfg.Headers = map[string]setting.Secret{"X-Key": "hidden"}
	cfg.Cookies = map[string]setting.Secret{"c": "hidden"}
	cfg.Auth = Auth{"hidden", "hidden"}
	play := func(c *Client, now *clock) string {
		var out strings.Builder
		m := newMemory()
		for _, r := range []Request{
			{URL: s.URL + "/moved"}, {URL: s.URL + "/moved"}, {URL: s.URL + "/cut"}, {URL: s.URL + "/count?key=hidden"}, {URL: s.URL + "/count?key=hidden"},
			{URL: s.URL + "/post", Method: "POST", Body: []byte("1")}, {URL: s.URL + "/post", Method: "POST", Body: []byte("2")},
		} {
			r.Config = cfg
			a, err := c.Get(t.Context(), m, r)
			if err != nil {
				out.WriteString(err.Error() + "\n")
			} else {
				a.Remember(m)
				out.WriteString(strings.TrimPrefix(a.URL, s.URL) + " " + string(a.Body) + "\n")
			}
			now.pass(time.Minute)
		}
		return out.String()
	}
	now := newClock()
	recorded := play(New(now.now, quiet(), WithTransport(Record(dir))), now)
	if !strings.Contains(recorded, "/packed packed body\n/packed \n") || !strings.Contains(recorded, " nn\n") || !strings.Contains(recorded, "1!\n/post 2!") {
		t.Errorf("while recording:\n%s", recorded)
	}
	s.Close()
	if replayed := play(New(now.now, quiet(), WithTransport(Replayed(dir))), now); replayed != recorded {
		t.Errorf("replayed:\n%swant\n%s", replayed, recorded)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.http"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || strings.Contains(string(text), "hidden") || strings.Contains(f, "hidden") {
			t.Errorf("%s shows a secret (%v):\n%s", f, err, text)
		}
	}
	_, err = New(now.now, quiet(), WithTransport(Replayed(dir))).Get(t.Context(), nil, Request{URL: s.URL + "/other", Config: cfg})
	refused(t, err, feed.Unavailable, "--record")
}
