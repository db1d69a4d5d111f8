package serve

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

const (
	alice = "alice-0123456789abcdef"
	bob   = "bob-0123456789abcdefgh"
)

// privy makes a server with a public feed, and a private one below its address with the given readers.
func privy(t testing.TB, base string, log *slog.Logger, tokens ...setting.Secret) *Server {
	t.Helper()
	s := New(base, log)
	s.SetFeeds(map[string]Feed{"world": {Age: time.Minute}, "world/inside": {Age: 10 * time.Minute, Readers: let(tokens...)}, "late": {Readers: let(tokens...)}})
	doc := func(path, mediaType string) feed.Document { return feed.NewDocument(path, mediaType, modified, body) }
	publish(t, s, feed.Release{Feed: "world", Documents: []feed.Document{doc("world.rss", feed.TypeRSS), doc("world/", feed.TypeHTML)}})
	publish(t, s, feed.Release{Feed: "world/inside", Documents: []feed.Document{
		doc("world/inside.rss", feed.TypeRSS), doc("world/inside.json", feed.TypeJSON), doc("world/inside/", feed.TypeHTML), doc("world/inside/a/slug", feed.TypeHTML),
	}})
	publish(t, s, feed.Release{Documents: []feed.Document{doc("", feed.TypeHTML)}})
	s.SetPages(func(_ context.Context, path string) (feed.Document, error) {
		switch path {
		case "world/inside/a/old":
			return doc(path, feed.TypeHTML), nil
		case "world/inside/a/gone":
			return feed.Document{}, feed.Classify(feed.Gone, errors.New("taken back"))
		}
		return feed.Document{}, fs.ErrNotExist
	})
	return s
}

