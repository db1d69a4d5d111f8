//go:build unix

package mailbox

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/source/sourcetest"
)

// certificate and key are files; this process trusts the certificate. stranger's it does not trust.
var certificate, key, strangersCertificate, strangersKey string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "certificates")
	if err != nil {
		log.Fatal(err)
	}
	certificate, key = newCertificate(dir, "ours", "127.0.0.1")
	strangersCertificate, strangersKey = newCertificate(dir, "strangers", "127.0.0.1")
	if err := os.Setenv("SSL_CERT_FILE", certificate); err != nil { // read once, when the first certificate is checked
		log.Fatal(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir) // of our own making
	os.Exit(code)
}

func newCertificate(dir, name, host string) (certificate, key string) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.ParseIP(host)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		log.Fatal(err)
	}
	bytes, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		log.Fatal(err)
	}
	certificate, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	for file, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: made}, key: {Type: "EC PRIVATE KEY", Bytes: bytes}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return certificate, key
}

// letter is a message of a newsletter to Anna.
func letter(n int) string {
	return fmt.Sprintf("Message-ID: <%[1]d@sender.example>\r\nFrom: The Digest <digest@sender.example>\r\nTo: Anna <anna@example.org>\r\n"+
		"Subject: Issue %[1]d\r\nDate: Fri, 20 Nov 2026 %02[2]d:%02[3]d:00 +0000\r\n\r\nThis is issue %[1]d of the digest.\r\n", n, n/60%24, n%60)
}

// desk is a mailbox with its memory, as a feed has it.
type desk struct {
	*Mailbox
	memory *sourcetest.Memory
	tb     testing.TB
	now    atomic.Int64 // seconds after the beginning
}

var beginning = time.Date(2026, time.November, 24, 6, 0, 0, 0, time.UTC)

func newDesk(tb testing.TB, c Config) *desk {
	tb.Helper()
	if err := c.Validate(); err != nil {
		tb.Fatal(err)
	}
	d := &desk{memory: sourcetest.NewMemory(), tb: tb}
	log := slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	now := func() time.Time { return beginning.Add(time.Duration(d.now.Load()) * time.Second) }
	client := fetch.New(now, log)
	d.Mailbox = New(c, tb.TempDir(), client, time.UTC, now, log)
	return d
}

// at is a mailbox on this machine, which is allowed.
func at(scheme, hostPort string) Config {
	c := Default()
	c.URL, c.User, c.Password = scheme+"://"+hostPort+"/INBOX", sourcetest.MailUser, sourcetest.MailPassword
	c.Fetch.AllowPrivate = []string{hostPort}
	c.Fetch.Timeout = 10e9
	return c
}

// look fetches and commits.
func (d *desk) look() feed.Batch {
	d.tb.Helper()
	b, err := d.Fetch(d.tb.Context(), d.memory)
	if err != nil {
		d.tb.Fatal(err)
	}
	d.memory.Commit()
	return b
}

// brings looks and compares the titles of what comes.
func (d *desk) brings(want ...string) {
	d.tb.Helper()
	b := d.look()
	var got []string
	for _, a := range b.Articles {
		got = append(got, a.Title)
	}
	if !slices.Equal(got, want) {
		d.tb.Errorf("there came %q, want %q", got, want)
	}
	if extent := b.Extent; extent != feed.Increment && len(want) > 0 || extent != feed.Unchanged && len(want) == 0 && len(b.Problems) == 0 {
		d.tb.Errorf("the batch of %d is of extent %d", len(want), extent)
	}
}

// refuses looks and compares the class and a part of the error.
func (d *desk) refuses(class feed.Class, part string) {
	d.tb.Helper()
	_, err := d.Fetch(d.tb.Context(), d.memory)
	d.memory.Commit()
	if feed.ClassOf(err) != class || !strings.Contains(fmt.Sprint(err), part) {
		d.tb.Errorf("the error is %s: %v; want %s: %s", feed.ClassOf(err), err, class, part)
	}
	if strings.Contains(fmt.Sprint(err), sourcetest.MailPassword) {
		d.tb.Errorf("the error shows the password: %v", err)
	}
}

func TestDovecotTellsNothingTwice(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	for i := range 3 {
		server.Mail.Deliver(letter(i + 1))
	}
	d := newDesk(t, at("imaps", server.TLS))
	d.brings("Issue 1", "Issue 2", "Issue 3")
	d.brings()
	if d.memory.Puts != 0 {
		t.Error("a look that finds nothing writes into memory")
	}
	server.Mail.Deliver(letter(4))
	d.brings("Issue 4")

	server.Renumber() // a restored backup
	d.brings()
	server.Mail.Deliver(letter(5))
	d.brings("Issue 5")
	server.Mail.Deliver(letter(5)) // delivered twice
	d.brings()
	server.Renumber()
	server.Mail.Deliver(letter(6)) // came between
	d.brings("Issue 6")
	for _, file := range server.Mail.Files() {
		if _, flags, _ := strings.Cut(file, ":2,"); flags != "" {
			t.Errorf("%s was flagged", file)
		}
	}
}

