package serve

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// mostHops bounds how many proxies in a row are believed.
const mostHops = 16

// SetProxies says whose word is believed on whom they ask for: those of a header Forwarded (RFC 7239) or X-Forwarded-For
// that such a proxy sends. From anybody else both are ignored. It holds from the next request on; without it nobody is
// believed.
func (s *Server) SetProxies(trusted []netip.Prefix) { s.proxies.Store(&trusted) }

// client is the address of whoever asks. The zero Addr when there is none, as on a Unix socket.
func (s *Server) client(r *http.Request) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := port.Addr().Unmap().WithZone("")
	trusted := s.proxies.Load()
	if trusted == nil || !among(*trusted, at) {
		return at
	}
	return behind(*trusted, at, r.Header)
}

// behind is whom the proxy at an address asks for. A proxy that knows one of the two headers hands on the other as its
// client wrote it, so that both are believed only when they say the same; else the proxy stands for its clients.
func behind(trusted []netip.Prefix, proxy netip.Addr, h http.Header) netip.Addr {
	standard, usual := h["Forwarded"], h["X-Forwarded-For"]
	switch {
	case len(standard) == 0:
		return walk(trusted, proxy, usual, bareNode)
	case len(usual) == 0:
		return walk(trusted, proxy, standard, forNode)
	}
	said := walk(trusted, proxy, standard, forNode)
	if said != walk(trusted, proxy, usual, bareNode) {
		return proxy
	}
	return said
}

// walk goes from the nearest proxy to the farthest, which each added an element at the end, until one is not trusted: what
// stands before that one's address anybody may have written.
func walk(trusted []netip.Prefix, at netip.Addr, lines []string, node func(string) string) netip.Addr {
	hops := 0
	for _, line := range slices.Backward(lines) {
		for rest, more := line, true; more; {
			if hops++; hops > mostHops || !among(trusted, at) {
				return at
			}
			var element string
			rest, element, more = lastElement(rest)
			next, ok := nodeAddr(node(element))
			if !ok {
				return at // hidden, unknown or nonsense
			}
			at = next
		}
	}
	return at
}

func among(trusted []netip.Prefix, at netip.Addr) bool {
	for _, p := range trusted {
		if p.Contains(at) {
			return true
		}
	}
	return false
}

// lastElement cuts the last element off a list with commas; those in quotes do not count.
func lastElement(list string) (rest, element string, more bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case list[i] == '"' && (i == 0 || list[i-1] != '\\'):
			quoted = !quoted
		case list[i] == ',' && !quoted:
			return list[:i], list[i+1:], true
		}
	}
	return "", list, false
}

// forNode is the node of for= in an element of Forwarded, without its quotes; empty when there is none, or several.
func forNode(element string) string {
	node := ""
	for rest, more := element, true; more; {
		var pair string
		pair, rest, more = strings.Cut(rest, ";") // an address has none
		name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || !strings.EqualFold(name, "for") {
			continue
		}
		if node != "" {
			return ""
		}
		node = value
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			node = value[1 : len(value)-1]
		}
	}
	return node
}

func bareNode(element string) string { return strings.TrimSpace(element) }

// nodeAddr reads 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1] and [2001:db8::1]:80.
func nodeAddr(node string) (netip.Addr, bool) {
	if inside, found := strings.CutPrefix(node, "["); found {
		node, _, found = strings.Cut(inside, "]")
		if !found || !strings.Contains(node, ":") {
			return netip.Addr{}, false
		}
	} else if host, _, found := strings.Cut(node, ":"); found && strings.Contains(host, ".") {
		node = host
	}
	if node == "" || len(node) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") || node[0] == '_' {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(node)
	return addr.Unmap().WithZone(""), err == nil
}

// network is what stands for one household or office: an address of IPv4, or the 64 bits that a customer gets of IPv6.
func network(at netip.Addr) netip.Addr {
	if !at.Is6() {
		return at
	}
	bytes := at.As16()
	clear(bytes[8:])
	return netip.AddrFrom16(bytes)
}
