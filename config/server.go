package config

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"golang.org/x/net/idna"
)

// defaultTLS is where a server with certificates listens.
const defaultTLS = ":443"

// server takes the words of the public listener.
func (l *loader) server(words *serverWords) {
	s := &Server{}
	for _, n := range words.TrustedProxies {
		s.Proxies = append(s.Proxies, netip.Prefix(n))
	}
	listen := address(defaultServer)
	if s.TLS = l.tls(words.TLS); s.TLS != nil {
		listen = defaultTLS
	}
	s.Listen = string(words.Listen.or(listen))
	if s.Theme = words.Theme.or(""); s.Theme != "" {
		s.ThemeLine = words.Theme.At.line
		if !filepath.IsAbs(s.Theme) {
			s.Theme = filepath.Join(l.config.Dir, s.Theme)
		}
	}
	l.config.Server = s
}

// tls takes the domains of certificates; nil: none is named.
func (l *loader) tls(written word[tlsWords]) *TLS {
	words, t := written.Value, &TLS{Email: string(written.Value.Email.or(""))}
	taken := map[domain]bool{}
	for _, d := range words.Domains {
		if d.State != good {
			continue
		}
		if taken[d.Value] {
			l.report(d.At, "%s is named twice", d.Value)
		}
		taken[d.Value] = true
		t.Domains = append(t.Domains, string(d.Value))
	}
	if len(words.Domains) == 0 && words.Email.State != missing && words.Email.Value != "" {
		l.report(words.Email.At, "is for certificates, and no domain is named; write tls: {domains: [feeds.example.org], email: …}")
	}
	if len(t.Domains) == 0 {
		return nil
	}
	return t
}

// encrypted checks that readers are sent to where the certificates are for.
func (l *loader) encrypted(words *mainWords) {
	if s := l.config.Server; s != nil && s.TLS != nil && strings.HasPrefix(l.config.BaseURL, "http://") {
		l.report(words.BaseURL.At, "begins with http://, but server.tls has certificates; write https://")
	}
}

// network is an address, or all that begin alike.
type network netip.Prefix

func (n *network) UnmarshalText(text []byte) error {
	if addr, err := netip.ParseAddr(string(text)); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		*n = network(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	switch {
	case err != nil:
		return fmt.Errorf("%q is neither an address nor a network; write 10.0.0.7, 10.0.0.0/8 or 2001:db8::/32", text)
	case prefix != prefix.Masked():
		return fmt.Errorf("%q is an address within a network; write %s for all of it, or %s", text, prefix.Masked(), prefix.Addr())
	case prefix.Bits() == 0:
		return fmt.Errorf("%q is everybody, who could then pretend to be anybody; write the addresses of your own proxies", text)
	case prefix.Addr().Is4In6():
		return fmt.Errorf("%q is IPv4 in the dress of IPv6; write it as 10.0.0.0/8", text)
	}
	*n = network(prefix)
	return nil
}

// domain is the name of a host in the public name system.
type domain string

func (d *domain) UnmarshalText(text []byte) error {
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(string(text), "."))
	_, isAddress := netip.ParseAddr(name)
	switch {
	case strings.HasPrefix(string(text), "*."):
		return fmt.Errorf("%q is for many names, which needs your name server; name each one", text)
	case err != nil || !strings.Contains(name, ".") || isAddress == nil || len(name) > 253:
		return fmt.Errorf("%q is not the name of a host; write one such as feeds.example.org", text)
	case strings.HasSuffix(name, ".local") || strings.HasSuffix(name, ".internal") || strings.HasSuffix(name, ".localhost"):
		return errors.New("is a name that no authority on the web can reach, so that there is no certificate for it; put a web server with one of your own before feedmill")
	}
	*d = domain(name)
	return nil
}

// contact is an emailAddress, or nobody's.
type contact string

func (c *contact) UnmarshalText(text []byte) error {
	var written emailAddress
	if len(text) > 0 {
		if err := written.UnmarshalText(text); err != nil {
			return err
		}
	}
	*c = contact(written)
	return nil
}
