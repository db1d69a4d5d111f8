package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"golang.org/x/net/idna"
)

// deniedV4 are the IPv4 networks that are not the public internet (IANA special-purpose registry, RFC 6890), and the one
// public address that belongs to the machine's own cloud.
var deniedV4 = prefixes(
	"0.0.0.0/8",        // this network, unspecified
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // carrier-grade NAT; Alibaba's metadata service
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's platform service
	"169.254.0.0/16",   // link-local; metadata services
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, broadcast
)

// globalV6 is all of IPv6 that is the public internet. What lies outside is refused unseen: loopback, unspecified,
// IPv4-compatible ::/96, NAT64 64:ff9b::/96 and 64:ff9b:1::/48, unique local, link-local, site-local, multicast.
var globalV6 = netip.MustParsePrefix("2000::/3")

// deniedV6 are the parts of globalV6 that are not public, or carry an IPv4 address inside that may not be.
var deniedV6 = prefixes(
	"2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// public reports whether an address may be dialled unasked. An IPv4 address mapped into IPv6 counts as the IPv4 address.
func public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	denied := deniedV4
	if a.Is6() {
		if !globalV6.Contains(a) {
			return false
		}
		denied = deniedV6
	}
	for _, p := range denied {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsValid()
}

// guard decides which addresses are dialled.
type guard struct {
	public func(netip.Addr) bool
	names  map[string]bool         // host:port that may be anywhere, in lower case and ASCII
	places map[netip.AddrPort]bool // addresses allowed themselves
}

func newGuard(public func(netip.Addr) bool, allowed []string) *guard {
	g := &guard{public: public, names: map[string]bool{}, places: map[netip.AddrPort]bool{}}
	for _, entry := range allowed {
		g.names[plainHost(entry)] = true
		if place, err := netip.ParseAddrPort(entry); err == nil {
			g.places[netip.AddrPortFrom(place.Addr().WithZone("").Unmap(), place.Port())] = true
		}
	}
	return g
}

// plainHost writes host:port as it stands in a request: in lower case and ASCII.
func plainHost(hostPort string) string {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return strings.ToLower(hostPort)
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	return strings.ToLower(net.JoinHostPort(host, port))
}

// check reports an address that must not be dialled for host:port as a [*deniedAddress].
func (g *guard) check(hostPort string, place netip.AddrPort) error {
	a := place.Addr().WithZone("").Unmap()
	if g.public(a) || g.names[plainHost(hostPort)] || g.places[netip.AddrPortFrom(a, place.Port())] {
		return nil
	}
	return &deniedAddress{hostPort: hostPort, addr: a}
}

// control returns the check for net.Dialer.ControlContext: it sees each address after resolving and before connecting,
// so that no name, redirect or second answer of a name server leads around it.
func (g *guard) control(hostPort string) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return fmt.Errorf("dial %s: only TCP is spoken", network)
		}
		place, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("read address %s: %w", address, err)
		}
		return g.check(hostPort, place)
	}
}

// resolve checks every address that host:port stands for, without dialling: for requests that a proxy makes in our name.
func (g *guard) resolve(ctx context.Context, resolver *net.Resolver, hostPort string) error {
	if g.names[plainHost(hostPort)] {
		return nil
	}
	host, portName, err := net.SplitHostPort(hostPort)
	if err != nil {
		return fmt.Errorf("read address %s: %w", hostPort, err)
	}
	port, err := resolver.LookupPort(ctx, "tcp", portName)
	if err != nil {
		return err
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return err
	}
	if len(addrs) == 0 {
		return errors.New("the name has no address")
	}
	for _, a := range addrs {
		if err := g.check(hostPort, netip.AddrPortFrom(a, uint16(port))); err != nil {
			return err
		}
	}
	return nil
}

// deniedAddress says that a host lies where feedmill does not look unasked.
type deniedAddress struct {
	hostPort string
	addr     netip.Addr
}

// Error names the kind of network, not the address: a name with several would change the text from try to try.
func (d *deniedAddress) Error() string {
	where := "lies in a network that is not public"
	switch a := d.addr; {
	case a.IsLoopback() || a.IsUnspecified():
		where = "is this machine itself"
	case a.IsLinkLocalUnicast():
		where = "is a link-local address, as cloud metadata services use"
	case a.IsPrivate():
		where = "lies in a private network"
	}
	return fmt.Sprintf("%s %s; if it is meant, write under fetch:  allow_private: [%q]", d.hostPort, where, plainHost(d.hostPort))
}