func TestDovecotChecksWhoItTalksTo(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	server.Mail.Deliver(letter(1))
	newDesk(t, at("imap", server.Plain)).brings("Issue 1") // STARTTLS

	stranger := sourcetest.StartDovecot(t, strangersCertificate, strangersKey)
	newDesk(t, at("imaps", stranger.TLS)).refuses(feed.Refused, "signed by nobody this machine trusts")
	newDesk(t, at("imap", stranger.Plain)).refuses(feed.Refused, "signed by nobody this machine trusts")
	newDesk(t, at("imaps", server.Plain)).refuses(feed.Refused, "does not speak TLS on this port; see whether the address should begin with imap://")

	private := at("imaps", server.TLS)
	private.Fetch.AllowPrivate = nil
	newDesk(t, private).refuses(feed.Refused, "allow_private: [\""+server.TLS+"\"]")

	wrong := at("imaps", server.TLS)
	wrong.Password = "wrong"
	newDesk(t, wrong).refuses(feed.Refused, "does not let this user in")
	elsewhere := at("imaps", server.TLS)
	elsewhere.URL = "imaps://" + server.TLS + "/Nowhere"
	newDesk(t, elsewhere).refuses(feed.Refused, "has no such folder")

	plain := sourcetest.StartDovecot(t, "", "")
	plain.Mail.Deliver(letter(1))
	newDesk(t, at("imap", plain.Plain)).brings("Issue 1") // on this machine itself
}

func TestDovecotFilters(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	server.Mail.Deliver(letter(1))
	server.Mail.Deliver(strings.ReplaceAll(letter(2), "digest@sender.example", "other-digest@sender.example"))
	server.Mail.Deliver("List-Id: News <news.lists.example>\r\n" + letter(3))
	server.Mail.Deliver("List-Id: Old news <old.news.lists.example>\r\n" + letter(4))
	c := at("imaps", server.TLS)
	c.Sender = "Digest@Sender.example"
	newDesk(t, c).brings("Issue 1", "Issue 3", "Issue 4")
	c.ListID = "News.lists.example"
	newDesk(t, c).brings("Issue 3")
}

func TestDovecotGoesAwayInTheMiddle(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	attached := "--b\r\n\r\nSee below.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("SXQgZ29lcyBvbiBhbmQgb24gYW5kIG9u\r\n", 12_000) + "--b--\r\n"
	for i := range 40 {
		server.Mail.Deliver("Content-Type: multipart/mixed; boundary=b\r\n" + letter(i+1) + attached)
	}
	d := newDesk(t, at("imaps", server.TLS))
	began := make(chan struct{})
	go func() {
		defer close(began)
		time.Sleep(150 * time.Millisecond)
		server.Stop()
	}()
	b, err := d.Fetch(t.Context(), d.memory)
	<-began
	if err != nil && feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("the error is %s: %v", feed.ClassOf(err), err)
	}
	d.memory.Commit()
	got := len(b.Articles)
	server.Start()
	d.now.Add(3600)
	for range 3 {
		got += len(d.look().Articles)
	}
	if got != 40 {
		t.Errorf("there came %d messages of 40", got)
	}
}

func TestDovecotIsLeftAloneAfterFailures(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	server.Mail.Deliver(letter(1))
	d := newDesk(t, at("imaps", server.TLS))
	server.Stop()
	d.refuses(feed.Unavailable, "refuses the connection")
	server.Start()
	d.now.Add(60)
	d.refuses(feed.Unavailable, "refuses the connection") // it is not asked
	d.now.Add(100)
	d.brings("Issue 1")
}

func TestDovecotTellsOfNewMail(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	d := newDesk(t, at("imaps", server.TLS))
	changed := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := d.Watch(ctx, func() { changed <- struct{}{} }); err != nil {
			t.Error(err)
		}
	}()
	tells := func(want string) {
		t.Helper()
		server.Mail.Deliver(letter(1))
		timeout := time.After(25 * time.Second)
		for {
			select {
			case <-changed:
				for _, a := range d.look().Articles {
					if a.Title == want {
						return
					}
				}
			case <-timeout:
				t.Fatalf("nothing was told of %s", want)
			}
		}
	}
	<-changed // it listens
	tells("Issue 1")
	server.Stop()
	server.Start()
	server.Mail.Deliver(letter(2))
	<-changed // after it has found back
	d.brings("Issue 2")
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("Watch does not end")
	}
}

func TestDovecotHasBadMail(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	server.Mail.Deliver(letter(1))
	server.Mail.Deliver(letter(2) + strings.Repeat("fifty megabytes of it, line after line after line after line.\r\n", 50<<20/63))
	server.Mail.Deliver(manyParts(3, 10_000))
	server.Mail.Deliver(letter(4))
	d := newDesk(t, at("imaps", server.TLS))
	b := d.look()
	if len(b.Articles) != 2 || len(b.Problems) != 2 {
		t.Fatalf("there came %d articles and %v", len(b.Articles), b.Problems)
	}
	for i, want := range []string{`message "Issue 2" of 20`, `message "Issue 3" of 20`} {
		if got := b.Problems[i].Error(); !strings.HasPrefix(got, want) || !strings.Contains(got, "is left out") {
			t.Errorf("the problem is %q", got)
		}
	}
	d.brings() // they are told once
}

func manyParts(n, parts int) string {
	head, _, _ := strings.Cut(letter(n), "\r\n\r\n")
	return head + "\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\na part\r\n", parts) + "--x--\r\n"
}

// TestReadingLongerThanTheTimeout: what takes long on this side is no fault of the server's.
func TestReadingLongerThanTheTimeout(t *testing.T) {
	t.Parallel()
	server := sourcetest.StartDovecot(t, certificate, key)
	for i := range 60 {
		server.Mail.Deliver(letter(i + 1))
	}
	c := at("imaps", server.TLS)
	c.Fetch.Timeout = 1e9
	d := newDesk(t, c)
	s, err := d.open(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	uids, _, err := s.search(1, true)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.heads(t.Context(), uids)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = s.read(t.Context(), all, func(candidate, []byte, error) bool {
		if n++; n == 10 {
			time.Sleep(2500 * time.Millisecond) // the library bears one timeout
		}
		return true
	})
	if err != nil || n != 60 {
		t.Errorf("%d messages were read, %v", n, err)
	}
}
