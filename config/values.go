package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/text/language"
)

// The types here read themselves from text and refuse what does not fit. Their messages say what to write; those for
// addresses do not repeat the value, for it may hold a password.

// line is text without line breaks or other control characters, and not empty.
type line string

func (l *line) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if s == "" {
		return errors.New("is empty; write a text or leave the word out")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("holds a line break or another control character; write it on one line")
	}
	*l = line(s)
	return nil
}

// webURL is an absolute address on the web.
type webURL string

func (w *webURL) UnmarshalText(text []byte) error {
	u, err := parseWebURL(string(text))
	if err != nil {
		return err
	}
	*w = webURL(u.String())
	return nil
}

func parseWebURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(s, " \t\n") {
		return nil, errors.New("is not an absolute web address; write https://host/path")
	}
	if u.User != nil {
		return nil, errors.New("holds a user or password, which everybody would see; leave them out")
	}
	return u, nil
}

// sourceAddress is a source of which nothing but its web address is written.
type sourceAddress string

func (a *sourceAddress) UnmarshalText(text []byte) error {
	_, rest, _ := strings.Cut(string(text), "://")
	host, _, _ := strings.Cut(rest, "/")
	if strings.Contains(host, "@") {
		return errors.New("holds a user or password; write feed: {url: https://host/path, fetch: {auth: {user: NAME, password: \"${PASSWORD}\"}}}")
	}
	if _, err := parseWebURL(string(text)); err != nil {
		return errors.New(`is no web address and names no kind; write https://host/path, or the kind before it, such as {files: "articles/*.md"}`)
	}
	*a = sourceAddress(text)
	return nil
}

// baseURL is a webURL to which paths are added.
type baseURL string

func (b *baseURL) UnmarshalText(text []byte) error {
	u, err := parseWebURL(string(text))
	if err != nil {
		return err
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return errors.New("ends in ? or #, but addresses are made by adding to it; write https://host/path")
	}
	*b = baseURL(strings.TrimRight(u.String(), "/"))
	return nil
}

// languageTag is a BCP 47 tag in its usual spelling. Old codes are kept as they are.
type languageTag string

func (l *languageTag) UnmarshalText(text []byte) error {
	tag, err := language.Raw.Parse(string(text))
	if err != nil || tag == language.Und {
		return fmt.Errorf("%q is not a language; write a tag such as en, de-AT or uk", text)
	}
	*l = languageTag(tag.String())
	return nil
}

// zone is a time zone of the IANA database.
type zone struct{ *time.Location }

func (z *zone) UnmarshalText(text []byte) error {
	name := string(text)
	location, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return fmt.Errorf("%q is not a time zone; write a name such as UTC, Europe/Berlin or America/New_York", name)
	}
	z.Location = location
	return nil
}

// endDate is a day, or a moment of one; empty for none. What names no zone is read in that of the feed.
type endDate string

var endLayouts = []string{time.DateOnly, "2006-01-02 15:04", time.RFC3339}

func (d *endDate) UnmarshalText(text []byte) error {
	*d = endDate(text)
	if at := d.in(time.UTC); len(text) > 0 && at.IsZero() {
		return fmt.Errorf("%q is not a date; write one such as 2027-01-31, or 2027-01-31 18:00", text)
	}
	return nil
}

func (d endDate) in(zone *time.Location) time.Time {
	for _, layout := range endLayouts {
		if at, err := time.ParseInLocation(layout, string(d), zone); err == nil {
			return at
		}
	}
	return time.Time{}
}

// address is what a listener listens at.
type address string

func (a *address) UnmarshalText(text []byte) error {
	host, port, err := net.SplitHostPort(string(text))
	if err != nil {
		return fmt.Errorf("%q is not host:port; write 127.0.0.1:8080, or :8080 for every address of this machine", text)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q is not a port; write a number from 1 to 65535", port)
	}
	if strings.ContainsAny(host, " /") {
		return fmt.Errorf("%q is not a host", host)
	}
	*a = address(text)
	return nil
}

func (a address) host() string {
	host, _, err := net.SplitHostPort(string(a))
	if err != nil {
		return ""
	}
	return host
}

