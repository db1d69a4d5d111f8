package serve

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"feedmill/feed"
)

// request2 is what a request over HTTP/2 has that is nothing special, but for some fields; those without a value are left out.
func request2(changes ...string) (fields []string) {
	fields = []string{":method", "GET", ":scheme", "https", ":authority", "x", ":path", "/world.rss"}
	for i := 0; i < len(changes); i += 2 {
		switch at := slices.Index(fields, changes[i]); {
		case at >= 0 && changes[i+1] == "":
			fields = slices.Delete(fields, at, at+2)
		case at >= 0:
			fields[at+1] = changes[i+1]
		default:
			fields = append(fields, changes[i], changes[i+1])
		}
	}
	return fields
}

// TestNoSmugglingOverHTTP2 sends what a server that hands requests on as HTTP/1.1 could be led astray with: it is refused, and
// whoever asks next over the same connection is answered as ever.
func TestNoSmugglingOverHTTP2(t *testing.T) {
	server := worldly(t, "")
	address, client, _, _ := startTLS(t, server)
	const hidden = "GET /world.json HTTP/1.1\r\nHost: evil.example\r\n\r\n"
	const reset = 0 // in place of a status: the stream is reset
	// A body that is longer than it should be is found out when it comes, before the answer to its head or after it.
	const either, late = -1, -2 // 400 or reset; 200 or reset
	for name, c := range map[string]struct {
		fields []string
		body   string // "": the stream ends with its head
		want   int
	}{
		"transfer coding":             {request2("transfer-encoding", "chunked"), "", 400},
		"transfer coding and body":    {request2("transfer-encoding", "chunked"), "0\r\n\r\n" + hidden, 400},
		"hop by hop":                  {request2("connection", "keep-alive, evil"), "", 400},
		"upgrade":                     {request2("upgrade", "evil"), "", 400},
		"proxy's own":                 {request2("proxy-connection", "evil"), "", 400},
		"keep-alive":                  {request2("keep-alive", "evil"), "", 400},
		"other trailers":              {request2("te", "evil"), "", 400},
		"body of a GET":               {request2(), hidden, 400},
		"body and its length":         {request2("content-length", strconv.Itoa(len(hidden))), hidden, 400},
		"length of no body":           {request2("content-length", "40"), "", 400},
		"length of nothing, and body": {request2("content-length", "0"), hidden, late},
		"length too small":            {request2("content-length", "5"), hidden, either},
		"length that is none":         {request2("content-length", "evil"), "", 400},
		"list of lengths":             {request2("content-length", "0, 40"), hidden, either},
		"two lengths":                 {append(request2("content-length", "0"), "content-length", "40"), "", 400},
		"signed length":               {request2("content-length", "+0"), "", 400},
		"line in a value":             {request2("x-evil", "1\r\nTransfer-Encoding: chunked"), "", reset},
		"line feed in a value":        {request2("x-evil", "1\nx"), "", reset},
		"carriage return in a value":  {request2("x-evil", "1\rx"), "", reset},
		"NUL in a value":              {request2("x-evil", "1\x00x"), "", reset},
		"line in a name":              {request2("x: 1\r\ntransfer-encoding", "chunked"), "", reset},
		"colon in a name":             {request2("transfer-encoding: chunked", "evil"), "", reset},
		"blank after a name":          {request2("transfer-encoding ", "chunked"), "", reset},
		"capitals":                    {request2("Transfer-Encoding", "chunked"), "", reset},
		"no name":                     {request2("", "evil"), "", reset},
		"line in the path":            {request2(":path", "/world.rss HTTP/1.1\r\nHost: evil\r\n\r\n"), "", reset},
		"blank in the path":           {request2(":path", "/world.rss HTTP/1.1"), "", 404},
		"tab in the path":             {request2(":path", "/world.rss\tevil"), "", reset},
		"no slash in the path":        {request2(":path", "world.rss"), "", reset},
		"no path":                     {request2(":path", ""), "", reset},
		"address for a path":          {request2(":path", "https://evil.example/world.rss"), "", 400},
		"another host's path":         {request2(":path", "//evil.example/world.rss"), "", 404},
		"star":                        {request2(":path", "*"), "", 400},
		"line in the method":          {request2(":method", "GET /evil HTTP/1.1\r\nX: x"), "", reset},
		"method that is none":         {request2(":method", "GET /evil"), "", 405},
		"no method":                   {request2(":method", ""), "", reset},
		"no scheme":                   {request2(":scheme", ""), "", reset},
		"another scheme":              {request2(":scheme", "evil"), "", reset},
		"line in the authority":       {request2(":authority", "x\r\nevil: 1"), "", reset},
		"pseudo field that is none":   {append([]string{":evil", "1"}, request2()...), "", reset},
		"pseudo field of an answer":   {append([]string{":status", "200"}, request2()...), "", reset},
		"pseudo field twice":          {append([]string{":path", "/evil"}, request2()...), "", reset},
		"pseudo field at the end":     {append(request2(":path", "", "x-evil", "1"), ":path", "/world.rss"), "", reset},
		"tunnel":                      {[]string{":method", "CONNECT", ":authority", "evil.example:443"}, "", 405},
		"protocol of a tunnel":        {request2(":method", "CONNECT", ":protocol", "evil"), "", reset},
	} {
		t.Run(name, func(t *testing.T) {
			s := speak(t, address, client, 1<<20)
			stream := s.open(c.body == "", c.fields...)
			if c.body != "" {
				_ = s.framer.WriteData(stream, true, []byte(c.body)) // which fails when the server has read enough
			}
			h := s.hear(stream)
			status, _ := strconv.Atoi(h.status)
			want := map[int][]int{either: {400, reset}, late: {200, reset}}[c.want]
			if want == nil {
				want = []int{c.want}
			}
			if h.refuse && h.reset == http2.ErrCodeProtocol {
				status = reset
			} else if status == 0 || h.refuse {
				t.Fatalf("it gives %s, reset %v", h.status, h.reset)
			}
			if !slices.Contains(want, status) {
				t.Fatalf("it gives %d (reset %v), want one of %v", status, h.reset, want)
			}
			refused(t, name, h.response(status))
			if h.away {
				t.Fatal("the connection is given up")
			}
			if next := s.hear(s.get("/world.rss")); next.status != "200" || string(next.body) != string(body) {
				t.Errorf("who asks next gets %s and %d bytes", next.status, len(next.body))
			}
		})
	}
}

