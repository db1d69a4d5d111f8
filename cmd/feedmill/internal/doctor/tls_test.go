package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"feedmill/feed/fetch"
)

const secure = "https://feeds.example.org"

// certificate makes one for a name that holds for so long from now, and an authority of its own that signs it.
func certificate(t *testing.T, name string, holds time.Duration) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "An authority"}, NotBefore: now.Add(-2000 * time.Hour), NotAfter: now.Add(20000 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: now.Add(-1000 * time.Hour), NotAfter: now.Add(holds),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed := func(c *x509.Certificate) *x509.Certificate {
		der, err := x509.CreateCertificate(rand.Reader, c, authority, &key.PublicKey, key)
		if err != nil {
			t.Fatal(err)
		}
		read, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(signed(authority))
	return tls.Certificate{Certificate: [][]byte{signed(leaf).Raw}, PrivateKey: key}, trusted
}

// reached leads feeds.example.org to a server with TLS and one without on this machine.
func reached(trusted *x509.CertPool, withTLS, without *httptest.Server) []fetch.Option {
	transport := &http.Transport{
		DisableCompression: true, TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to := without.Listener.Addr().String()
			if strings.HasSuffix(address, ":443") {
				to = withTLS.Listener.Addr().String()
			}
			return new(net.Dialer).DialContext(ctx, network, to)
		},
	}
	return []fetch.Option{fetch.WithTransport(func(http.RoundTripper) http.RoundTripper { return transport })}
}

func TestCertificatesAndPlainHTTP(t *testing.T) {
	t.Parallel()
	n := open(t, secure)
	leads := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(to, "PATH", r.URL.Path, 1), http.StatusMovedPermanently)
		}
	}
	well := leads(secure + "PATH")
	for _, c := range []struct {
		name, certified string
		holds           time.Duration
		untrusted       bool
		plain           http.HandlerFunc
		want            []string
	}{
		{name: "all well", holds: 1000 * time.Hour, plain: well},
		{name: "ends soon", holds: 200 * time.Hour, plain: well, want: []string{"warning /: The certificate of feeds.example.org ends on DATE."}},
		{name: "ends now", holds: 20 * time.Hour, plain: well, want: []string{"error /: The certificate of feeds.example.org ends on DATE."}},
		{name: "expired", holds: -48 * time.Hour, plain: well, want: []string{"error /world.atom: The certificate of feeds.example.org is not valid now: it holds from BEGIN to DATE."}},
		{name: "another name", certified: "cdn.example.net", holds: 1000 * time.Hour, plain: well, want: []string{"error /world.atom: The certificate is for another name than feeds.example.org."}},
		{name: "nobody's", untrusted: true, holds: 1000 * time.Hour, plain: well, want: []string{"error /world.atom: The certificate of feeds.example.org is signed by nobody whom this machine trusts."}},
		{name: "http answers", holds: 1000 * time.Hour, plain: func(w http.ResponseWriter, r *http.Request) { n.origin.ServeHTTP(w, r) }, want: []string{"warning /: Answers without TLS, and does not lead to https://."}},
		{name: "http leads elsewhere", holds: 1000 * time.Hour, plain: leads("https://www.example.org/"), want: []string{"warning /: Leads to https://www.example.org/, and not to the same address with https://."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := "feeds.example.org"
			if c.certified != "" {
				name = c.certified
			}
			own, trusted := certificate(t, name, c.holds)
			if c.untrusted {
				trusted = x509.NewCertPool()
			}
			withTLS, without := httptest.NewUnstartedServer(n.origin), httptest.NewServer(c.plain)
			withTLS.TLS = &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12}
			withTLS.Config.ErrorLog = quiet()
			withTLS.StartTLS()
			defer withTLS.Close()
			defer without.Close()
			report := n.examine(t, reached(trusted, withTLS, without))
			day := func(d time.Duration) string { return time.Now().Add(d).UTC().Format("2006-01-02") }
			got := lines(n, report)
			for i := range got {
				got[i] = strings.NewReplacer(day(c.holds), "DATE", day(-1000*time.Hour), "BEGIN").Replace(got[i])
			}
			same(t, got, c.want)
		})
	}
}

func TestAHostThatIsNotThereIsToldOnce(t *testing.T) {
	t.Parallel()
	n := open(t, "http://"+free(t))
	report := n.examine(t, nil)
	same(t, lines(n, report), []string{"error /world.atom: Nothing answers: the connection is refused."})
	if report.Requests != 1 {
		t.Errorf("%d requests, want 1: there is nobody to ask", report.Requests)
	}
	n = open(t, "https://"+free(t)) // where something answers that speaks no TLS
	plain := httptest.NewServer(n.origin)
	defer plain.Close()
	n.config.BaseURL = "https://" + plain.Listener.Addr().String()
	same(t, lines(n, n.examine(t, nil)), []string{"error /world.atom: The server does not speak TLS on this port."})
}

func TestAHostWithoutAnAddressIsTold(t *testing.T) {
	t.Parallel()
	n := open(t, secure)
	missing := func(http.RoundTripper) http.RoundTripper {
		return asking(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "feeds.example.org", IsNotFound: true}}
		})
	}
	same(t, lines(n, n.examine(t, []fetch.Option{fetch.WithTransport(missing)})), []string{"error /world.atom: There is no host feeds.example.org in DNS."})
}

type asking func(*http.Request) (*http.Response, error)

func (a asking) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }
