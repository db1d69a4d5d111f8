package daemon

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/cmd/feedmill/internal/certificate/certificatetest"
	"feedmill/config"
)

// TestTLS runs a daemon with domains: it gets a certificate, answers by HTTPS and HTTP/2, leads from HTTP there, and takes no
// other domain without a restart.
func TestTLS(t *testing.T) {
	https, plain := socketAt(t), socketAt(t)
	authority, roots, _ := certificatetest.Authority(t, portOf(plain), portOf(https))
	dir := t.TempDir()
	path := filepath.Join(dir, "feedmill.yaml")
	write := func(domains string) {
		text := fmt.Sprintf("base_url: https://feeds.example.org\nserver: {tls: {domains: [%s]}}\nadmin: {listen: \"127.0.0.1:0\"}\nfeeds: {world: {source: {files: \"*.md\"}}}\n", domains)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("feeds.example.org")
	ctx, stop := context.WithCancel(t.Context())
	done, reload := make(chan error, 1), make(chan struct{})
	var journal notebook
	go func() {
		done <- Run(ctx, Settings{
			Load: func() (*config.Config, error) { return config.Load(path, config.Options{}) }, Now: time.Now, Out: io.Discard,
			Log:       slog.New(slog.NewTextHandler(&journal, nil)),
			Sockets:   map[string]net.Listener{SocketServer: https, socketHTTP: plain},
			Authority: authority,
		}, reload)
	}()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to := https.Addr().String()
			if _, port, _ := net.SplitHostPort(address); port == "80" {
				to = plain.Addr().String()
			}
			return new(net.Dialer).DialContext(ctx, network, to)
		},
		TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
	}}
	var res *http.Response
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var err error
		if res, err = client.Get("http://feeds.example.org/"); err == nil { // and is led to HTTPS
			res.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v\n%s", err, journal.String())
		}
	}
	if res.StatusCode != 200 || res.ProtoMajor != 2 || res.Request.URL.String() != "https://feeds.example.org/" {
		t.Errorf("%s answers %s %s", res.Request.URL, res.Proto, res.Status)
	}
	info, err := os.Stat(filepath.Join(dir, "feedmill.db.certificates"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of certificates: %v %v", info, err)
	}
	write("other.example.org")
	reload <- struct{}{}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(journal.String(), "server.tls was changed, which takes a restart"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log says\n%s", journal.String())
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func socketAt(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
