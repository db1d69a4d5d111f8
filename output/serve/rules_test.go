package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// Readers, caches and aggregators rely on 27 rules of HTTP. Each is tested over a real socket, over HTTP/1.1 and over
// HTTP/2.

// shop is a server with something of every kind.
type shop struct {
	*site
	server *Server
}

var feedPaths = map[string]string{"world.rss": feed.TypeRSS, "world.atom": feed.TypeAtom, "world.json": feed.TypeJSON}

func shopDocuments(text []byte) []feed.Document {
	docs := []feed.Document{feed.NewDocument("world/", feed.TypeHTML, modified, []byte("<!doctype html><title>World</title>"))}
	for path, mediaType := range feedPaths {
		docs = append(docs, feed.NewDocument(path, mediaType, modified, text))
	}
	return docs
}

// openShops makes one server for each version of HTTP.
func openShops(t *testing.T) map[string]shop {
	t.Helper()
	shops := map[string]shop{}
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		server := New("", quiet())
		server.SetFeeds(map[string]Feed{"world": {Age: 10 * time.Minute}, "new": {}})
		server.SetMoved(map[string]string{"old": "world"})
		server.SetPages(func(_ context.Context, path string) (feed.Document, error) {
			switch path {
			case "media/0a1b-show.mp3":
				return feed.NewDocument(path, "audio/mpeg", modified, []byte("0123456789")), nil
			case "world/a/withdrawn":
				return feed.Document{}, feed.Classify(feed.Gone, errors.New("withdrawn"))
			case "world/a/broken":
				return feed.Document{}, errors.New("the state cannot be read")
			}
			return feed.Document{}, fs.ErrNotExist
		})
		publish(t, server, feed.Release{Feed: "world", Documents: shopDocuments(body)})
		publish(t, server, feed.Release{Documents: []feed.Document{
			feed.NewDocument("", feed.TypeHTML, modified, []byte("index")), feed.NewDocument("opml", "text/x-opml; charset=utf-8", modified, []byte("<opml/>")),
		}})
		settle(t, server)
		squeezeAll(t, server)
		shops[version] = shop{onSocket(t, server, version == "HTTP/2.0"), server}
	}
	return shops
}

// onSocket runs a server with its own limits on a socket, with TLS and HTTP/2 or plainly with HTTP/1.1.
func onSocket(t *testing.T, server *Server, two bool) *site {
	t.Helper()
	if !two {
		return start(t, server)
	}
	web := httptest.NewUnstartedServer(server)
	handler := web.Config.Handler
	web.Config = server.httpServer()
	web.Config.Handler = handler
	web.EnableHTTP2 = true
	web.StartTLS()
	t.Cleanup(web.Close)
	client := web.Client()
	transport := client.Transport.(*http.Transport)
	transport.DisableCompression = true
	transport.TLSClientConfig.MinVersion = tls.VersionTLS12
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &site{Server: server, address: web.URL, client: client}
}

func TestRules(t *testing.T) {
	for version, s := range openShops(t) {
		t.Run(strings.ReplaceAll(version, "/", " "), func(t *testing.T) {
			if res := s.get(t, "/world.rss"); res.Proto != version {
				t.Fatalf("this is %s", res.Proto)
			}
			for i, rule := range rules {
				t.Run(strconv.Itoa(i+1)+" "+rule.name, func(t *testing.T) { rule.holds(t, s) })
			}
		})
	}
}

// everywhere asks for the feeds in every coding.
func (s shop) everywhere(t *testing.T, look func(path, coding string, res response)) {
	t.Helper()
	for path := range feedPaths {
		for _, coding := range []string{"identity", "gzip", "zstd", "br"} {
			look("/"+path, coding, s.get(t, "/"+path, "Accept-Encoding", coding))
		}
	}
}

