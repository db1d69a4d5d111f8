package serve

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"feedmill/feed"
)

func TestConditions(t *testing.T) {
	s := start(t, worldly(t, ""))
	plain := s.get(t, "/world.rss").Header.Get("Etag")
	zipped := s.get(t, "/world.rss", "Accept-Encoding", "gzip").Header.Get("Etag")
	if plain == zipped || !strings.HasPrefix(plain, `"`) || !strings.HasPrefix(zipped, `"`) {
		t.Fatalf("tags %s and %s are to be strong and different", plain, zipped)
	}
	const (
		same   = "Fri, 20 Nov 2026 06:30:15 GMT"
		before = "Fri, 20 Nov 2026 06:30:14 GMT"
		after  = "Sat, 21 Nov 2026 06:30:15 GMT"
	)
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"none", nil, 200},
		{"same tag", []string{"If-None-Match", plain}, 304},
		{"weak", []string{"If-None-Match", "W/" + plain}, 304},
		{"other tag", []string{"If-None-Match", `"other"`}, 200},
		{"any", []string{"If-None-Match", "*"}, 304},
		{"any with blanks", []string{"If-None-Match", " * "}, 304},
		{"list", []string{"If-None-Match", `"a", W/"b,c" , ` + plain + `, "d"`}, 304},
		{"list without blanks", []string{"If-None-Match", `"a",` + plain}, 304},
		{"list without ours", []string{"If-None-Match", `"a", "b"`}, 200},
		{"two fields", []string{"If-None-Match", `"a"`, "If-None-Match", plain}, 304},
		{"empty elements", []string{"If-None-Match", `, ,"a",,` + plain}, 304},
		{"without quotes", []string{"If-None-Match", strings.Trim(plain, `"`)}, 200},
		{"half quoted", []string{"If-None-Match", strings.TrimSuffix(plain, `"`)}, 200},
		{"inside another tag", []string{"If-None-Match", `"x` + strings.Trim(plain, `"`) + `"`}, 200},
		{"empty", []string{"If-None-Match", ""}, 200},
		{"tag of the other coding", []string{"If-None-Match", zipped}, 200},
		{"gzip", []string{"If-None-Match", zipped, "Accept-Encoding", "gzip"}, 304},
		{"gzip with the plain tag, which will do", []string{"If-None-Match", plain, "Accept-Encoding", "gzip"}, 304},
		{"gzip with the plain tag, which will not do", []string{"If-None-Match", plain, "Accept-Encoding", "gzip, identity;q=0"}, 200},
		{"br with the tag of gzip, which will do", []string{"If-None-Match", zipped, "Accept-Encoding", "br, gzip;q=0.5"}, 304},
		{"br with the tag of gzip, which will not do", []string{"If-None-Match", zipped, "Accept-Encoding", "br"}, 200},
		{"gzip with both", []string{"If-None-Match", plain + ", " + zipped, "Accept-Encoding", "gzip"}, 304},
		{"since same", []string{"If-Modified-Since", same}, 304},
		{"since later", []string{"If-Modified-Since", after}, 304},
		{"since earlier", []string{"If-Modified-Since", before}, 200},
		{"since in RFC 850 form", []string{"If-Modified-Since", "Friday, 20-Nov-26 06:30:15 GMT"}, 304},
		{"since in asctime form", []string{"If-Modified-Since", "Fri Nov 20 06:30:15 2026"}, 304},
		{"since nonsense", []string{"If-Modified-Since", "yesterday"}, 200},
		{"since twice", []string{"If-Modified-Since", same, "If-Modified-Since", same}, 200},
		{"tag wins over same date", []string{"If-None-Match", `"other"`, "If-Modified-Since", same}, 200},
		{"tag wins over earlier date", []string{"If-None-Match", plain, "If-Modified-Since", before}, 304},
		{"a broken tag wins as well", []string{"If-None-Match", "nonsense", "If-Modified-Since", same}, 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if res := s.do(t, method, "/world.rss", c.headers...); res.StatusCode != c.want {
				t.Errorf("%s: %s gives %d, want %d", c.name, method, res.StatusCode, c.want)
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	server := worldly(t, "")
	s := start(t, server)
	for _, stood := range []bool{false, true} {
		if stood {
			squeezeAll(t, server)
		}
		for _, c := range []struct {
			accept []string
			want   string // br, zstd, gzip, identity, or none
			fresh  string // the same for a document that has not stood for some minutes, where it differs
		}{
			{nil, "identity", ""},
			{[]string{""}, "identity", ""},
			{[]string{"gzip"}, "gzip", ""},
			{[]string{"GZip"}, "gzip", ""},
			{[]string{"x-gzip"}, "gzip", ""},
			{[]string{"zstd"}, "zstd", ""},
			{[]string{"gzip, deflate, br, zstd"}, "br", "zstd"},
			{[]string{"gzip, deflate, br"}, "br", "gzip"},
			{[]string{"gzip, zstd"}, "zstd", ""},
			{[]string{"gzip, zstd;q=0.9"}, "gzip", ""},
			{[]string{"br;q=0.5, gzip;q=0.8, *;q=0.1"}, "gzip", ""},
			{[]string{"br;q=1.0, gzip;q=0.8, *;q=0.1"}, "br", "gzip"},
			{[]string{"br;q=1.0, gzip;q=0.1, *;q=0.8"}, "br", "zstd"},
			{[]string{"br", "gzip"}, "br", "gzip"},
			{[]string{"br"}, "br", "identity"},
			{[]string{"deflate"}, "identity", ""},
			{[]string{"gzipped"}, "identity", ""},
			{[]string{"*"}, "br", "zstd"},
			{[]string{"identity"}, "identity", ""},
			{[]string{"gzip;q=0"}, "identity", ""},
			{[]string{"gzip; Q=0.000"}, "identity", ""},
			{[]string{"gzip;q=0, *"}, "br", "zstd"},
			{[]string{"gzip;q=0, br;q=0, zstd;q=0, *"}, "identity", ""},
			{[]string{"gzip ; q=0.001"}, "gzip", ""},
			{[]string{"gzip;q=0.5, identity;q=0.5"}, "gzip", ""},
			{[]string{"gzip;q=0.5, identity"}, "identity", ""},
			{[]string{"gzip;q=0.5, identity;q=0.4"}, "gzip", ""},
			{[]string{"gzip, identity;q=0"}, "gzip", ""},
			{[]string{"gzip;q=0.1, *;q=0"}, "gzip", ""},
			{[]string{"*;q=0.5, identity;q=0"}, "br", "zstd"},
			{[]string{"identity;q=0"}, "none", ""},
			{[]string{"br, identity;q=0"}, "br", "none"},
			{[]string{"gzip;q=0, identity;q=0"}, "none", ""},
			{[]string{"*;q=0"}, "none", ""},
			{[]string{"identity, *;q=0"}, "identity", ""},
			{[]string{"gzip;q=nonsense"}, "identity", ""},
			{[]string{"gzip;q=2"}, "identity", ""},
			{[]string{"gzip;q=-1"}, "identity", ""},
			{[]string{"gzip;q=NaN"}, "identity", ""},
			{[]string{"gzip;level=9"}, "identity", ""},
			{[]string{";q=1, ,,"}, "identity", ""},
		} {
			want := c.want
			if !stood && c.fresh != "" {
				want = c.fresh
			}
			var headers []string
			for _, a := range c.accept {
				headers = append(headers, "Accept-Encoding", a)
			}
			res := s.get(t, "/world.rss", headers...)
			got := "none"
			if res.StatusCode != 406 {
				got = cmp.Or(res.Header.Get("Content-Encoding"), "identity")
			}
			if got != want {
				t.Errorf("%q gives %s, want %s", c.accept, got, want)
			}
			if got != "none" && !bytes.Equal(expand(t, got, res.body), body) {
				t.Errorf("%q: the body differs", c.accept)
			}
			if got != "none" && res.ContentLength != int64(len(res.body)) {
				t.Errorf("%q: Content-Length %d for %d bytes", c.accept, res.ContentLength, len(res.body))
			}
			res.wants(t, res.StatusCode, "Vary", "Accept-Encoding, Sec-Fetch-Dest")
		}
	}
}

// TestSameBytesSameAnswer publishes the same documents in a server of its own: every node of a fleet gives the same tags
// and the same compressed bytes.
func TestSameBytesSameAnswer(t *testing.T) {
	one, other := start(t, worldly(t, "")), start(t, worldly(t, ""))
	a, b := one.get(t, "/world.rss", "Accept-Encoding", "gzip"), other.get(t, "/world.rss", "Accept-Encoding", "gzip")
	if a.Header.Get("Etag") != b.Header.Get("Etag") || !bytes.Equal(a.body, b.body) {
		t.Error("two servers answer differently for the same document")
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{"gzip, deflate, br", "gzip;q=0.5,*;q=0", "identity;q=0", ";;q==,=", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		lower := strings.ToLower(field)
		all := func(coding) bool { return true }
		a := takes([]string{field})
		for c, name := range map[coding]string{codingGzip: "gzip", codingZstd: "zstd", codingBrotli: "br"} {
			if a[c] > 0 && !strings.Contains(lower, name) && !strings.Contains(lower, "*") {
				t.Errorf("%q takes no %s and gets it", field, name)
			}
		}
		if a.best(all) == codingNone && !strings.Contains(lower, "0") {
			t.Errorf("%q refuses nothing and is refused", field)
		}
		if again := takes([]string{field, ""}); again != a {
			t.Errorf("%q: an empty field changes %v to %v", field, a, again)
		}
	})
}

func FuzzIfNoneMatch(f *testing.F) {
	for _, seed := range []string{`"a", W/"b"`, `*`, `"`, `W/`, `"a""b"`, ",,"} {
		f.Add(seed)
	}
	const tag = `"ours"`
	doc := &document{tags: [codings][]string{{tag}}}
	matches := func(fields ...string) bool {
		_, ok := doc.matches(fields, &acceptance{1}, codingIdentity)
		return ok
	}
	f.Fuzz(func(t *testing.T, field string) {
		got := matches(field)
		if got && !strings.Contains(field, tag) && !strings.Contains(field, "*") {
			t.Errorf("%q matches %s", field, tag)
		}
		if !matches(field, tag) || !matches(tag+","+field) {
			t.Errorf("%q hides our tag beside it", field)
		}
	})
}

// FuzzAddress asks for any path: it must be answered without a panic, and lead to this host only.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"/", "//evil", "/world", "/v1/world/a/slug/", "/v1", "", "*", "/v1/world/a/日本/"} {
		f.Add(seed)
	}
	s := worldly(f, "/v1")
	f.Fuzz(func(t *testing.T, path string) {
		w := newRecorder()
		s.ServeHTTP(w, request("GET", path))
		location := w.header.Get("Location")
		if location != "" && !strings.HasPrefix(location, "/v1/") {
			t.Errorf("%q leads to %q", path, location)
		}
	})
}

