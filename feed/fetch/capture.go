package fetch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"feedmill/feed"
)

// A capture is one answer in a file: a line with the method and the address without the values of its query, and the
// answer as HTTP/1.1 writes it (RFC 9112), with the headers below and the body as it came over the wire. Nothing of the
// request's headers is kept, and no cookies of the answer. The name is a hash of method, address and body, and a number.

// capturedHeaders are the headers that matter when the answer is read again.
var capturedHeaders = []string{
	"Content-Type", "Content-Encoding", "Content-Language", "Etag", "Last-Modified", "Link", "Location", "Retry-After", "Cf-Mitigated",
}

// largestCapture bounds what is kept of one body; a longer one is an error.
const largestCapture = 64 << 20

// Recorder keeps every answer in a folder, for tests and bug reports, and passes it on. It asks without conditions, so
// that what it keeps is whole.
type Recorder struct {
	next http.RoundTripper
	dir  *captures
}

// Record returns the wrap for [WithTransport] that keeps every answer in dir, which must exist. What other recordings
// left there is written over.
func Record(dir string) func(http.RoundTripper) http.RoundTripper {
	files := &captures{dir: dir, seen: map[string]int{}}
	return func(next http.RoundTripper) http.RoundTripper { return &Recorder{next, files} }
}

// RoundTrip asks and keeps the answer.
func (r *Recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	name, err := r.dir.name(request)
	if err != nil {
		return nil, err
	}
	whole := request.Clone(request.Context())
	whole.Header.Del("If-None-Match")
	whole.Header.Del("If-Modified-Since")
	answer, err := r.next.RoundTrip(whole)
	if err != nil {
		return nil, err
	}
	body, broken := io.ReadAll(io.LimitReader(answer.Body, largestCapture+1))
	_ = answer.Body.Close() // read to its end or given up
	if len(body) > largestCapture {
		return nil, tooLarge(largestCapture)
	}
	if err := r.dir.write(name, request, answer, body, broken); err != nil {
		return nil, &failure{class: feed.Internal, text: "its answer cannot be recorded; see whether the folder is there and has room", cause: err}
	}
	answer.Body = &captured{bytes.NewReader(body), broken}
	return answer, nil
}

// captured is a body that ends as it ended on the wire.
type captured struct {
	*bytes.Reader
	end error // nil for a good end
}

func (c *captured) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) && c.end != nil {
		return n, c.end
	}
	return n, err
}

func (c *captured) Close() error { return nil }

// Replay answers from what a [Recorder] kept, without the network.
type Replay struct{ dir *captures }

// Replayed returns the wrap for [WithTransport] that answers from dir. The answers to one question come in the order in
// which they were kept; the last one stays.
func Replayed(dir string) func(http.RoundTripper) http.RoundTripper {
	files := &captures{dir: dir, seen: map[string]int{}}
	return func(http.RoundTripper) http.RoundTripper { return &Replay{files} }
}

// RoundTrip answers from the folder.
func (r *Replay) RoundTrip(request *http.Request) (*http.Response, error) {
	name, err := r.dir.name(request)
	if err != nil {
		return nil, err
	}
	text, err := r.dir.read(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &failure{class: feed.Unavailable, text: "was not recorded; run again with --record"}
	}
	if err != nil {
		return nil, unreplayable(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(rest)), request)
	if err != nil {
		return nil, unreplayable(err)
	}
	return answer, nil
}

func unreplayable(err error) *failure {
	return &failure{class: feed.Internal, text: "its recording cannot be read; record it again", cause: err}
}

// captures are the files of a folder; equal questions are numbered.
type captures struct {
	dir string

	mu   sync.Mutex
	seen map[string]int
}

// name is the file of a question without its number.
func (c *captures) name(r *http.Request) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", r.Method, r.URL)
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return "", fmt.Errorf("read request: %w", err)
		}
		if _, err := io.Copy(h, body); err != nil {
			return "", fmt.Errorf("read request: %w", err)
		}
	}
	host := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(r.URL.Host))
	return host[:min(len(host), 64)] + "-" + hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func (c *captures) path(name string, n int) string {
	return filepath.Join(c.dir, name+"-"+strconv.Itoa(n)+".http")
}

func (c *captures) write(name string, r *http.Request, answer *http.Response, body []byte, broken error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[name]++
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", r.Method, shown(r.URL))
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", answer.StatusCode, http.StatusText(answer.StatusCode))
	for _, header := range capturedHeaders {
		for _, value := range answer.Header.Values(header) {
			fmt.Fprintf(&b, "%s: %s\r\n", header, strings.NewReplacer("\r", " ", "\n", " ").Replace(value))
		}
	}
	length := len(body)
	if broken != nil {
		length++ // so that it is cut again when it is replayed
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\nDate: %s\r\n\r\n", length, answer.Header.Get("Date"))
	b.Write(body)
	if err := os.WriteFile(c.path(name, c.seen[name]), b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("record answer: %w", err)
	}
	return nil
}

// read returns the next capture of a question, or the last one again.
func (c *captures) read(name string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, err := os.ReadFile(c.path(name, c.seen[name]+1))
	if err == nil {
		c.seen[name]++
		return text, nil
	}
	if c.seen[name] > 0 && errors.Is(err, os.ErrNotExist) {
		return os.ReadFile(c.path(name, c.seen[name]))
	}
	return nil, err
}
