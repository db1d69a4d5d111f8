package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"feedmill/feed"
)

// explain puts what went wrong on the way to an answer into words. It repeats nothing of err that changes from try to
// try or that the origin wrote.
func explain(err error, q *question, at *trail) *failure {
	f := &failure{class: feed.Unavailable, cause: err}
	if !explainNetwork(err, at.here, q.Config, f) {
		f.text = "its answer breaks the rules of HTTP, or its headers are larger than 256KB; whoever runs the address must mend it"
	}
	return f
}

// Explain puts an error of the network into the words of [Client.Get], with its class, for those who speak another protocol than HTTP over
// [Client.Dial]. at is the address that was asked. Nil: the trouble is none of the network's.
func Explain(err error, at *url.URL, config Config) error {
	f := &failure{class: feed.Unavailable, cause: err}
	if err == nil || !explainNetwork(err, at, config, f) {
		return nil
	}
	return classed(f)
}

// explainNetwork names what is wrong with the network, or reports that it is something else.
func explainNetwork(err error, at *url.URL, config Config, f *failure) bool {
	if denied, ok := errors.AsType[*deniedAddress](err); ok {
		f.class, f.text = feed.Refused, denied.Error()
		return true
	}
	if config.Proxy != "" && throughProxy(err, f) {
		return true
	}
	host := at.Hostname()
	switch {
	case explainName(err, host, f), explainTLS(err, at, f), explainConnection(err, host, f):
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		f.text = "did not answer whole within " + short(time.Duration(config.Timeout)) + "; if it is always so slow, write a longer timeout under fetch:"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.text = "closed the connection before its answer was whole; feedmill asks again later"
	default:
		return false
	}
	return true
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}

// short writes 2m, not 2m0s.
func short(d time.Duration) string {
	if d%time.Minute == 0 {
		return strings.TrimSuffix(d.String(), "0s")
	}
	return d.String()
}

func throughProxy(err error, f *failure) bool {
	if refusal, ok := errors.AsType[*proxyRefusal](err); ok {
		f.text = refusal.Error() + "; see proxy under fetch: and what that proxy lets through"
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "proxyconnect" || op.Op == "socks connect" || op.Op == "dial") {
		f.text = "the proxy cannot be reached, or did not connect; see proxy under fetch: and whether that proxy runs"
		return true
	}
	return false
}

func explainName(err error, host string, f *failure) bool {
	name, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return false
	case name.IsNotFound:
		f.text = "there is no host " + host + " (DNS); see whether it is spelled right and still exists"
	default:
		f.text = "the name server gave no answer for " + host + "; see whether this machine's DNS works, feedmill asks again later"
	}
	return true
}

// explainTLS names what is wrong with a certificate or handshake. Certificates are never accepted unchecked.
func explainTLS(err error, at *url.URL, f *failure) bool {
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	_, wrongName := errors.AsType[x509.HostnameError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, isVerification := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	op, isOp := errors.AsType[*net.OpError](err)
	whoever := "; whoever runs " + at.Hostname() + " must mend it"
	switch {
	case isInvalid && invalid.Reason == x509.Expired:
		f.text = "its certificate has expired or is not yet valid" + whoever + " (or this machine's clock is wrong)"
	case wrongName:
		f.text = "its certificate is for another name than " + at.Hostname() + "; see whether the address is spelled right"
	case unknown:
		f.text = "its certificate is signed by nobody this machine trusts" + whoever + ", or its authority must be installed on this machine"
	case isInvalid, isVerification:
		f.text = "its certificate is not valid" + whoever
	case plain && strings.HasSuffix(at.Scheme, "s"):
		f.text = "does not speak TLS on this port; see whether the address should begin with " + strings.TrimSuffix(at.Scheme, "s") + "://"
	case alert, isOp && (op.Op == "remote error" || op.Op == "local error"):
		f.text = "refuses the TLS handshake; it may speak only versions older than 1.2, or want a client certificate"
	default:
		return false
	}
	f.class = feed.Refused
	return true
}

func explainConnection(err error, host string, f *failure) bool {
	op, isOp := errors.AsType[*net.OpError](err)
	switch {
	case isOp && op.Op == "dial" && op.Timeout():
		f.text = host + " does not answer at all; feedmill asks again later"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.text = host + " refuses the connection: nothing answers on this port; feedmill asks again later"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		f.text = host + " broke the connection; feedmill asks again later"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ENETDOWN), errors.Is(err, syscall.EADDRNOTAVAIL):
		f.text = host + " cannot be reached over the network; see whether this machine is online"
	default:
		return false
	}
	return true
}