var rules = []struct {
	name  string
	holds func(t *testing.T, s shop)
}{
	{"feeds bear their media types", func(t *testing.T, s shop) {
		for path, mediaType := range map[string]string{"/world.rss": "application/rss+xml", "/world.atom": "application/atom+xml", "/world.json": "application/feed+json", "/opml": "text/x-opml", "/world/": "text/html"} {
			if got, _, _ := strings.Cut(s.get(t, path).Header.Get("Content-Type"), ";"); got != mediaType {
				t.Errorf("%s is %s", path, got)
			}
		}
	}},
	{"the charset is UTF-8 and is said", func(t *testing.T, s shop) {
		for _, path := range []string{"/world.rss", "/world.atom", "/world.json", "/opml", "/world/", "/"} {
			if got := s.get(t, path).Header.Get("Content-Type"); !strings.HasSuffix(got, "; charset=utf-8") {
				t.Errorf("%s is %s", path, got)
			}
		}
	}},
	{"nosniff on whatever has a body", func(t *testing.T, s shop) {
		for _, path := range []string{"/world.rss", "/world/", "/opml", "/media/0a1b-show.mp3", "/none", "/new.rss", "/world/a/withdrawn", "/old.rss"} {
			if got := s.get(t, path).Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s has %q", path, got)
			}
		}
	}},
	{"ETag and Last-Modified on 200", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, _ string, res response) {
			res.wants(t, 200, "Last-Modified", "Fri, 20 Nov 2026 06:30:15 GMT")
			if res.Header.Get("Etag") == "" {
				t.Errorf("%s has no tag", path)
			}
		})
	}},
	{"ETag and Last-Modified on 304", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, coding string, res response) {
			tag := res.Header.Get("Etag")
			s.get(t, path, "Accept-Encoding", coding, "If-None-Match", tag).wants(t, 304, "Etag", tag, "Last-Modified", "Fri, 20 Nov 2026 06:30:15 GMT",
				"Cache-Control", res.Header.Get("Cache-Control"), "Content-Encoding", "", "Content-Type", "")
		})
	}},
	{"If-None-Match wins over If-Modified-Since", func(t *testing.T, s shop) {
		tag, date := s.get(t, "/world.rss").Header.Get("Etag"), "Fri, 20 Nov 2026 06:30:15 GMT"
		s.get(t, "/world.rss", "If-Modified-Since", date).wants(t, 304)
		s.get(t, "/world.rss", "If-None-Match", `"other"`, "If-Modified-Since", date).wants(t, 200)
		s.get(t, "/world.rss", "If-None-Match", tag, "If-Modified-Since", "Fri, 20 Nov 2020 06:30:15 GMT").wants(t, 304)
	}},
	{"If-None-Match may list tags", func(t *testing.T, s shop) {
		tag := s.get(t, "/world.rss").Header.Get("Etag")
		s.get(t, "/world.rss", "If-None-Match", `"a", "b,c" ,`+tag).wants(t, 304)
		s.get(t, "/world.rss", "If-None-Match", `"a", "b,c"`).wants(t, 200)
	}},
	{"If-None-Match: * knows what there is", func(t *testing.T, s shop) {
		s.get(t, "/world.rss", "If-None-Match", "*").wants(t, 304)
		s.get(t, "/none.rss", "If-None-Match", "*").wants(t, 404)
	}},
	{"tags are compared weakly", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, coding string, res response) {
			s.get(t, path, "Accept-Encoding", coding, "If-None-Match", "W/"+res.Header.Get("Etag")).wants(t, 304)
		})
	}},
	{"HEAD is GET without the body", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, coding string, res response) {
			head := s.do(t, "HEAD", path, "Accept-Encoding", coding)
			head.wants(t, 200, "Content-Length", strconv.Itoa(len(res.body)))
			for name := range res.Header {
				if name != "Date" && head.Header.Get(name) != res.Header.Get(name) {
					t.Errorf("HEAD %s says %s: %q, and GET %q", path, name, head.Header.Get(name), res.Header.Get(name))
				}
			}
			if len(head.body) != 0 {
				t.Errorf("HEAD %s has a body", path)
			}
		})
	}},
	{"bytes stay as they are while nothing changes", func(t *testing.T, s shop) {
		before := map[string]response{}
		s.everywhere(t, func(path, coding string, res response) { before[path+coding] = res })
		publish(t, s.server, feed.Release{Feed: "world", Revision: 2, Documents: shopDocuments(bytes.Clone(body))})
		s.everywhere(t, func(path, coding string, res response) {
			if old := before[path+coding]; !bytes.Equal(res.body, old.body) || res.Header.Get("Etag") != old.Header.Get("Etag") {
				t.Errorf("%s as %s has changed", path, coding)
			}
		})
	}},
	{"each coding has a strong tag of its own", func(t *testing.T, s shop) {
		tags := map[string]string{}
		s.everywhere(t, func(path, coding string, res response) {
			tag := res.Header.Get("Etag")
			if !strings.HasPrefix(tag, `"`) || tags[path+tag] != "" {
				t.Errorf("%s as %s has the tag %s, as has %s", path, coding, tag, tags[path+tag])
			}
			tags[path+tag] = coding
		})
	}},
	{"Vary: Accept-Encoding on every variant and on 304", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, coding string, res response) {
			again := s.get(t, path, "Accept-Encoding", coding, "If-None-Match", "*")
			for _, r := range []response{res, again} {
				if !strings.Contains(r.Header.Get("Vary"), "Accept-Encoding") {
					t.Errorf("%s as %s: %d with Vary %q", path, coding, r.StatusCode, r.Header.Get("Vary"))
				}
			}
		})
	}},
	{"q=0 is a refusal", func(t *testing.T, s shop) {
		s.get(t, "/world.rss", "Accept-Encoding", "br;q=0, gzip;q=0, zstd;q=0").wants(t, 200, "Content-Encoding", "")
		s.get(t, "/world.rss", "Accept-Encoding", "br;q=0, zstd;q=0, *").wants(t, 200, "Content-Encoding", "gzip")
		s.get(t, "/world.rss", "Accept-Encoding", "gzip, identity;q=0").wants(t, 200, "Content-Encoding", "gzip")
		s.get(t, "/world.rss", "Accept-Encoding", "identity;q=0").wants(t, 406, "Cache-Control", "no-store")
	}},
	{"gzip, zstd and br are there", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, coding string, res response) {
			if got := res.Header.Get("Content-Encoding"); got != strings.TrimPrefix(coding, "identity") {
				t.Errorf("%s is sent as %q, not %s", path, got, coding)
			}
			if !bytes.Equal(expand(t, coding, res.body), body) {
				t.Errorf("%s as %s is another document", path, coding)
			}
		})
	}},
	{"shared caches may keep feeds for 60 to 900 seconds", func(t *testing.T, s shop) {
		for path := range feedPaths {
			control := s.get(t, "/"+path).Header.Get("Cache-Control")
			_, rest, _ := strings.Cut(control, "max-age=")
			seconds, _, _ := strings.Cut(rest, ",")
			if age, err := strconv.Atoi(seconds); err != nil || age < 60 || age > 900 || !strings.HasPrefix(control, "public, ") {
				t.Errorf("%s: %q", path, control)
			}
		}
	}},
	{"stale-while-revalidate and stale-if-error", func(t *testing.T, s shop) {
		for path := range feedPaths {
			if control := s.get(t, "/"+path).Header.Get("Cache-Control"); !strings.Contains(control, "stale-while-revalidate=") || !strings.Contains(control, "stale-if-error=") {
				t.Errorf("%s: %q", path, control)
			}
		}
	}},
	{"caches can count the age", func(t *testing.T, s shop) {
		res := s.get(t, "/world.rss")
		date, err := http.ParseTime(res.Header.Get("Date"))
		if err != nil || time.Since(date).Abs() > 5*time.Second {
			t.Errorf("Date is %q", res.Header.Get("Date"))
		}
		res.wants(t, 200, "Age", "", "Expires", "", "Pragma", "")
	}},
	{"no cookies", func(t *testing.T, s shop) {
		for _, path := range []string{"/world.rss", "/world/", "/", "/none", "/new.rss"} {
			s.get(t, path, "Cookie", "a=b").wants(t, s.get(t, path).StatusCode, "Set-Cookie", "")
		}
	}},
	{"scripts of every site may read feeds", func(t *testing.T, s shop) {
		s.everywhere(t, func(path, _ string, res response) {
			res.wants(t, 200, "Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "ETag, Link", "Access-Control-Allow-Credentials", "")
			s.get(t, path, "If-None-Match", "*").wants(t, 304, "Access-Control-Allow-Origin", "*")
			asked := s.do(t, "OPTIONS", path, "Origin", "https://reader.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match")
			asked.wants(t, 204, "Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "GET, HEAD")
			if !strings.Contains(asked.Header.Get("Access-Control-Allow-Headers"), "If-None-Match") {
				t.Errorf("a script may not ask whether %s has changed", path)
			}
		})
	}},
	{"301 for a feed that moved", func(t *testing.T, s shop) {
		s.get(t, "/old.rss").wants(t, 301, "Location", "/world.rss")
		s.do(t, "HEAD", "/old.rss").wants(t, 301, "Location", "/world.rss")
	}},
	{"410 for what was taken back", func(t *testing.T, s shop) {
		s.get(t, "/world/a/withdrawn").wants(t, 410, "Cache-Control", "no-store")
	}},
	{"503 and Retry-After in trouble", func(t *testing.T, s shop) {
		for _, path := range []string{"/new.rss", "/world/a/broken"} {
			res := s.get(t, path)
			res.wants(t, 503, "Cache-Control", "no-store")
			if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || seconds < 1 {
				t.Errorf("%s: Retry-After is %q", path, res.Header.Get("Retry-After"))
			}
		}
	}},
	{"never 200 with an error", func(t *testing.T, s shop) {
		for path, status := range map[string]int{"/none.rss": 404, "/world.xml": 404, "/new.atom": 503, "/world/a/none": 404, "/world/tag/none.rss": 404, "/media/none.png": 404} {
			s.get(t, path).wants(t, status, "Etag", "", "Content-Type", "text/plain; charset=utf-8")
		}
	}},
	{"the last good feed stays when one fails", func(t *testing.T, s shop) {
		bad := feed.NewDocument("world.rss", feed.TypeRSS, modified, []byte("new"))
		bad.Size++
		if err := s.server.Publish(t.Context(), feed.Release{Feed: "world", Revision: 3, Documents: []feed.Document{bad}}); err == nil {
			t.Fatal("it does not fail")
		}
		s.everywhere(t, func(path, coding string, res response) {
			if res.StatusCode != 200 || !bytes.Equal(expand(t, coding, res.body), body) {
				t.Errorf("%s is %d with %d bytes", path, res.StatusCode, len(res.body))
			}
		})
	}},
	{"HEAD and ranges of audio", func(t *testing.T, s shop) {
		const path = "/media/0a1b-show.mp3"
		s.do(t, "HEAD", path).wants(t, 200, "Content-Length", "10", "Accept-Ranges", "bytes", "Content-Type", "audio/mpeg")
		for asked, want := range map[string]string{"bytes=0-3": "0123", "bytes=7-": "789", "bytes=-2": "89"} {
			if res := s.get(t, path, "Range", asked); res.StatusCode != 206 || string(res.body) != want {
				t.Errorf("%s is %d %q", asked, res.StatusCode, res.body)
			}
		}
		s.get(t, path, "Range", "bytes=20-").wants(t, 416)
	}},
	{"robots are let in, no XSLT, and the page is linked", func(t *testing.T, s shop) {
		for _, agent := range []string{"Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)", "Googlebot/2.1", "python-requests/2.31", ""} {
			res := s.get(t, "/world.rss", "User-Agent", agent)
			res.wants(t, 200, "X-Robots-Tag", "")
			if bytes.Contains(res.body, []byte("xml-stylesheet")) || !strings.Contains(res.Header.Get("Link"), `</world/>; rel="alternate"; type="text/html"`) {
				t.Errorf("%s gets Link %q", agent, res.Header.Get("Link"))
			}
		}
		if link := s.get(t, "/world/").Header.Get("Link"); !strings.Contains(link, `</world.atom>; rel="alternate"; type="application/atom+xml"`) {
			t.Errorf("the page has Link %q", link)
		}
	}},
}

// TestThereAre27 keeps the list whole.
func TestThereAre27(t *testing.T) {
	if len(rules) != 27 {
		t.Errorf("there are %d rules", len(rules))
	}
}
