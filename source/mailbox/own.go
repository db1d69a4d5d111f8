package mailbox

import (
	"crypto/md5"  //nolint:gosec // others use it to name the reader
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// own are the addresses of whoever received a message. Nothing that leaves the package holds one of them: as text, in a link as it
// is, escaped, in base64 or hexadecimal, as its hash, or as the return path of a mailing list (jo=example.org).
type own struct {
	addresses []string // in lower case
	needles   []string // forms of them as they stand in text
	tagged    [][2]string
	pattern   *regexp.Regexp // all that is an address of the reader's
	hashes    map[string]bool
	shortest  int
}

// instead stands where an address of the reader's stood.
const instead = "…"

// recipients are the header fields that name whom a message was delivered to.
var recipients = []string{"delivered-to", "x-delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to", "x-forwarded-to",
	"x-forwarded-for", "x-original-recipient", "original-recipient", "x-rcpt-to", "resent-to", "to", "cc", "bcc"}

// senders are those that name whom it is from: such an address is nobody's secret, unless the server says that it is the reader's.
var senders = []string{"from", "sender", "reply-to", "list-post", "list-help", "list-owner", "list-id"}

// ownOf finds the addresses of the reader: who reads the mailbox, and whom its header names as recipient.
func ownOf(user, host string, h header) *own {
	o := &own{hashes: map[string]bool{}}
	public := h.addresses(senders...)
	if bareAddress().MatchString(user) {
		o.add(strings.ToLower(user))
	} else if _, domain, ok := strings.Cut(host, "."); ok && user != "" {
		o.add(strings.ToLower(user + "@" + host)) // the usual addresses of such a user
		o.add(strings.ToLower(user + "@" + domain))
	}
	for _, address := range h.addresses(recipients...) {
		if !slices.Contains(public, address) {
			o.add(address)
		}
	}
	for _, address := range h.addresses(recipients[:len(recipients)-3]...) {
		o.add(address)
	}
	o.compile()
	return o
}

// mostOwn bounds how many recipients a message may name that count.
const mostOwn = 50

func (o *own) add(address string) {
	if slices.Contains(o.addresses, address) || len(o.addresses) >= mostOwn || len(address) > 320 {
		return
	}
	o.addresses = append(o.addresses, address)
	local, domain, _ := strings.Cut(address, "@")
	if base, _, ok := strings.Cut(local, "+"); ok && base != "" {
		o.add(base + "@" + domain)
	}
}

// invisible are characters that people put into addresses to hide them from programs.
const invisible = `[\x{ad}\x{200b}-\x{200f}\x{2060}\x{feff}]*`

func (o *own) compile() {
	var forms []string
	for _, address := range o.addresses {
		local, domain, _ := strings.Cut(address, "@")
		for _, at := range []string{"@", "%40", "%2540", "=", "%3d", "＠"} {
			o.needles = append(o.needles, local+at+domain)
		}
		o.tagged = append(o.tagged, [2]string{local + "+", domain}, [2]string{local + "%2b", domain})
		forms = append(forms, spread(local)+`(?:(?:\+|%2b)[\w.%=-]{0,80})?`+invisible+`(?:@|%40|%2540|=|%3d|＠)`+invisible+spread(domain))
		for _, text := range []string{address, strings.ToUpper(address)} {
			five, one, two := md5.Sum([]byte(text)), sha1.Sum([]byte(text)), sha256.Sum256([]byte(text)) //nolint:gosec // to find them
			o.hashes[hex.EncodeToString(five[:])], o.hashes[hex.EncodeToString(one[:])], o.hashes[hex.EncodeToString(two[:])] = true, true, true
		}
		if n := len(address); o.shortest == 0 || n < o.shortest {
			o.shortest = n
		}
	}
	if len(forms) > 0 {
		o.pattern = regexp.MustCompile(`(?i)(?:` + strings.Join(forms, "|") + `)`)
	}
}

// spread matches a text that has invisible characters inside.
func spread(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 {
			b.WriteString(invisible)
		}
		b.WriteString(regexp.QuoteMeta(string(r)))
	}
	return b.String()
}

// text puts something else in the place of the reader's addresses.
func (o *own) text(s string) string {
	if !o.plain(s) {
		return s
	}
	return o.pattern.ReplaceAllString(s, instead)
}

// plain reports whether one of the addresses stands in s as it is.
func (o *own) plain(s string) bool {
	if len(o.addresses) == 0 || len(s) < o.shortest {
		return false
	}
	s = bare(s)
	return slices.ContainsFunc(o.needles, func(n string) bool { return strings.Contains(s, n) }) ||
		slices.ContainsFunc(o.tagged, func(t [2]string) bool {
			return strings.Contains(s, t[0]) && strings.Contains(s, t[1]) && o.pattern.MatchString(s)
		})
}

// bare is s in lower case without invisible characters.
func bare(s string) string {
	lower := strings.ToLower(s)
	if isASCII(lower) {
		return lower
	}
	return strings.Map(func(r rune) rune {
		if r == 0xad || r >= 0x200b && r <= 0x200f || r == 0x2060 || r == 0xfeff {
			return -1
		}
		return r
	}, lower)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// in reports whether one of the addresses stands in s in any form that is known.
func (o *own) in(s string) bool {
	for range 4 {
		if o.plain(s) || o.coded(s, 2) {
			return true
		}
		next := html.UnescapeString(unescape(s))
		if next == s {
			return false
		}
		s = next
	}
	return false
}

// unescape undoes percent-encoding as far as it makes sense.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if whole, err := url.PathUnescape(s); err == nil {
		return whole
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16 {
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// longestWord is the longest text without a space that may be encoded, in bytes; no address of the web is longer.
const longestWord = 8 << 10

// link takes the reader's addresses out of an address of the web. ok is false when nothing of it can stay.
func (o *own) link(address string) (free string, ok bool) {
	if !o.in(address) {
		return address, true
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if pair != "" && !o.in(pair) {
			kept = append(kept, pair)
		}
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = strings.Join(kept, "&"), false, "", ""
	free = u.String()
	return free, !o.in(free)
}

// words puts something else in the place of every word with one of the addresses in it.
func (o *own) words(s string) string {
	if s = o.text(s); !o.in(s) {
		return s
	}
	words := strings.Split(s, " ")
	for i, word := range words {
		if o.in(word) {
			words[i] = instead
		}
	}
	if s = strings.Join(words, " "); !o.in(s) {
		return s
	}
	return ""
}
