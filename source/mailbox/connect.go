package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"feedmill/feed"
)

// connect opens an encrypted connection to the server, on which go-imap hears a greeting.
func (m *Mailbox) connect(ctx context.Context) (*wire, error) {
	conn, err := m.client.Dial(ctx, m.place.hostPort, m.config.Fetch)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	timeout := time.Duration(m.config.Fetch.Timeout)
	secured, greeting, err := m.secure(ctx, conn, timeout)
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close() // it is of no use
		return nil, err
	}
	return newWire(secured, greeting, timeout, int64(m.config.Fetch.MaxBody)), nil
}

// secure encrypts the connection. greeting is what the server said before, and says no more.
func (m *Mailbox) secure(ctx context.Context, conn net.Conn, timeout time.Duration) (secured net.Conn, greeting string, err error) {
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return nil, "", err
	}
	if m.place.url.Scheme == "imap" {
		offered, err := startTLS(conn)
		if err != nil {
			return nil, "", err
		}
		greeting = "* OK ready\r\n"
		if !offered {
			if m.config.Fetch.Proxy == "" && onThisMachine(conn.RemoteAddr()) {
				return conn, greeting, nil
			}
			return nil, "", feed.Classify(feed.Refused, fmt.Errorf("%s offers no encryption (STARTTLS), so the password is not sent; write imaps:// if it speaks TLS on port 993", m.place.url.Hostname()))
		}
	}
	encrypted := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: m.place.url.Hostname(), NextProtos: []string{"imap"}})
	if err := encrypted.HandshakeContext(ctx); err != nil {
		return nil, "", err
	}
	return encrypted, greeting, nil
}

// onThisMachine reports whether the other end is this machine itself.
func onThisMachine(a net.Addr) bool {
	place, err := netip.ParseAddrPort(a.String())
	return err == nil && place.Addr().Unmap().IsLoopback()
}

// startTLS asks for encryption (RFC 9051 section 6.2.1), and reports whether the server offers it. Nothing that it said before
// counts afterwards.
func startTLS(conn net.Conn) (offered bool, err error) {
	in := bufio.NewReaderSize(conn, 8<<10)
	greeting, err := lineOf(in)
	if err != nil {
		return false, err
	}
	if !strings.HasPrefix(greeting, "* OK") {
		return false, feed.Classify(feed.Unavailable, fmt.Errorf("does not greet as an IMAP server; see whether host and port are right"))
	}
	said, err := ask(conn, in, "a1", "CAPABILITY")
	if err != nil || !strings.Contains(said+" ", " STARTTLS ") {
		return false, err
	}
	if _, err := ask(conn, in, "a2", "STARTTLS"); err != nil {
		return false, err
	}
	if in.Buffered() > 0 {
		return false, feed.Classify(feed.Refused, fmt.Errorf("says more than it may before the connection is encrypted; somebody may be in between"))
	}
	return true, nil
}

// mostLines is how many lines may come before an answer ends.
const mostLines = 50

// ask sends a command and returns what came before its end, in upper case.
func ask(conn net.Conn, in *bufio.Reader, tag, command string) (string, error) {
	if _, err := conn.Write([]byte(tag + " " + command + "\r\n")); err != nil {
		return "", err
	}
	var said strings.Builder
	for range mostLines {
		line, err := lineOf(in)
		if err != nil {
			return "", err
		}
		if rest, ok := strings.CutPrefix(line, tag+" "); ok {
			if !strings.HasPrefix(strings.ToUpper(rest), "OK") {
				return "", feed.Classify(feed.Refused, fmt.Errorf("refuses %s; whoever runs the server must mend it", command))
			}
			return said.String(), nil
		}
		said.WriteString(" " + strings.ToUpper(line))
	}
	return "", errEndless
}

func lineOf(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	if err == bufio.ErrBufferFull { //nolint:errorlint // it is never wrapped
		return "", errLine
	}
	return strings.TrimRight(string(line), "\r\n"), err
}
