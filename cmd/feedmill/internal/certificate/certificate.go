// Package certificate keeps certificates for the domains of the public listener: it asks an authority for them by ACME
// (RFC 8555), with the challenges HTTP-01 and TLS-ALPN-01 (RFC 8737), stores them, and renews them in time. It is the only
// importer of certmagic.
//
// It opens no listener: what answers at the listener for HTTPS is in [Keeper.TLS], at that for HTTP in [Keeper.Plain]. An
// authority that cannot be reached, or that refuses, stops nothing: it is asked again, with growing pauses.
package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"feedmill/feed"
)

// Settings are for whom certificates are kept, and where.
type Settings struct {
	Domains []string
	Email   string // where the authority writes when something is wrong; may be empty
	// Dir is the folder for keys and certificates, which nobody else may read. It is made if need be.
	Dir string
	// Port is that of the listener for HTTPS; Plain that of the one for HTTP, 0 when there is none.
	Port, Plain int
	// Authority is another one than Let's Encrypt.
	Authority Authority
	Log       *slog.Logger
}

// Authority is who gives certificates. The zero value is Let's Encrypt.
type Authority struct {
	Directory string         // the address of its directory
	Roots     *x509.CertPool // of the directory's own certificate; nil: those of the system
}

// Keeper keeps the certificates.
type Keeper struct {
	Settings
	cache  *certmagic.Cache
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer

	mu      sync.Mutex
	failing map[string]bool // domains without a new certificate
}

// New makes a keeper. The error is of class [feed.Refused] when the folder cannot be used.
func New(s Settings) (*Keeper, error) {
	err := os.MkdirAll(s.Dir, 0o700)
	if err == nil {
		err = os.Chmod(s.Dir, 0o700)
	}
	if err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("server.tls: cannot keep certificates beside the state: %w", err))
	}
	k := &Keeper{Settings: s, failing: map[string]bool{}}
	silent := zap.NewNop() // what matters comes as events
	k.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return k.config, nil }, Logger: silent,
	})
	k.config = certmagic.New(k.cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: s.Dir}, OnEvent: k.tell, Logger: silent,
	})
	authority := s.Authority.Directory
	if authority == "" {
		authority = certmagic.LetsEncryptProductionCA
	}
	k.issuer = certmagic.NewACMEIssuer(k.config, certmagic.ACMEIssuer{
		CA: authority, TrustedRoots: s.Authority.Roots, Email: s.Email, Agreed: true, Logger: silent,
		AltTLSALPNPort: s.Port, AltHTTPPort: s.Plain, DisableHTTPChallenge: s.Plain == 0,
	})
	k.config.Issuers = []certmagic.Issuer{k.issuer}
	return k, nil
}

// Run keeps the certificates until ctx ends. Those that are stored are in use at once.
func (k *Keeper) Run(ctx context.Context) error {
	defer k.cache.Stop()
	if err := k.config.ManageAsync(ctx, k.Domains); err != nil && ctx.Err() == nil {
		return feed.Classify(feed.Refused, fmt.Errorf("server.tls: keep certificates in %s: %w", k.Dir, err))
	}
	<-ctx.Done()
	return nil
}

// TLS is what the listener for HTTPS needs, HTTP/2 included. A connection for another domain is refused.
func (k *Keeper) TLS() *tls.Config {
	c := k.config.TLSConfig()
	c.NextProtos = slices.Concat([]string{"h2", "http/1.1"}, c.NextProtos)
	return c
}

// tell logs what happens to a domain's certificate: a failure once, until there is a certificate.
func (k *Keeper) tell(_ context.Context, event string, data map[string]any) error {
	name, _ := data["identifier"].(string)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch event {
	case "cert_obtained":
		k.Log.Info("certificate received", "domain", name)
		delete(k.failing, name)
	case "cert_failed":
		if k.failing[name] {
			break
		}
		k.failing[name] = true
		k.Log.Error("no certificate for a domain of server.tls; it is asked for again. See that the name leads to this machine, "+
			"and that the web reaches it at port 443 or 80", "domain", name, "err", data["error"])
	}
	return nil
}
