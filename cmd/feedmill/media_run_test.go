package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// photograph is a PNG of about 20 KB, another one for each seed.
func photograph(seed uint64) []byte {
	dice := rand.New(rand.NewPCG(seed, 1))
	i := image.NewGray(image.Rect(0, 0, 160, 120))
	for at := range i.Pix {
		i.Pix[at] = byte(dice.Uint32())
	}
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (s *site) write(name string, body []byte) {
	s.t.Helper()
	name = filepath.Join(s.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, body, 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// answer is one of the server's.
type answer struct {
	status int
	header http.Header
}

// ask sends a request with headers, each name and value, and returns the answer and its body.
func (s *site) ask(method, path string, headers ...string) (answer, []byte) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.listen+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header}, body
}

// wait asks until the answer has the status, and the body holds the text.
func (s *site) wait(path string, status int, text string) (body []byte) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		got, body := s.ask(http.MethodGet, path)
		if got.status == status && bytes.Contains(body, []byte(text)) {
			return body
		}
		if time.Now().After(deadline) {
			s.showLog()
			s.t.Fatalf("%s is %d:\n%s", path, got.status, body)
		}
	}
}

func nameOf(body []byte, name string) string {
	sum := sha256.Sum256(body)
	return "/media/" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])) + "-" + name
}

func TestMediaAreServed(t *testing.T) {
	s := openSite(t, 71)
	words, err := os.ReadFile(filepath.Join(s.folder, "feedmill.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("feedmill.yaml", append(words, "  inside: {source: {files: {path: \"inside/*.md\", watch: 1s}}, access: {readers: {alice: alice-0123456789abcdef}}}\n"...))
	photo, secret := photograph(1), photograph(2)
	sound := append([]byte("ID3\x04"), bytes.Repeat([]byte("sound "), 1<<20)...)
	s.write("articles/a.md", []byte("---\ntitle: A\nimage: photo.png\naudio: ep1.mp3\n---\nText.\n"))
	s.write("articles/photo.png", photo)
	s.write("articles/ep1.mp3", sound)
	s.write("articles/unused.png", photograph(3))
	s.write("inside/b.md", []byte("# B\n\n![x](secret.png)\n"))
	s.write("inside/secret.png", secret)
	l := s.start()
	defer func() { l.stop() }()
	l.awaitListening()

	photoPath, soundPath := nameOf(photo, "photo.png"), nameOf(sound, "ep1.mp3")
	feed := s.wait("/world.json", 200, photoPath)
	if !bytes.Contains(feed, []byte(soundPath)) || !bytes.Contains(feed, fmt.Appendf(nil, `"size_in_bytes": %d`, len(sound))) {
		t.Errorf("the feed lacks its sound:\n%s", feed)
	}
	got, body := s.ask(http.MethodGet, photoPath)
	h := got.header
	if got.status != 200 || !bytes.Equal(body, photo) || h.Get("Content-Type") != "image/png" || h.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("the picture is %d with %d bytes, %v", got.status, len(body), h)
	}
	tag := h.Get("Etag")
	for _, c := range []struct {
		method, path string
		headers      []string
		status       int
		body         []byte
	}{
		{"HEAD", soundPath, nil, 200, nil},
		{"GET", soundPath, []string{"Range", "bytes=1000000-1000099"}, 206, sound[1000000:1000100]},
		{"GET", soundPath, []string{"Range", "bytes=-10"}, 206, sound[len(sound)-10:]},
		{"GET", soundPath, []string{"Range", "bytes=99999999-"}, 416, []byte("invalid range: failed to overlap\n")},
		{"GET", photoPath, []string{"If-None-Match", tag}, 304, nil},
		{"GET", photoPath, []string{"Range", "bytes=0-9", "If-Range", tag}, 206, photo[:10]},
		{"GET", photoPath, []string{"Range", "bytes=0-9", "If-Range", `"another"`}, 200, photo},
		{"GET", nameOf(secret, "secret.png"), nil, 404, []byte("There is no document at this address.\n")},
		{"GET", nameOf(photograph(3), "unused.png"), nil, 404, []byte("There is no document at this address.\n")},
		{"GET", "/media/..%2ffeedmill.db", nil, 404, []byte("There is no document at this address.\n")},
	} {
		got, body := s.ask(c.method, c.path, c.headers...)
		if got.status != c.status || !bytes.Equal(body, c.body) && (c.status != 404 || len(body) > 200) {
			t.Errorf("%s %s with %q is %d with %d bytes", c.method, c.path, c.headers, got.status, len(body))
		}
		if length := got.header.Get("Content-Length"); c.method == "HEAD" && length != strconv.Itoa(len(sound)) {
			t.Errorf("HEAD says %s bytes", length)
		}
	}
	s.wait("/inside.json?token=alice-0123456789abcdef", 200, "-secret.png")
	_, inside := s.ask("GET", "/inside.json?token=alice-0123456789abcdef")
	secretPath := string(regexp.MustCompile(`/media/[a-z0-9]+-secret\.png`).Find(inside))
	got, body = s.ask("GET", secretPath)
	if got.status != 200 || !bytes.Equal(body, secret) || got.header.Get("Cache-Control") != "private, max-age=31536000, immutable" || got.header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("the private picture is %d, %v", got.status, got.header)
	}
	s.holdsMedia(2)

	// What is deleted beside the article stays published, also after a restart, as long as the article is.
	if err := os.Remove(filepath.Join(s.folder, "articles", "photo.png")); err != nil {
		t.Fatal(err)
	}
	l.stop()
	l = s.start()
	l.awaitListening()
	s.wait(photoPath, 200, string(photo))
	if err := s.command("withdraw", "world", "articles/a.md").Run(); err != nil {
		s.showLog()
		t.Fatalf("withdraw: %v", err)
	}
	s.wait(photoPath, 410, "withdrawn")
	s.holdsMedia(0)
}

// holdsMedia waits until so many files are published in the folder.
func (s *site) holdsMedia(want int) {
	s.t.Helper()
	folder := filepath.Join(s.folder, "public", "media")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		written, err := os.ReadDir(folder)
		if len(written) == want && (err == nil || want == 0) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("written are %v, %v, not %d", written, err, want)
		}
	}
}

