package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"feedmill/feed"
)

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "172.32.0.1": true, "100.128.0.1": true, "192.0.1.1": true, "198.20.0.1": true,
		"2606:2800:220:1::1": true, "2a00:1450::1": true, "2001:200::1": true, "::ffff:8.8.8.8": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "10.255.255.255": false, "100.64.0.1": false, "100.100.100.200": false,
		"127.0.0.1": false, "127.255.0.1": false, "169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.1": false,
		"192.0.2.1": false, "192.88.99.1": false, "192.168.1.1": false, "198.18.0.1": false, "198.19.255.255": false, "198.51.100.1": false,
		"203.0.113.1": false, "224.0.0.1": false, "239.255.255.250": false, "240.0.0.1": false, "255.255.255.255": false, "168.63.129.16": false,
		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:0:127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "100::1": false, "2001::1": false, "2001:2::1": false, "2001:10::1": false,
		"2001:db8::1": false, "2002:7f00:1::": false, "3fff::1": false, "5f00::1": false, "fc00::1": false, "fd00:ec2::254": false,
		"fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "ff02::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v, want %v", text, got, want)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// nameServer answers every name from a table; a name with several entries gives one after another. What is not there
// does not exist.
func nameServer(t *testing.T, names map[string][]string) *net.Resolver {
	t.Helper()
	var asked atomic.Int64
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		for packet := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if answer := answerName(packet[:n], names, &asked); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func answerName(packet []byte, names map[string][]string, asked *atomic.Int64) []byte {
	var m dnsmessage.Message
	if m.Unpack(packet) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	found := names[strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))]
	if len(found) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	} else {
		a := netip.MustParseAddr(found[0])
		if len(found) > 1 {
			a = netip.MustParseAddr(found[min(int(asked.Load()), len(found)-1)])
			if q.Type == dnsmessage.TypeA {
				asked.Add(1)
			}
		}
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: a.As4()}}}
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}}}
		}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// honeypot listens on loopback, IPv4 and IPv6 where there is one, and fails the test when anybody connects.
func honeypot(t *testing.T) (port string) {
	t.Helper()
	four, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(four.Addr().String())
	listeners := []net.Listener{four}
	if six, err := net.Listen("tcp6", "[::1]:"+port); err == nil {
		listeners = append(listeners, six)
	}
	for _, l := range listeners {
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				t.Errorf("somebody connected to %s", l.Addr())
				conn.Close()
			}
		}()
	}
	return port
}

// privateHosts are spellings of places that nobody may be led to.
func privateHosts() []string {
	return []string{
		"127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001",
		"127.000.000.001", "localhost", "LOCALHOST", "localhost.", "foo.localhost", "0.0.0.0", "0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
		"[2001:0:7f00:1::]", "[fe80::1]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254",
		"100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "①②⑦.0.0.1", "127。0。0。1",
		"loop.test", "mapped.test", "private.test", "metadata.test", "six.test", "nat64.test", "loop.test.",
	}
}

func privateNames() map[string][]string {
	return map[string][]string{
		"loop.test": {"127.0.0.1"}, "mapped.test": {"::ffff:127.0.0.1"}, "private.test": {"10.0.0.1"}, "metadata.test": {"169.254.169.254"},
		"six.test": {"::1"}, "nat64.test": {"64:ff9b::7f00:1"}, "localhost": {"127.0.0.1"}, "foo.localhost": {"127.0.0.1"},
		"127.1": {"127.0.0.1"}, "2130706433": {"127.0.0.1"}, "0x7f000001": {"127.0.0.1"}, "0x7f.1": {"127.0.0.1"}, "0x7f.0.0.1": {"127.0.0.1"},
		"0177.0.0.1": {"127.0.0.1"}, "017700000001": {"127.0.0.1"}, "127.000.000.001": {"127.0.0.1"}, "0": {"0.0.0.0"}, "127.0.1": {"127.0.0.1"},
	}
}

func TestPrivateAddresses(t *testing.T) {
	port := honeypot(t)
	c := newClient(WithResolver(nameServer(t, privateNames())))
	for _, host := range privateHosts() {
		_, err := c.Get(t.Context(), nil, Request{URL: "http://" + host + ":" + port + "/", Config: config()})
		if err == nil {
			t.Errorf("%s answered", host)
			continue
		}
		if class := feed.ClassOf(err); class != feed.Refused && class != feed.Unavailable {
			t.Errorf("%s: %v of class %s", host, err, class)
		}
	}
	_, err := c.Get(t.Context(), nil, Request{URL: "http://loop.test:" + port, Config: config()})
	refused(t, err, feed.Refused, "loop.test:"+port+" is this machine itself", `allow_private: ["loop.test:`+port+`"]`)
	_, err = c.Get(t.Context(), nil, Request{URL: "http://metadata.test", Config: config()})
	refused(t, err, feed.Refused, "metadata services", `["metadata.test:80"]`)
}