// loopback reports whether only this machine can reach the address.
func (a address) loopback() bool {
	ip, err := netip.ParseAddr(a.host())
	return err == nil && ip.IsLoopback() || strings.EqualFold(a.host(), "localhost")
}

// everywhere reports whether the address names no host: all of the machine's addresses are meant.
func (a address) everywhere() bool {
	ip, err := netip.ParseAddr(a.host())
	return err == nil && ip.IsUnspecified() || a.host() == ""
}

// anyPort reports whether the system chooses the port.
func (a address) anyPort() bool { return strings.HasSuffix(string(a), ":0") }

// statePath is the path of the state's file.
type statePath string

func (p *statePath) UnmarshalText(text []byte) error {
	scheme, _, isURL := strings.Cut(string(text), "://")
	switch {
	case isURL && (scheme == "postgres" || scheme == "postgresql"):
		return fmt.Errorf("a Postgres address %s; write the path of a file, such as ./feedmill.db", notYet)
	case isURL || strings.TrimSpace(string(text)) == "":
		return errors.New("is not a path; write the path of a file, such as ./feedmill.db")
	}
	*p = statePath(text)
	return nil
}

// glob is a pattern for files.
type glob string

func (g *glob) UnmarshalText(text []byte) error {
	if len(text) == 0 || !doublestar.ValidatePattern(string(text)) {
		return fmt.Errorf(`%q is not a pattern for files; write one such as "conf.d/*.yaml"`, text)
	}
	*g = glob(text)
	return nil
}

// segment is a name that may stand in an address.
type segment string

var segmentPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

func (s *segment) UnmarshalText(text []byte) error {
	if !segmentPattern.Match(text) {
		return fmt.Errorf("%q is not a name; write a-z, 0-9, - and _, beginning with a letter or digit", text)
	}
	*s = segment(text)
	return nil
}

// emailAddress is a bare address such as desk@example.org.
type emailAddress string

func (e *emailAddress) UnmarshalText(text []byte) error {
	a, err := mail.ParseAddress(string(text))
	if err != nil || a.Address != string(text) {
		return fmt.Errorf("%q is not a mail address; write one such as desk@example.org", text)
	}
	*e = emailAddress(text)
	return nil
}

type logLevel slog.Level

func (l *logLevel) UnmarshalText(text []byte) error {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[string(text)]
	if !ok {
		return choose(text, "debug", "info", "warn", "error")
	}
	*l = logLevel(level)
	return nil
}

type logFormat string

func (f *logFormat) UnmarshalText(text []byte) error {
	*f = logFormat(text)
	return choose(text, "text", "json")
}

type contentWord string

func (c *contentWord) UnmarshalText(text []byte) error {
	*c = contentWord(text)
	return choose(text, "full", "teaser", "none")
}

// choose returns an error unless text is one of the choices.
func choose(text []byte, choices ...string) error {
	if slices.Contains(choices, string(text)) {
		return nil
	}
	last := len(choices) - 1
	return fmt.Errorf("%q is not known; write %s or %s", text, strings.Join(choices[:last], ", "), choices[last])
}

// keyPrefix is the beginning of feeds' keys, such as teams/.
type keyPrefix string

func (k *keyPrefix) UnmarshalText(text []byte) error {
	key, ends := strings.CutSuffix(string(text), "/")
	if !ends || keyProblem(key) != "" {
		return fmt.Errorf("%q is no beginning of a feed's key; write one such as teams/", text)
	}
	*k = keyPrefix(text)
	return nil
}

// hostPattern is a host, or *. and a host for all below it.
type hostPattern string

var hostShape = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

func (h *hostPattern) UnmarshalText(text []byte) error {
	if !hostShape.Match(text) {
		return fmt.Errorf("%q is no host; write one such as api.example.org, or *.example.org for all below it", text)
	}
	*h = hostPattern(text)
	return nil
}

// secretPattern is the name of a variable, with * for any part of it.
type secretPattern string

var secretShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*\*?$`)

func (p *secretPattern) UnmarshalText(text []byte) error {
	if !secretShape.Match(text) {
		return fmt.Errorf("%q is no name of a variable; write one such as TEAM_TOKEN, or TEAM_* for all that begin so", text)
	}
	*p = secretPattern(text)
	return nil
}