// A process that is killed leaves no document that shows a picture which is not there, and no half of one.
func TestMediaSurviveKills(t *testing.T) {
	s := openSite(t, 72)
	dice := rand.New(rand.NewPCG(72, 1))
	shown := regexp.MustCompile(`/media/([a-z0-9]+)-[a-z0-9.]+`)
	check := func() (pictures int) {
		t.Helper()
		feed, err := os.ReadFile(filepath.Join(s.folder, "public", "world.json"))
		if err != nil {
			return 0
		}
		for _, found := range shown.FindAllSubmatch(feed, -1) {
			pictures++
			body, err := os.ReadFile(filepath.Join(s.folder, "public", filepath.FromSlash(string(found[0]))))
			if err != nil || !strings.HasPrefix(nameOf(body, ""), "/media/"+string(found[1])) {
				t.Errorf("the feed shows %s, which is %d bytes, %v", found[0], len(body), err)
			}
		}
		return pictures
	}
	const articles = 12
	for n := range articles {
		s.write(fmt.Sprintf("articles/%d.png", n), photograph(uint64(n)))
		s.write(fmt.Sprintf("articles/%d.md", n), fmt.Appendf(nil, "# Article %d\n\n![x](%d.png)\n", n, n))
		if n%2 == 0 {
			l := s.start()
			if n%4 == 0 {
				l.liveUntilCommit(3 * time.Second)
			}
			l.liveFor(time.Duration(dice.IntN(300)) * time.Millisecond)
			l.kill()
			check()
		}
	}
	s.build()
	if got := check(); got != articles || t.Failed() {
		s.showLog()
		t.Errorf("of %d articles the pictures of %d are shown", articles, got)
	}
}