// let makes readers named a, b, … of their tokens.
func let(tokens ...setting.Secret) *Readers {
	var readers []Reader
	for i, token := range tokens {
		readers = append(readers, Reader{string(rune('a' + i)), token})
	}
	return NewReaders(readers...)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// TestReaders asks for a private document in every way that a reader may show who it is, and in some that are none.
func TestReaders(t *testing.T) {
	server := privy(t, "", quiet(), alice, bob)
	server.SetProxies(prefixes("127.0.0.1/32"))
	s := start(t, server)
	for i, c := range []struct {
		name, query, field string
		want               int
	}{
		{"nothing", "", "", 401},
		{"address", "?token=" + alice, "", 200},
		{"address of the other", "?token=" + bob, "", 200},
		{"address with more in it", "?utm_source=x&token=" + alice + "&y", "", 200},
		{"two in the address, the first counts", "?token=" + alice + "&token=x", "", 200},
		{"two in the address, the second does not", "?token=x&token=" + alice, "", 401},
		{"other word", "?Token=" + alice, "", 401},
		{"too short", "?token=" + alice[:len(alice)-1], "", 401},
		{"too long", "?token=" + alice + "x", "", 401},
		{"other case", "?token=" + strings.ToUpper(alice), "", 401},
		{"empty", "?token=", "", 401},
		{"both at once", "?token=" + alice + bob, "", 401},
		{"basic", "", basic("alice", alice), 200},
		{"basic with any name", "", basic("", alice), 200},
		{"basic with the token as name", "", basic(alice, ""), 401},
		{"basic with a wrong password", "", basic("alice", "secret"), 401},
		{"basic, empty", "", basic("", ""), 401},
		{"basic, broken", "", "Basic " + alice, 401},
		{"basic in lower case", "", strings.Replace(basic("alice", alice), "B", "b", 1), 200},
		{"bearer", "", "Bearer " + alice, 200},
		{"bearer in lower case", "", "bearer " + alice, 200},
		{"bearer, wrong", "", "Bearer " + alice + "x", 401},
		{"bearer, empty", "", "Bearer ", 401},
		{"without a scheme", "", alice, 401},
		{"other scheme", "", "Digest " + alice, 401},
		{"a stale name beside a good address", "?token=" + bob, basic("alice", "revoked"), 200},
		{"a good name beside a stale address", "?token=revoked", "Bearer " + bob, 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			headers := []string{"X-Forwarded-For", fmt.Sprint("192.0.2.", i)} // each is somebody else
			if c.field != "" {
				headers = append(headers, "Authorization", c.field)
			}
			res := s.do(t, method, "/world/inside.rss"+c.query, headers...)
			if res.StatusCode != c.want {
				t.Errorf("%s: %s gives %d, want %d", c.name, method, res.StatusCode, c.want)
			}
			if c.want == 200 && method == http.MethodGet && !bytes.Equal(res.body, body) {
				t.Errorf("%s: the body differs", c.name)
			}
		}
	}
}

// TestStrangers asks without a token for all there can be below a private feed's address: the answer is the same, and
// tells nothing. What lies beside it stays open.
func TestStrangers(t *testing.T) {
	for _, base := range []string{"", "/v1"} {
		s := start(t, privy(t, base, quiet(), alice))
		etag := s.get(t, base+"/world/inside.rss?token="+alice).Header.Get("Etag")
		var first string
		for _, path := range []string{
			"/world/inside.rss", "/world/inside.json", "/world/inside.atom", "/world/inside.rss/", "/world/inside", "/world/inside/", "/world/inside//",
			"/world/inside/a/slug", "/world/inside/a/slug/", "/world/inside/a/old", "/world/inside/a/gone", "/world/inside/a/none", "/world/inside/archive/1.rss",
			"/world/inside.rss?token=wrong", "/world%2Finside.rss", "/world/%69nside.rss", "/late.rss", "/late", "/late/a/x",
		} {
			for _, headers := range [][]string{nil, {"If-None-Match", etag}, {"If-None-Match", "*"}, {"If-Modified-Since", modified.Format(http.TimeFormat)}, {"Accept-Encoding", "identity;q=0"}, {"Range", "bytes=0-1"}} {
				res := s.get(t, base+path, headers...)
				res.wants(t, 401, "Www-Authenticate", `Basic realm="feeds", charset="UTF-8"`, "Cache-Control", "no-store", "Etag", "", "Last-Modified", "",
					"Location", "", "Link", "", "Vary", "Accept-Encoding, Authorization", "Access-Control-Allow-Origin", "", "X-Content-Type-Options", "nosniff")
				res.Header.Del("Date")
				if got := fmt.Sprintf("%v %s", res.Header, res.body); first == "" {
					first = got
				} else if got != first {
					t.Errorf("%s %v: %s, want as for all others %s", path, headers, got, first)
				}
			}
			s.do(t, http.MethodHead, base+path).wants(t, 401)
		}
		for path, status := range map[string]int{"/": 200, "/world.rss": 200, "/world/": 200, "/world/insider.rss": 404, "/world/a/inside": 404, "/latest.rss": 404, "/world/inside-out.rss": 404} {
			res := s.get(t, base+path)
			res.wants(t, status)
			if strings.Contains(res.Header.Get("Cache-Control"), "private") {
				t.Errorf("%s: %v", path, res.Header)
			}
		}
	}
}

// TestPrivateHeaders reads as a reader does: no cache that others share may keep the answer, and the token stays with the
// one who has it.
func TestPrivateHeaders(t *testing.T) {
	s := start(t, privy(t, "", quiet(), alice))
	full := s.get(t, "/world/inside.rss?token="+alice)
	full.wants(t, 200, "Cache-Control", "private, max-age=600", "Vary", "Accept-Encoding, Authorization, Sec-Fetch-Dest", "X-Robots-Tag", "noindex",
		"Link", `</world/inside.rss>; rel="self"; type="application/rss+xml", </world/inside/>; rel="alternate"; type="text/html"`, "Access-Control-Allow-Origin", "", "Content-Type", feed.TypeRSS)
	s.get(t, "/world/inside.rss?token="+alice, "If-None-Match", full.Header.Get("Etag")).wants(t, 304,
		"Cache-Control", "private, max-age=600", "Vary", "Accept-Encoding, Authorization, Sec-Fetch-Dest", "Etag", full.Header.Get("Etag"))
	for _, path := range []string{"/world/inside/", "/world/inside/a/slug", "/world/inside/a/old"} {
		s.get(t, path, "Authorization", basic("alice", alice)).wants(t, 200, "Cache-Control", "private, max-age=300",
			"Referrer-Policy", "strict-origin", "Vary", "Accept-Encoding, Authorization", "X-Robots-Tag", "noindex", "Content-Security-Policy", contentPolicy[0])
	}
	for path, want := range map[string]int{"/world/inside/a/gone": 410, "/world/inside/a/none": 404, "/world/inside.atom": 404, "/late.rss": 503} {
		s.get(t, path, "Authorization", "Bearer "+alice).wants(t, want, "Cache-Control", "no-store")
	}
	for path, to := range map[string]string{"/world/inside": "/world/inside/", "/world/inside/a/slug/": "/world/inside/a/slug", "/world/inside/a/old/": "/world/inside/a/old"} {
		res := s.get(t, path+"?token="+alice)
		res.wants(t, 301, "Location", to, "Cache-Control", "private, max-age=300", "Vary", "Accept-Encoding, Authorization")
		if strings.Contains(fmt.Sprint(res.Header, string(res.body)), alice) {
			t.Errorf("%s: the token comes back: %v %s", path, res.Header, res.body)
		}
	}
}

// TestRevoked takes readers away, lets others in, and makes the feed public and private again, while its documents stay
// the same. Each holds from the next request on, on a connection that is open already.
func TestRevoked(t *testing.T) {
	server := privy(t, "", quiet(), alice, bob)
	s := start(t, server)
	try := func(token string, want int) {
		t.Helper()
		s.get(t, "/world/inside.rss?token="+token).wants(t, want)
		s.get(t, "/world/inside/a/slug", "Authorization", basic("x", token)).wants(t, want)
	}
	try(alice, 200)
	try(bob, 200)
	server.SetFeeds(map[string]Feed{"world/inside": {Readers: let(bob)}})
	try(alice, 401)
	try(bob, 200)
	s.get(t, "/world/inside.rss", "If-None-Match", "*", "Authorization", "Bearer "+alice).wants(t, 401)
	server.SetFeeds(map[string]Feed{"world/inside": {Readers: let()}})
	try(bob, 401)
	try("", 401)
	server.SetFeeds(map[string]Feed{"world/inside": {}})
	try("", 200)
	server.SetFeeds(map[string]Feed{"world/inside": {Readers: let("", alice)}})
	try("", 401)
	try(alice, 200)
	publish(t, server, feed.Release{Feed: "world/inside", Revision: 2, Documents: []feed.Document{feed.NewDocument("world/inside.rss", feed.TypeRSS, modified, []byte("new"))}})
	s.get(t, "/world/inside.rss").wants(t, 401)
}

// TestTheAddressDecides lays a document of a public feed below a private address: who may read is told by the address
// alone, whichever feed has put a document there.
func TestTheAddressDecides(t *testing.T) {
	server := New("", quiet())
	server.SetFeeds(map[string]Feed{"world": {}, "world/full": {Readers: let(alice)}})
	var documents []feed.Document
	for _, path := range []string{"world.rss", "world/full.rss", "world/full/", "world/a/slug", "world/fuller.rss"} {
		documents = append(documents, feed.NewDocument(path, feed.TypeRSS, modified, body))
	}
	publish(t, server, feed.Release{Feed: "world", Documents: documents})
	s := start(t, server)
	for path, want := range map[string]int{"/world.rss": 200, "/world/a/slug": 200, "/world/fuller.rss": 200, "/world/full.rss": 401, "/world/full/": 401, "/world/full": 401} {
		s.get(t, path).wants(t, want)
	}
	s.get(t, "/world/full.rss?token="+alice).wants(t, 200, "Cache-Control", "private, max-age=60")
}

// TestNoTokenInTheLog makes all that is logged happen.
func TestNoTokenInTheLog(t *testing.T) {
	var log bytes.Buffer
	server := privy(t, "", slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), alice)
	server.SetPages(func(context.Context, string) (feed.Document, error) {
		return feed.Document{}, errors.New("store closed")
	})
	s := start(t, server)
	for _, target := range []string{"/world/inside/a/pay-cut?token=" + alice, "/world/inside.rss?token=" + alice + ";x", "/world/inside.rss?token=wrong-0123456789abcdef", "/nothing?token=" + alice} {
		s.get(t, target)
		s.get(t, target, "Authorization", "Bearer "+alice)
	}
	got := log.String()
	if !strings.Contains(got, "store closed") || !strings.Contains(got, "world/inside/a/…") {
		t.Errorf("the failure is not logged with its feed:\n%s", got)
	}
	for _, secret := range []string{alice, "wrong-", "pay-cut"} {
		if strings.Contains(got, secret) {
			t.Errorf("the log holds %q:\n%s", secret, got)
		}
	}
}