// TestCompressorsAreReused compresses many bodies one after the other with the same few compressors.
func TestCompressorsAreReused(t *testing.T) {
	s, hard := New("", quiet()), brotli.NewWriterLevel(nil, brotliLevel)
	for i := range 20 {
		want := bytes.Repeat([]byte{byte('a' + i)}, 1000*i)
		doc, err := s.prepare(feed.NewDocument("x.rss", feed.TypeRSS, modified, want), released, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.squeeze(doc), s.squeezeHard(t.Context(), hard, doc)); err != nil {
			t.Fatal(err)
		}
		for c, name := range map[coding]string{codingGzip: "gzip", codingZstd: "zstd", codingBrotli: "br"} {
			if got := expand(t, name, doc.forms[c].Load().body); !bytes.Equal(got, want) {
				t.Errorf("body %d comes out of %s as %d bytes", i, name, len(got))
			}
		}
	}
}

// squeezeAll compresses everything with brotli, as if it had stood.
func squeezeAll(t *testing.T, s *Server) {
	t.Helper()
	hard := brotli.NewWriterLevel(nil, brotliLevel)
	for _, doc := range s.lacking(codingBrotli, 0) {
		if err := s.squeezeHard(t.Context(), hard, doc); err != nil {
			t.Fatal(err)
		}
	}
}

// expand undoes a content coding.
func expand(t testing.TB, coding string, body []byte) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(r); err == nil {
			defer d.Close()
			r = d
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
