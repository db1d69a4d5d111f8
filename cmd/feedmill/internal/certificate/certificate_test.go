package certificate_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/certificate"
	"feedmill/cmd/feedmill/internal/certificate/certificatetest"
	"feedmill/feed"
	"feedmill/output/serve"
)

// writer is a log that may be read while it is written.
type writer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *writer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func listen(t *testing.T) (net.Listener, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

// site is a server with a feed, by HTTPS at one listener and what belongs to it at another, if there is one.
func site(t *testing.T, s certificate.Settings, https, plain net.Listener) (stop func()) {
	t.Helper()
	k, err := certificate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	server := serve.New("", slog.New(slog.DiscardHandler))
	server.SetFeeds(map[string]serve.Feed{"world": {}})
	document := feed.NewDocument("world.rss", feed.TypeRSS, time.Unix(1e9, 0), []byte("<rss/>"))
	if err := server.Publish(t.Context(), feed.Release{Feed: "world", Documents: []feed.Document{document}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	run := func(f func() error) {
		running.Go(func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	run(func() error { return k.Run(ctx) })
	run(func() error { return server.RunTLS(ctx, https, k.TLS()) })
	if plain != nil {
		run(func() error { return server.RunBeside(ctx, plain, k.Plain("https://feeds.example.org:8443/base")) })
	}
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// reader asks a name at an address, and trusts the authority.
func reader(roots *x509.CertPool, address string, h2 bool) *http.Client {
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2, DisableKeepAlives: true,
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func await(t *testing.T, client *http.Client, url string) *http.Response {
	t.Helper()
	for deadline := time.Now().Add(12 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := client.Get(url)
		if err == nil {
			res.Body.Close()
			return res
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// TestCertificates gets certificates by each challenge, serves with them by HTTP/1.1 and HTTP/2, and starts again without
// asking.
func TestCertificates(t *testing.T) {
	for _, challenge := range []string{"tls-alpn-01", "http-01"} {
		t.Run(challenge, func(t *testing.T) {
			https, port := listen(t)
			var plain net.Listener
			nobody, plainPort := listen(t) // for the challenge that is not to work
			looksAt := port
			if challenge == "http-01" {
				plain, nobody = nobody, nil
				_, looksAt = listen(t)
			} else {
				nobody.Close()
			}
			a, roots, leave := certificatetest.Authority(t, plainPort, looksAt)
			dir := filepath.Join(t.TempDir(), "state", "certificates")
			var journal writer
			s := certificate.Settings{
				Domains: []string{"feeds.example.org", "other.example.org"}, Email: "desk@example.org", Dir: dir, Port: port,
				Authority: a, Log: slog.New(slog.NewTextHandler(&journal, nil)),
			}
			if plain != nil {
				s.Plain = plainPort
			}
			stop := site(t, s, https, plain)
			for _, name := range s.Domains {
				res := await(t, reader(roots, https.Addr().String(), true), "https://"+name+"/world.rss") //nolint:bodyclose // await closes it
				if res.StatusCode != 200 || res.ProtoMajor != 2 || res.TLS.PeerCertificates[0].DNSNames[0] != name {
					t.Errorf("%s: %s %s for %v", name, res.Proto, res.Status, res.TLS.PeerCertificates[0].DNSNames)
				}
			}
			if res := await(t, reader(roots, https.Addr().String(), false), "https://feeds.example.org/world.rss"); res.ProtoMajor != 1 { //nolint:bodyclose // await closes it
				t.Errorf("HTTP/1.1 is %s", res.Proto)
			}
			if _, err := reader(roots, https.Addr().String(), true).Get("https://evil.example.org/world.rss"); err == nil { //nolint:bodyclose // there is none
				t.Error("another name is answered")
			}
			if plain != nil {
				leads(t, plain.Addr().String())
			}
			if got := journal.String(); !strings.Contains(got, "certificate received") || !strings.Contains(got, "feeds.example.org") {
				t.Errorf("the log says\n%s", got)
			}
			nobodyElse(t, dir)

			stop()
			leave()
			again, port := listen(t)
			s.Port, s.Plain = port, 0
			site(t, s, again, nil)
			await(t, reader(roots, again.Addr().String(), true), "https://feeds.example.org/world.rss") //nolint:bodyclose // await closes it
		})
	}
}

// leads asks by HTTP.
func leads(t *testing.T, address string) {
	t.Helper()
	client := reader(nil, address, false)
	for from, to := range map[string]string{
		"http://feeds.example.org/base/world.rss?token=0123456789abcdef": "https://feeds.example.org:8443/base/world.rss",
		"http://OTHER.example.org/a%20b":                                 "https://other.example.org:8443/a%20b",
		"http://evil.example.org/world.rss":                              "https://feeds.example.org:8443/world.rss",
		"http://feeds.example.org//evil.example.org/%0d%0aX:%20y":        "https://feeds.example.org:8443/evil.example.org/%0D%0AX:%20y",
	} {
		res, err := client.Get(from)
		if err != nil {
			t.Error(err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if got := res.Header.Get("Location"); res.StatusCode != 301 || got != to || strings.Contains(string(body), "evil") {
			t.Errorf("%s leads to %d %s, want %s\n%s", from, res.StatusCode, got, to, body)
		}
	}
	res, err := client.Post("http://feeds.example.org/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", res.Status)
	}
}

// nobodyElse looks whether others may read the keys.
func nobodyElse(t *testing.T, dir string) {
	t.Helper()
	keys := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		if filepath.Ext(path) == ".key" {
			keys++
		}
		return err
	})
	if err != nil || keys == 0 {
		t.Errorf("%d keys, %v", keys, err)
	}
}

// TestNoAuthority asks one that is not there: it is told once, with what to do, and the server goes on.
func TestNoAuthority(t *testing.T) {
	https, port := listen(t)
	var journal writer
	stop := site(t, certificate.Settings{
		Domains: []string{"feeds.example.org"}, Dir: t.TempDir(), Port: port,
		Authority: certificate.Authority{Directory: "https://127.0.0.1:1/dir"}, Log: slog.New(slog.NewTextHandler(&journal, nil)),
	}, https, nil)
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(journal.String(), "no certificate for a domain"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log says\n%s", journal.String())
		}
	}
	stop()
	if got := journal.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "domain=feeds.example.org") {
		t.Errorf("the log says\n%s", got)
	}
}

func TestFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := certificate.New(certificate.Settings{Domains: []string{"feeds.example.org"}, Dir: filepath.Join(file, "below"), Log: slog.New(slog.DiscardHandler)})
	if feed.ClassOf(err) != feed.Refused || !strings.Contains(err.Error(), "server.tls") {
		t.Errorf("a folder below a file: %v", err)
	}
}