// FuzzToken shows readers anything: they are let in only if the token is really there.
func FuzzToken(f *testing.F) {
	f.Add("token="+alice, "")
	f.Add("", basic("a", alice))
	f.Add("token=%zz&token="+alice, "bEARER  "+alice)
	f.Add("token="+url.QueryEscape("a;b"), "Basic ====")
	readers := let(alice)
	f.Fuzz(func(t *testing.T, query, field string) {
		r := request(http.MethodGet, "/world/inside.rss")
		r.URL.RawQuery = query
		r.Header.Set("Authorization", field)
		if _, known, _ := readers.admit(r); !known {
			return
		}
		plain := field
		if _, coded, ok := strings.Cut(field, " "); ok {
			if decoded, err := base64.StdEncoding.DecodeString(coded); err == nil {
				plain += string(decoded)
			}
		}
		if q, _ := url.QueryUnescape(query); !strings.Contains(q, alice) && !strings.Contains(plain, alice) && !strings.Contains(fmt.Sprint(r.URL.Query()), alice) {
			t.Errorf("%q and %q are let in", query, field)
		}
		if _, known, _ := let(bob).admit(r); known && !strings.Contains(query+plain, bob) {
			t.Errorf("%q and %q are let in by others", query, field)
		}
	})
}

func BenchmarkPrivateNotModified(b *testing.B) {
	tokens := make([]setting.Secret, 1000)
	for i := range tokens {
		tokens[i] = setting.Secret(fmt.Sprintf("reader-%020d", i))
	}
	s, w, r := newsroom(b), newRecorder(), request(http.MethodGet, "/desk/world.rss")
	s.SetFeeds(map[string]Feed{"desk/world": {Readers: let(tokens...)}})
	r.URL.RawQuery = "token=" + tokens[500].Reveal()
	r.Header.Set("If-None-Match", documents(0)[0].ETag)
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		s.ServeHTTP(w, r)
	}
	if w.status != http.StatusNotModified {
		b.Fatalf("status %d", w.status)
	}
}

