package clean

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// URL makes one address fit for a document: resolved against base (RFC 3986, section 5), http or https, scheme and host
// in lower case, the host in ASCII (IDNA, RFC 5891), and whatever a URI may not hold percent-encoded as UTF-8 (RFC 3987,
// section 3.1). Nothing else changes: no path is tidied, no query reordered. With base "" the address must be absolute;
// base itself must be. The error says what is wrong with which address.
func URL(s, base string) (string, error) {
	ref, err := parseReference(s)
	if err != nil {
		return "", fmt.Errorf("%s %w", quoted(s), err)
	}
	if ref.absolute() {
		return ref.String(), nil
	}
	if base == "" {
		return "", fmt.Errorf("%s is no whole address; it must begin with http:// or https://", quoted(s))
	}
	from, err := parseBase(base)
	if err != nil {
		return "", err
	}
	return from.resolve(ref, s)
}

// reference is an address cut into the parts that are treated differently (RFC 3986, appendix B). All of it is ASCII and
// properly encoded.
type reference struct {
	scheme    string // http, https or none
	authority string
	slashes   bool   // an authority was written, with or without a scheme
	rest      string // path, query and fragment
}

func (r reference) absolute() bool { return r.scheme != "" }

func (r reference) String() string {
	if r.scheme == "" {
		if r.slashes {
			return "//" + r.authority + r.rest
		}
		return r.rest
	}
	return r.scheme + "://" + r.authority + r.rest
}

// parseReference reads an absolute or relative address. Its errors are predicates: "names no host".
func parseReference(s string) (reference, error) {
	s = strings.TrimSpace(Chars(s))
	if strings.ContainsAny(s, "\t\n\r") { // browsers drop them inside addresses (WHATWG URL, section 4.4)
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	if s == "" {
		return reference{}, errors.New("is an empty address")
	}
	var r reference
	if scheme, rest, ok := cutScheme(s); ok {
		if scheme != "http" && scheme != "https" {
			return r, fmt.Errorf("is not a web address: %s is neither http nor https", scheme)
		}
		r.scheme, s = scheme, rest
		if !strings.HasPrefix(s, "//") {
			return r, errors.New("names no host")
		}
	}
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		authority, err := asciiAuthority(rest[:end])
		if err != nil {
			return r, err
		}
		r.authority, r.slashes, s = authority, true, rest[end:]
	}
	r.rest = encodeRest(s)
	return r, nil
}

// cutScheme splits off a scheme and lower-cases it. A colon behind a slash, a query or a fragment is none of a scheme's.
func cutScheme(s string) (scheme, rest string, ok bool) {
	end := strings.IndexAny(s, ":/?#")
	if end <= 0 || s[end] != ':' {
		return "", s, false
	}
	return strings.ToLower(s[:end]), s[end+1:], true
}

// asciiAuthority lower-cases a host and puts it in ASCII; user and port stay.
func asciiAuthority(s string) (string, error) {
	user, host := "", s
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, host = encode(s[:i], `/?#[]`)+"@", s[i+1:]
	}
	port := ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host, port = host[:i], host[i:]
		if _, err := strconv.ParseUint(port[1:], 10, 16); err != nil && port != ":" {
			return "", fmt.Errorf("has the unusable port %s", quoted(port[1:]))
		}
	}
	if host == "" {
		return "", errors.New("names no host")
	}
	ascii, err := asciiHost(host)
	if err != nil {
		return "", fmt.Errorf("has the unusable host %s", quoted(host))
	}
	return user + ascii + port, nil
}

var errHost = errors.New("not a host name")

func asciiHost(host string) (string, error) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if !ok || strings.Trim(inner, "0123456789abcdefABCDEF:.") != "" || !strings.Contains(inner, ":") {
			return "", errHost
		}
		return strings.ToLower(host), nil
	}
	if unescaped, err := url.PathUnescape(host); err == nil && utf8.ValidString(unescaped) {
		host = unescaped
	}
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", errHost
		}
		host = ascii
	}
	host = strings.ToLower(host)
	if len(host) > 253 || strings.Trim(host, ".") == "" || strings.ContainsFunc(host, notInHost) {
		return "", errHost
	}
	return host, nil
}

func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-._~", r)
}

// encodeRest percent-encodes path, query and fragment, each with the characters it may hold (RFC 3986, appendix A).
func encodeRest(s string) string {
	rest, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	out := encode(path, "[]")
	if hasQuery {
		out += "?" + encode(query, "")
	}
	if hasFragment {
		out += "#" + encode(fragment, "#")
	}
	return out
}

// encode percent-encodes what no URI may hold, percent signs that encode nothing, and those of []#/? that also names.
func encode(s, also string) string {
	var b strings.Builder
	start := 0
	for i := range len(s) {
		c := s[i]
		bad := c <= ' ' || c >= 0x7F
		switch c {
		case '"', '<', '>', '\\', '^', '`', '{', '|', '}':
			bad = true
		case '%':
			bad = i+2 >= len(s) || !hex(s[i+1]) || !hex(s[i+2])
		case '[', ']', '#', '/', '?':
			bad = strings.IndexByte(also, c) >= 0
		}
		if !bad {
			continue
		}
		b.WriteString(s[start:i])
		fmt.Fprintf(&b, "%%%02X", c)
		start = i + 1
	}
	if start == 0 {
		return s
	}
	b.WriteString(s[start:])
	return b.String()
}

func hex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// base is an address that others are resolved against.
type base struct{ url *url.URL }

func parseBase(s string) (base, error) {
	ref, err := parseReference(s)
	if err != nil {
		return base{}, fmt.Errorf("the base %s %w", quoted(s), err)
	}
	if !ref.absolute() {
		return base{}, fmt.Errorf("the base %s is no whole address; it must begin with http:// or https://", quoted(s))
	}
	u, err := url.Parse(ref.String())
	if err != nil {
		return base{}, fmt.Errorf("the base %s cannot be read: %w", quoted(s), errors.Unwrap(err))
	}
	return base{u}, nil
}

// resolve makes ref absolute; written is how the address stood, for the error.
func (b base) resolve(ref reference, written string) (string, error) {
	if ref.absolute() {
		return ref.String(), nil
	}
	u, err := url.Parse(ref.String())
	if err != nil {
		return "", fmt.Errorf("%s cannot be read as an address: %w", quoted(written), errors.Unwrap(err))
	}
	return b.url.ResolveReference(u).String(), nil
}

// quoted shows foreign text in a message, shortened.
func quoted(s string) string {
	const most = 80
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
