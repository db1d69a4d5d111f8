package serve

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// secured are the two ends of TLS with HTTP/2.
func secured(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // of a certificate
	defer lender.Close()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	protocols := []string{"h2", "http/1.1"}
	return &tls.Config{Certificates: lender.TLS.Certificates, NextProtos: protocols, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: roots, ServerName: "example.com", NextProtos: protocols[:1], MinVersion: tls.VersionTLS12}
}

// startTLS runs a server as the daemon runs it with certificates; stop tells it to end, and done has how it ended.
func startTLS(t *testing.T, server *Server) (address string, client *tls.Config, stop func(), done <-chan error) {
	t.Helper()
	l, ended := listen(t), make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	own, client := secured(t)
	over := make(chan struct{})
	go func() {
		defer close(over)
		ended <- server.RunTLS(ctx, l, own)
	}()
	t.Cleanup(func() { cancel(); <-over })
	return l.Addr().String(), client, cancel, ended
}

// speaker is a client's end of a connection of HTTP/2, which says what no library would.
type speaker struct {
	*testing.T
	conn   net.Conn
	framer *http2.Framer
	stream uint32 // the last one that was opened
}

// speak opens a connection, whose streams get as much at once as window says.
func speak(t *testing.T, address string, c *tls.Config, window uint32) *speaker {
	t.Helper()
	conn, err := tls.Dial("tcp", address, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &speaker{T: t, conn: conn, framer: http2.NewFramer(conn, conn), stream: ^uint32(0)}
	s.framer.AllowIllegalWrites = true
	s.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	s.within(10 * time.Second)
	_, err = io.WriteString(conn, http2.ClientPreface)
	s.must(err)
	s.must(s.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: window}))
	return s
}

func (s *speaker) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *speaker) within(d time.Duration) { s.must(s.conn.SetDeadline(time.Now().Add(d))) }

// open begins a stream with names and values as they are.
func (s *speaker) open(ends bool, fields ...string) (stream uint32) {
	s.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for i := 0; i < len(fields); i += 2 {
		s.must(encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}))
	}
	s.stream += 2
	s.must(s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: s.stream, BlockFragment: block.Bytes(), EndStream: ends, EndHeaders: true}))
	return s.stream
}

// get asks for a document as a library would.
func (s *speaker) get(path string, fields ...string) (stream uint32) {
	s.Helper()
	return s.open(true, append([]string{":method", "GET", ":scheme", "https", ":authority", "x", ":path", path}, fields...)...)
}

// heard is what came of a stream.
type heard struct {
	status string
	header http.Header
	body   []byte
	reset  http2.ErrCode // of the stream, or of the connection
	refuse bool          // it was reset, or the connection was
	away   bool          // the server says that it goes
	last   uint32        // the last stream that it will answer then
	said   string        // and why it goes
}

func (h heard) String() string {
	return fmt.Sprintf("status %s, %d bytes, reset %v (%v), away %v after stream %d %q", h.status, len(h.body), h.refuse, h.reset, h.away, h.last, h.said)
}

// hear reads until a stream has ended, or the connection has; of no stream, 0, until the server says that it goes.
func (s *speaker) hear(stream uint32) (h heard) {
	s.Helper()
	h.header = http.Header{}
	for {
		f, err := s.framer.ReadFrame()
		if err != nil {
			if deadline, ok := errors.AsType[net.Error](err); ok && deadline.Timeout() {
				s.Fatalf("nothing more is heard of stream %d: %v", stream, h)
			}
			return h
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				s.must(s.framer.WriteSettingsAck())
			}
		case *http2.GoAwayFrame:
			h.away, h.last, h.said = true, f.LastStreamID, string(f.DebugData())
			if f.ErrCode != http2.ErrCodeNo {
				h.refuse, h.reset = true, f.ErrCode
			}
			if stream == 0 {
				return h
			}
		}
		if of := f.Header().StreamID; of != 0 && (of == stream || stream == 0) && h.of(f) {
			return h
		}
	}
}

// of takes a frame of the stream, and reports whether it is the last one.
func (h *heard) of(f http2.Frame) (last bool) {
	switch f := f.(type) {
	case *http2.MetaHeadersFrame:
		h.status = f.PseudoValue("status")
		for _, field := range f.RegularFields() {
			h.header.Add(field.Name, field.Value)
		}
		return f.StreamEnded()
	case *http2.DataFrame:
		h.body = append(h.body, f.Data()...)
		return f.StreamEnded()
	case *http2.RSTStreamFrame:
		h.refuse, h.reset = f.ErrCode != http2.ErrCodeNo, f.ErrCode
		return true
	}
	return false
}

// response is what was heard, as one over HTTP/1.1 would be.
func (h heard) response(status int) response {
	return response{&http.Response{StatusCode: status, Header: h.header}, h.body}
}