// TestPart serves documents with readers of their own among those of a feed that everybody may read.
func TestPart(t *testing.T) {
	server := New("", quiet())
	server.SetFeeds(map[string]Feed{"world": {Age: time.Minute}, "world/full": {Age: time.Minute, Readers: let(alice), Part: true}})
	s := start(t, server)
	ask := func(path string, want int) {
		t.Helper()
		if res := s.do(t, http.MethodGet, path); res.StatusCode != want {
			t.Errorf("%s gives %d, want %d", path, res.StatusCode, want)
		}
	}
	ask("/world/full.rss?token="+alice, 503) // nothing is released yet
	ask("/world/full.rss", 401)
	doc := func(path string) feed.Document { return feed.NewDocument(path, feed.TypeRSS, modified, body) }
	publish(t, server, feed.Release{Feed: "world", Documents: []feed.Document{doc("world.rss"), doc("world/full.rss"), doc("world/fuller.rss")}})
	ask("/world.rss", 200)
	ask("/world/fuller.rss", 200)
	ask("/world/full.rss", 401)
	ask("/world/full%2Erss", 401)
	ask("/world/full.rss/", 401)
	ask("/world/full.rss?token="+alice, 200)
	ask("/world/full.atom?token="+alice, 404)
	ask("/world/full?token="+alice, 404)
	server.SetFeeds(map[string]Feed{"world": {Age: time.Minute}, "world/full": {Age: time.Minute, Readers: let(bob), Part: true}})
	ask("/world/full.rss?token="+alice, 401)
	ask("/world/full.rss?token="+bob, 200)
}
