package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

func TestPost(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		body, _ := io.ReadAll(r.Body)
		for name, want := range map[string]string{"Content-Type": "application/json", "X-Sum": "sha", "User-Agent": "us", "Authorization": "", "X-Source": "", "Cookie": ""} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if r.Method != http.MethodPost || string(body) != `{"a":1}` {
			t.Errorf("got %s %s", r.Method, body)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer s.Close()
	manners := Default()
	manners.UserAgent = "us"
	manners.Headers = map[string]setting.Secret{"X-Source": "a"}
	manners.Cookies = map[string]setting.Secret{"c": "a"}
	manners.Auth = Auth{User: "u", Password: "p"}
	c := newClient()
	// The same message twice is two requests: nothing is shared, and the host's turn is not waited for.
	for range 2 {
		err := c.Post(t.Context(), Message{URL: s.URL, Body: []byte(`{"a":1}`), Header: map[string]setting.Secret{"X-Sum": "sha"}, Config: manners})
		if err != nil {
			t.Error(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestPostFails(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it went elsewhere") }))
	defer elsewhere.Close()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/busy":
			w.WriteHeader(http.StatusTooManyRequests)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/slow":
			<-release
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	defer close(release)
	manners := Default()
	manners.Timeout = setting.Duration(200 * time.Millisecond)
	for address, want := range map[string]struct {
		class feed.Class
		text  string
	}{
		s.URL + "/moved":        {feed.Refused, "answers 307 Temporary Redirect, which leads elsewhere"},
		s.URL + "/busy":         {feed.Throttled, "answers 429 Too Many Requests"},
		s.URL + "/broken":       {feed.Unavailable, "answers 500 Internal Server Error"},
		s.URL + "/slow":         {feed.Unavailable, "did not answer within 200ms"},
		s.URL + "/secret-key":   {feed.Refused, "answers 404 Not Found"},
		"http://127.0.0.1:1/":   {feed.Unavailable, "refuses the connection"},
		"ftp://example.org/":    {feed.Refused, "only http and https"},
		"https://u:p@a.example": {feed.Refused, "user or password"},
	} {
		err := newClient().Post(t.Context(), Message{URL: address, Body: []byte("{}"), Config: manners})
		if err == nil || feed.ClassOf(err) != want.class || !strings.Contains(err.Error(), want.text) || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%s gave %v, of class %s", address, err, feed.ClassOf(err))
		}
	}
}