// TestRedirectToPrivate is led to every private place by an origin that is public.
func TestRedirectToPrivate(t *testing.T) {
	port := honeypot(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		var to string
		s := origin(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{to}
			w.WriteHeader(status)
		})
		c := newClient(WithResolver(nameServer(t, privateNames())))
		now := newClock()
		c.shared.now = now.now
		for _, host := range privateHosts() {
			for _, form := range []string{"http://HOST/", "https://HOST/", "//HOST/", "http://user:pw@HOST/", "http://93.184.216.34@HOST/"} {
				now.pass(shareFor)
				to = strings.Replace(form, "HOST", host+":"+port, 1)
				if _, err := c.Get(t.Context(), nil, Request{URL: s.URL, Config: config(s)}); err == nil {
					t.Errorf("%d to %s answered", status, to)
				}
			}
		}
		for _, bad := range []string{"file:///etc/passwd", "gopher://x/", "ftp://x/", "javascript:1", "data:,x", "", "http://", "http:///x", "unix:/run/x", "http://a b/", "\x01"} {
			now.pass(shareFor)
			to = bad
			_, err := c.Get(t.Context(), nil, Request{URL: s.URL, Config: config(s)})
			if err == nil {
				t.Errorf("%d to %q answered", status, bad)
			}
		}
	}
}

// TestRebinding resolves a name to a public address first and to a private one later.
func TestRebinding(t *testing.T) {
	good, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("this machine has one loopback address only")
	}
	_, port, _ := net.SplitHostPort(good.Addr().String())
	bad, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Skip("the port is taken")
	}
	t.Cleanup(func() { bad.Close() })
	go func() {
		if conn, err := bad.Accept(); err == nil {
			t.Error("the second answer of the name server was dialled")
			conn.Close()
		}
	}()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = w.Write([]byte("good"))
	})}
	t.Cleanup(func() { server.Close() })
	go func() { _ = server.Serve(good) }()
	c := newClient(WithResolver(nameServer(t, map[string][]string{"rebind.test": {"127.0.0.2", "127.0.0.1"}})))
	c.trust("127.0.0.2")
	now := newClock()
	c.shared.now = now.now
	r := Request{URL: "http://rebind.test:" + port, Config: config()}
	if a := get(t, c, nil, r); string(a.Body) != "good" {
		t.Fatalf("the public address gave %q", a.Body)
	}
	for range 3 {
		now.pass(shareFor)
		_, err = c.Get(t.Context(), nil, r)
		refused(t, err, feed.Refused, "is this machine itself")
	}
}

func TestAllowPrivate(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) })
	addr := s.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	c := newClient(WithResolver(nameServer(t, map[string][]string{"in.test": {"127.0.0.1"}, "xn--bcher-kva.test": {"127.0.0.1"}})))
	for allowed, wants := range map[string]map[string]bool{
		addr:                         {addr: true, "in.test:" + port: true},
		"in.test:" + port:            {addr: false, "in.test:" + port: true, "IN.test:" + port: true},
		"IN.TEST:" + port:            {"in.test:" + port: true},
		"in.test:1":                  {"in.test:" + port: false},
		"127.0.0.1:1":                {addr: false, "in.test:" + port: false},
		"bücher.test:" + port:        {"bücher.test:" + port: true, "in.test:" + port: false},
		"[::ffff:127.0.0.1]:" + port: {addr: true},
	} {
		for host, want := range wants {
			cfg := config()
			cfg.AllowPrivate = []string{allowed}
			_, err := c.Get(t.Context(), nil, Request{URL: "http://" + host, Config: cfg})
			if (err == nil) != want {
				t.Errorf("allow_private %s lets %s: %v, want %v", allowed, host, err, want)
			}
			// A connection that one source was allowed must not serve another.
			if _, err := c.Get(t.Context(), nil, Request{URL: "http://" + host, Config: config()}); err == nil {
				t.Errorf("%s answers one who may not ask it", host)
			}
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, text := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fe80::1%eth0", "2002:a00:1::", "8.8.8.8"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return
		}
		plain := a.WithZone("").Unmap()
		if !public(a) {
			if public(plain) {
				t.Fatalf("%s is private, %s public", a, plain)
			}
			return
		}
		if !plain.IsGlobalUnicast() || plain.IsPrivate() || plain.IsLoopback() || plain.IsLinkLocalUnicast() || plain.IsMulticast() || plain.IsUnspecified() {
			t.Fatalf("%s is public", a)
		}
		if plain.Is4() && public(netip.AddrFrom16(append6(plain))) {
			t.Fatalf("%s is public when IPv4-compatible", a)
		}
	})
}

func append6(four netip.Addr) (six [16]byte) {
	b := four.As4()
	copy(six[12:], b[:])
	return six
}

func TestDeniedIsStable(t *testing.T) {
	a := (&deniedAddress{"x:80", netip.MustParseAddr("10.0.0.1")}).Error()
	b := (&deniedAddress{"x:80", netip.MustParseAddr("10.0.0.2")}).Error()
	if a != b || !strings.Contains(a, "private network") {
		t.Errorf("%q, %q", a, b)
	}
	err := newGuard(public, nil).control("x:80")(t.Context(), "tcp4", "not an address", nil)
	if err == nil {
		t.Error("what is no address may be dialled")
	}
	if err := newGuard(public, nil).control("x:80")(t.Context(), "udp4", "8.8.8.8:80", nil); err == nil || errors.As(err, new(*deniedAddress)) {
		t.Errorf("udp: %v", err)
	}
}
