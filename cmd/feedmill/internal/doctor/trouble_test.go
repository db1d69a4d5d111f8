package doctor_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

var troubles = []struct {
	name string
	cdn  cdn
	want []string
}{
	{
		"a bot wall before one reader", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if !strings.Contains(r.Header.Get("User-Agent"), "Feedly") {
				origin.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Cf-Mitigated", "challenge")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<!doctype html><title>Just a moment...</title>")
		},
		[]string{"error /world.atom /world.json /world.rss /world/full.atom [Feedly]: Answers 403 Forbidden with Cloudflare's browser check.", "error /inside.rss [Feedly]: Answers 403 Forbidden with Cloudflare's browser check."},
	},
	{
		"too many requests of Apple", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if r.Header.Get("User-Agent") != "iTMS" || r.URL.Path != "/world.rss" {
				origin.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusTooManyRequests)
		},
		[]string{"error /world.rss [Apple]: Answers 429 Too Many Requests."},
	},
	{
		"a wall before people", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if r.Header.Get("Sec-Fetch-Dest") == "" || r.URL.Path != "/world.rss" {
				origin.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusForbidden)
		},
		[]string{"error /world.rss [a browser]: Answers 403 Forbidden."},
	},
	{
		"no ETag", header("/world.atom", func(h http.Header, _ *http.Request) { h.Del("Etag") }),
		[]string{"warning /world.atom: Comes without an ETag."},
	},
	{
		"no validators", header("/world.atom", func(h http.Header, _ *http.Request) { h.Del("Etag"); h.Del("Last-Modified") }),
		[]string{"warning /world.atom: Comes without ETag and Last-Modified, so that every poll takes the whole document."},
	},
	{
		"another ETag each time", header("/world.atom", func(h http.Header, _ *http.Request) {
			h.Set("Etag", fmt.Sprintf("%q", fmt.Sprint(time.Now().UnixNano())))
		}),
		[]string{"warning /world.atom: Has another ETag or Last-Modified on each request, though it is the same."},
	},
	{
		"conditions are dropped", on("/world.atom", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Del("If-None-Match")
			r.Header.Del("If-Modified-Since")
			origin.ServeHTTP(w, r)
		}),
		[]string{"warning /world.atom: Answers 200 OK to its own ETag, not 304: every poll takes the whole document."},
	},
	{
		"another type", header("/world.rss", func(h http.Header, _ *http.Request) { h.Set("Content-Type", "text/plain; charset=utf-8") }),
		[]string{"warning /world.rss: Is sent as text/plain, not as application/rss+xml."},
	},
	{
		"a general type", header("/world.rss", func(h http.Header, _ *http.Request) { h.Set("Content-Type", "text/xml") }),
		[]string{"note /world.rss: Is sent as text/xml, not as application/rss+xml."},
	},
	{
		"another charset", header("/world.rss", func(h http.Header, _ *http.Request) {
			h.Set("Content-Type", "application/rss+xml; charset=iso-8859-1")
		}),
		[]string{"error /world.rss: Is said to be in iso-8859-1, and is in UTF-8."},
	},
	{
		"no Vary", header("/world.rss", func(h http.Header, _ *http.Request) { h.Del("Vary") }),
		[]string{
			"warning /world.rss [a browser]: Gives browsers a page, and does not say so in Vary: Sec-Fetch-Dest.",
			"warning /world.rss: Is packed, and does not say so in Vary: Accept-Encoding.",
		},
	},
	{
		"Vary by reader", header("/world.rss", func(h http.Header, _ *http.Request) { h.Add("Vary", "user-agent") }),
		[]string{"warning /world.rss: Says Vary: User-Agent, by which caches keep a copy for each reader or none."},
	},
	{
		"a page for browsers without Vary", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if r.Header.Get("Sec-Fetch-Dest") != "document" {
				origin.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<!doctype html><title>World</title>")
		}),
		[]string{"warning /world.rss [a browser]: Gives browsers a page, and does not say so in Vary: Sec-Fetch-Dest."},
	},
	{
		"a page for everybody", on("/world.rss", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Vary", "Sec-Fetch-Dest")
			fmt.Fprint(w, "<!doctype html><title>Domain for sale</title>")
		}),
		[]string{"error /world.rss: Gives a reader a page for people."},
	},
	{
		"a cache that gives readers the page for browsers", caching("/world.rss"),
		[]string{"error /world.rss: Gives a reader a page for people."},
	},
	{
		"a cache that gives everybody the packed answer", readersOnly(caching("/world.rss")),
		[]string{
			"error /world.rss [a reader that unpacks nothing]: Is sent packed with gzip to readers that do not take it.",
			"error /world.rss [a reader that takes br]: Is sent packed with gzip to readers that do not take it.",
			"error /world.rss [a reader that takes zstd]: Is sent packed with gzip to readers that do not take it.",
		},
	},
	{
		"packed twice", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			got := fetched(r, origin)
			if got.Header().Get("Content-Encoding") == "gzip" {
				again := packed(got.Body.Bytes())
				got.Body.Reset()
				got.Body.Write(again)
				got.Header().Del("Content-Length")
			}
			pass(w, got)
		}),
		[]string{"error /world.rss: Is packed with gzip twice."},
	},
	{
		"packed and not said", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			got := fetched(r, origin)
			got.Header().Del("Content-Encoding")
			pass(w, got)
		}),
		[]string{"error /world.rss: Is packed with gzip twice."},
	},
	{
		"packed wrongly", header("/world.rss", func(h http.Header, r *http.Request) {
			if r.Header.Get("Accept-Encoding") == "br" {
				h.Set("Content-Encoding", "br")
			}
		}),
		[]string{"error /world.rss [a reader that takes br]: Its brotli body is broken and cannot be unpacked."},
	},
	{
		"never packed", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Del("Accept-Encoding")
			origin.ServeHTTP(w, r)
		}),
		[]string{"warning /world.rss: Is not packed, though the reader takes gzip."},
	},
	{
		"cut off", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			got := fetched(r, origin)
			half := got.Body.Bytes()[:got.Body.Len()/2]
			got.Body = bytes.NewBuffer(half)
			pass(w, got) // Content-Length stays: the connection breaks
		}),
		[]string{"error /world.rss: Its answer broke off before it was whole."},
	},
	{
		"cut off and well counted", body("/world.rss", func(text string) string { return text[:len(text)/2] }),
		[]string{"error /world.rss: Is no good feed as it arrives: "},
	},
	{
		"rewritten", body("/world.rss", func(text string) string { return strings.Replace(text, "?>", "?><!-- cdn -->", 1) }),
		[]string{
			"warning /world.rss: Is not byte for byte what feedmill sends, though it says the same.",
			"warning /world.rss: Is not packed, though the reader takes gzip.",
		},
	},
	{
		"addresses rewritten", body("/world.atom", func(text string) string { return strings.ReplaceAll(text, "http://127", "https://127") }),
		[]string{"error /world.atom: Names another address as its own: https://HOST/world.atom."},
	},
	{
		"another feed", body("/world.atom", func(string) string {
			return `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Shop</title><id>urn:x</id>` +
				`<updated>2026-11-01T00:00:00Z</updated><link rel="self" href="https://shop.example/a"/><link rel="alternate" href="https://shop.example/"/>` +
				`<entry><title>A</title><id>urn:a</id><updated>2026-11-01T00:00:00Z</updated><published>2026-11-01T00:00:00Z</published>` +
				`<link rel="alternate" href="https://shop.example/1"/><author><name>S</name></author><content>x</content></entry></feed>`
		}),
		[]string{`error /world.atom: Is another feed: "Shop", which names https://shop.example/a as its address.`},
	},
	{
		"a cookie", header("/world.rss", func(h http.Header, _ *http.Request) { h.Set("Set-Cookie", "__cf_bm=1") }),
		[]string{"warning /world.rss: Comes with a cookie."},
	},
	{
		"no caching", header("/world.rss", func(h http.Header, _ *http.Request) { h.Set("Cache-Control", "no-cache, no-store") }),
		[]string{"warning /world.rss: Forbids caches to keep it: Cache-Control: no-cache, no-store."},
	},
	{
		"kept for ever", header("/world.rss", func(h http.Header, _ *http.Request) { h.Set("Cache-Control", "public, max-age=31536000") }),
		[]string{"warning /world.rss: May be kept by caches for 8760h0m0s: so long a correction stays unseen."},
	},
	{
		"no CORS", header("/world.rss", func(h http.Header, _ *http.Request) { h.Del("Access-Control-Allow-Origin") }),
		[]string{"note /world.rss: Does not say Access-Control-Allow-Origin: *, so that readers which run in a browser cannot show it."},
	},
	{
		"no HEAD", on("/world.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			origin.ServeHTTP(w, r)
		}),
		[]string{"warning /world.rss: Answers HEAD with 405 Method Not Allowed, unlike GET."},
	},
	{
		"not there", on("/world/full.atom", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Server", "nginx/1.27")
			w.WriteHeader(http.StatusNotFound)
		}),
		[]string{
			"error /world/full.atom: Answers 404 Not Found (nginx/1.27), though it is published.",
		},
	},
	{
		"a ring", on("/world.rss", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "/world.rss", http.StatusMovedPermanently)
		}),
		[]string{"error /world.rss: Leads in a ring: http://HOST/world.rss to http://HOST/world.rss."},
	},
	{
		"to another host", on("/world.rss", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "https://login.example/?next=world", http.StatusFound)
		}),
		[]string{"error /world.rss: Leads to another host: https://login.example/?…."},
	},
	{
		"to another path", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if r.URL.Path == "/world.rss" {
				http.Redirect(w, r, "/v2/world.rss", http.StatusFound)
				return
			}
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/v2")
			origin.ServeHTTP(w, r)
		},
		[]string{"warning /world.rss: Leads to http://HOST/v2/world.rss."},
	},
	{
		"old addresses forgotten", on("/old/name.atom", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusNotFound) }),
		[]string{"error /old/name.atom: Answers 404 Not Found, and should lead to http://HOST/world.atom: who subscribed here gets nothing any more."},
	},
	{
		"old addresses for now", on("/old/name.atom", func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "/world.atom", http.StatusFound)
		}),
		[]string{"warning /old/name.atom: Leads to the feed's new address with 302 Found, not for good (301): readers keep asking here."},
	},
	{
		"a page of an article gone", on("/world/a/b", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusInternalServerError)
		}),
		[]string{"error /world/a/b: Answers 500 Internal Server Error."},
	},
	{
		"an archive gone", on("/world/archive/1.atom", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusNotFound) }),
		[]string{"error /world/archive/1.atom: Answers 404 Not Found, though it is published."},
	},
	{
		"half an archive", body("/world/archive/1.atom", func(text string) string { return text[:len(text)/2] }),
		[]string{"error /world/archive/1.atom: Is no good archive as it arrives: "},
	},
	{
		"a picture gone", on("/media/ferry.png", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusForbidden) }),
		[]string{"error /media/ferry.png: Answers 403 Forbidden."},
	},
	{
		"a picture without parts", on("/media/ferry.png", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Del("Range")
			origin.ServeHTTP(w, r)
		}),
		[]string{"warning /media/ferry.png: Answers 200 OK when asked for a part: nobody can jump within it, and Apple refuses podcasts for it."},
	},
	{
		"a picture of no size", header("/media/ferry.png", func(h http.Header, r *http.Request) {
			if r.Method == http.MethodHead {
				h.Del("Content-Length")
			}
		}),
		[]string{"warning /media/ferry.png: Does not tell its size."},
	},
	{
		"private to everybody", on("/inside.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Set("Authorization", "Bearer "+token)
			origin.ServeHTTP(w, r)
		}),
		[]string{"error /inside.rss: Everybody can read it without a token, and it is private."},
	},
	{
		"a private article to everybody", on("/inside/a/a", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Set("Authorization", "Bearer "+token)
			origin.ServeHTTP(w, r)
		}),
		[]string{"error /inside/a/a: Everybody can read it without a token, and it is private."},
	},
	{
		"a cache gives out a private article", caching("/inside/a/a"),
		[]string{"error /inside/a/a: Everybody can read it after a reader was there: a cache gives out what it kept of his visit, and it is private."},
	},
	{
		"a private article is not found", on("/inside/a/a", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if got := fetched(r, origin); got.Code != http.StatusOK {
				pass(w, got)
				return
			}
			w.WriteHeader(http.StatusNotFound)
		}),
		[]string{"error /inside/a/a: Answers 404 Not Found, though it is published."},
	},
	{
		"a cache gives out what is private", caching("/inside.rss"),
		[]string{"error /inside.rss: Everybody can read it after a reader was there: a cache gives out what it kept of his visit, and it is private."},
	},
	{
		"Authorization is dropped", on("/inside.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.Header.Del("Authorization")
			origin.ServeHTTP(w, r)
		}),
		[]string{"error /inside.rss: Does not take a reader's token in the header Authorization."},
	},
	{
		"the query is dropped", on("/inside.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			r.URL.RawQuery = ""
			origin.ServeHTTP(w, r)
		}),
		[]string{"error /inside.rss: Does not take a reader's token in the address, as ?token=…."},
	},
	{
		"what is private may be kept", header("/inside.rss", func(h http.Header, _ *http.Request) { h.Set("Cache-Control", "max-age=60") }),
		[]string{"error /inside.rss: Lets caches keep what is private: Cache-Control says neither private nor no-store."},
	},
	{
		"hidden, not locked", on("/inside.rss", func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
			if got := fetched(r, origin); got.Code != http.StatusUnauthorized {
				pass(w, got)
				return
			}
			w.WriteHeader(http.StatusNotFound)
		}),
		[]string{"warning /inside.rss: Answers 404 Not Found without a token, not 401: programs do not ask their reader for one."},
	},
}

func TestTroubleIsFound(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	for _, trouble := range troubles {
		t.Run(trouble.name, func(t *testing.T) {
			n.behave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { trouble.cdn(w, r, n.origin) }))
			var feeds []string // those that it is about
			for _, feed := range []string{"world", "inside"} {
				if strings.Contains(strings.Join(trouble.want, "\n"), "/"+feed) || feed == "world" && !strings.Contains(trouble.want[0], "/inside") {
					feeds = append(feeds, feed)
				}
			}
			got := lines(n, n.examine(t, nil, feeds...))
			for i := range got {
				if i < len(trouble.want) && strings.HasSuffix(trouble.want[i], ": ") && strings.HasPrefix(got[i], trouble.want[i]) {
					got[i] = trouble.want[i] // the rest are the words of package check
				}
			}
			same(t, got, trouble.want)
		})
	}
}