// TestNoHTTP1OverHTTP2 speaks HTTP/1.1 where HTTP/2 was agreed on, and breaks the rules of frames: the connection ends.
func TestNoHTTP1OverHTTP2(t *testing.T) {
	address, client, _, _ := startTLS(t, worldly(t, ""))
	head := func(stream uint32, block ...byte) http2.HeadersFrameParam {
		return http2.HeadersFrameParam{StreamID: stream, BlockFragment: block, EndStream: true, EndHeaders: true}
	}
	for name, begin := range map[string]func(s *speaker) error{
		"HTTP/1.1": func(s *speaker) error {
			_, err := io.WriteString(s.conn, "GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n")
			return err
		},
		"data without a stream":   func(s *speaker) error { return s.framer.WriteData(0, true, []byte("evil")) },
		"continuation of nothing": func(s *speaker) error { return s.framer.WriteContinuation(1, true, []byte("evil")) },
		"stream of the server's":  func(s *speaker) error { return s.framer.WriteHeaders(head(2, 0x82, 0x87, 0x84)) },
		"field that no table has": func(s *speaker) error { return s.framer.WriteHeaders(head(1, 0xff, 0xff, 0xff, 0x7f)) },
	} {
		s := speak(t, address, client, 1<<20)
		s.must(begin(s))
		if h := s.hear(0); !h.refuse || strings.Contains(h.said, "evil") {
			t.Errorf("%s: %v", name, h)
		}
	}
	s := speak(t, address, client, 1<<20)
	if h := s.hear(s.get("/world.rss")); h.status != "200" {
		t.Errorf("the next reader gets %s", h.status)
	}
}

// TestClickOverHTTP2 asks for a feed as browsers do that take it over HTTP/2.
func TestClickOverHTTP2(t *testing.T) {
	server := worldly(t, "")
	address, client, _, _ := startTLS(t, server)
	s := speak(t, address, client, 1<<20)
	plain := s.hear(s.get("/world.rss"))
	h := s.hear(s.get("/world.rss", "sec-fetch-dest", "document"))
	if h.status != "200" || string(h.body) != "feed page" || h.header.Get("Content-Type") != feed.TypeHTML {
		t.Errorf("who clicks sees %s %.40q of %s", h.status, h.body, h.header.Get("Content-Type"))
	}
	for _, one := range []heard{plain, h, s.hear(s.get("/world.rss", "sec-fetch-dest", "document", "if-none-match", h.header.Get("Etag")))} {
		if one.header.Get("Vary") != "Accept-Encoding, Sec-Fetch-Dest" {
			t.Errorf("%s has Vary %q", one.status, one.header.Get("Vary"))
		}
	}
	if plain.status != "200" || string(plain.body) != string(body) || plain.header.Get("Content-Type") != feed.TypeRSS {
		t.Errorf("a reader gets %s %q", plain.status, plain.header.Get("Content-Type"))
	}
	if modified := s.hear(s.get("/world.rss", "if-none-match", h.header.Get("Etag"))); modified.status != "200" {
		t.Errorf("who has the page is told %s of the feed", modified.status)
	}
	begun := time.Now()
	if half := s.hear(s.open(false, request2("content-length", "10")...)); half.status != "400" || time.Since(begun) > time.Second {
		t.Errorf("a body that never comes gives %s after %s", half.status, time.Since(begun))
	}
}
