package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"feedmill/feed/fetch"
	"feedmill/feed/setting"
	"feedmill/output/serve"
)

// answer is what a reader got at an address.
type answer struct {
	fetch.Sight
	reader reader
}

// media is the bare media type of the answer.
func (a answer) media() string {
	bare, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(bare))
}

func (a answer) html() bool { return a.media() == "text/html" || a.media() == "application/xhtml+xml" }

// status is the answer's status as people know it.
func (a answer) status() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)))
}

// ask lets a reader ask for an address, and follows redirects as far as they stay on the host. Whatever keeps it from an
// answer is a finding, and ok is false.
func (v *visit) ask(ctx context.Context, address string, r reader) (a answer, ok bool) {
	if a, ok = v.once(ctx, address, r, http.MethodGet); ok && redirects(a) {
		return v.follow(ctx, address, r, a)
	}
	return a, ok
}

// once asks without following a redirect.
func (v *visit) once(ctx context.Context, address string, r reader, method string) (answer, bool) {
	if v.ended(ctx) {
		return answer{}, false
	}
	v.report.Requests++
	header := r.with(serve.Examining, "1").header
	seen, err := v.doctor.Client.Look(ctx, fetch.Look{URL: address, Method: method, Header: header, Config: v.manners(address)})
	switch {
	case ctx.Err() != nil:
		return answer{}, false
	case err != nil:
		v.unreached(address, err)
		return answer{}, false
	}
	v.reached = true
	v.certificate(seen)
	return answer{seen, r}, true
}

// manners are how an address is asked for: of private places only the host that the operator named.
func (v *visit) manners(address string) fetch.Config {
	words := fetch.Default()
	words.Timeout, words.MaxBody = setting.Duration(answerTime), setting.Size(largestBody)
	words.PerHost = fetch.PerHost{Concurrency: 1, Interval: setting.Duration(v.doctor.Pause)}
	words.Proxy = v.doctor.Config.Fetch.Proxy
	if at, err := url.Parse(address); err == nil && at.Hostname() == v.base.Hostname() {
		words.AllowPrivate = []string{hostPort(at)}
	}
	return words
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// unreached tells why there is no answer. When there never was one, no other address of the host is worth asking for.
func (v *visit) unreached(address string, err error) {
	seen, remedy := unreached(err, v.base.Hostname())
	f := Finding{Severity: Error, kind: "unreached", Address: fetch.Shown(address), Seen: seen, Remedy: remedy}
	if !v.reached {
		v.away = true
		f.Remedy += " Nothing else was asked for."
	}
	v.add(f)
}

func unreached(err error, host string) (seen, remedy string) {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return "There is no host " + host + " in DNS.", "Give it an A or AAAA record, or correct base_url."
		}
		return "The name server gave no answer for " + host + ".", "See whether this machine's DNS works, and whether the name servers of the domain answer."
	}
	if seen, remedy = uncertified(err, host); seen != "" {
		return seen, remedy
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return "The server does not speak TLS on this port.", "Set up a certificate there, or let base_url begin with http://."
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nothing answers: the connection is refused.", "See whether the server or proxy at base_url runs and listens on this port, and whether base_url names the right one."
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("There was no answer within %s.", answerTime), "See whether a firewall drops the connection, and whether the server behind the proxy runs."
	}
	_, text, _ := strings.Cut(err.Error(), ": ")
	return sentence(text), "See what the server or proxy at base_url logs about it."
}

// uncertified tells what is wrong with a certificate; empty: nothing.
func uncertified(err error, host string) (seen, remedy string) {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "The certificate of " + host + " is not valid now: " + validity(invalid.Cert) + ".",
			"Renew it, see why it was not renewed by itself, and see whether this machine's clock is right."
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "The certificate is for another name than " + host + ".", "Have one made for the name in base_url, or correct base_url."
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "The certificate of " + host + " is signed by nobody whom this machine trusts.",
			"Use one of a public authority, and let the server send the intermediate certificates with it."
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "The certificate of " + host + " is not valid.", "Have a new one made."
	}
	return "", ""
}

func validity(c *x509.Certificate) string {
	if c == nil {
		return "it has expired"
	}
	return "it holds from " + c.NotBefore.UTC().Format("2006-01-02") + " to " + c.NotAfter.UTC().Format("2006-01-02")
}

// sentence makes one of an error's words, without what it says to those who run something else.
func sentence(text string) string {
	text, _, _ = strings.Cut(text, ";")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
