package field

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"feedmill/feed/setting"
)

// Regex is a regular expression of RE2, bare or between slashes with flags: (\d+) or /(\d+)/i.
type Regex struct {
	text    string
	pattern setting.Pattern
}

// UnmarshalText reads an expression. Its errors say where it is wrong.
func (r *Regex) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" {
		return errors.New("the regular expression is empty; write one such as (\\d+)")
	}
	expression := s
	if !strings.HasPrefix(s, "/") || strings.LastIndexByte(s, '/') == 0 {
		expression = "/" + s + "/"
	}
	parsed := Regex{text: s}
	if err := parsed.pattern.UnmarshalText([]byte(expression)); err != nil {
		return err
	}
	*r = parsed
	return nil
}

// IsZero reports whether no expression was read.
func (r Regex) IsZero() bool { return r.text == "" }

// MarshalText returns the expression as written.
func (r Regex) MarshalText() ([]byte, error) { return []byte(r.text), nil }

// Format is a layout of dates as Go writes them (package time).
type Format string

// UnmarshalText reads a layout and refuses one that leaves out the day or the month.
func (f *Format) UnmarshalText(text []byte) error {
	s := string(text)
	if strings.Contains(s, "%") {
		return fmt.Errorf("the format %q is not written as here; write how the 2nd of January 2006, 15:04 would look, such as 2 January 2006", s)
	}
	first, later := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC), time.Date(2001, 2, 23, 4, 5, 6, 0, time.UTC)
	month := time.Date(2001, 9, 3, 4, 5, 6, 0, time.UTC)
	if !strings.Contains(s, "002") && (first.Format(s) == later.Format(s) || first.Format(s) == month.Format(s)) {
		return fmt.Errorf("the format %q has no day or no month; write how the 2nd of January 2006, 15:04 would look, such as 2 January 2006", s)
	}
	*f = Format(s)
	return nil
}

// IsZero reports whether no layout was read.
func (f Format) IsZero() bool { return f == "" }

// hasYear reports whether the layout has a year.
func (f Format) hasYear() bool { return strings.Contains(string(f), "06") }

// Locale is a language (BCP 47) that dates are written in.
type Locale struct {
	text string
	tag  language.Tag
}

// UnmarshalText reads a tag such as de or en-US.
func (l *Locale) UnmarshalText(text []byte) error {
	s := strings.ReplaceAll(string(text), "_", "-")
	tag, err := language.Raw.Parse(s)
	if err != nil || tag == language.Und {
		return fmt.Errorf("%q is not a language; write a tag such as de or en-US", text)
	}
	*l = Locale{string(text), tag}
	return nil
}

// IsZero reports whether no language was read.
func (l Locale) IsZero() bool { return l.text == "" }

// MarshalText returns the tag as written.
func (l Locale) MarshalText() ([]byte, error) { return []byte(l.text), nil }

// base is the language without its region.
func (l Locale) base() string {
	base, _ := l.tag.Base()
	return base.String()
}

// monthFirst reports whether 03/04/2026 is in March.
func (l Locale) monthFirst() bool {
	region, confidence := l.tag.Region()
	return confidence >= language.High && slices.Contains([]string{"US", "PH", "FM", "PW", "MH"}, region.String())
}

// Zone is a time zone of the IANA database.
type Zone struct{ location *time.Location }

// UnmarshalText reads a name such as Europe/Berlin.
func (z *Zone) UnmarshalText(text []byte) error {
	location, err := time.LoadLocation(string(text))
	if err != nil || len(text) == 0 || string(text) == "Local" {
		return fmt.Errorf("%q is not a time zone; write a name such as UTC, Europe/Berlin or America/New_York", text)
	}
	z.location = location
	return nil
}

// IsZero reports whether no zone was read.
func (z Zone) IsZero() bool { return z.location == nil }

// MarshalText returns the zone's name.
func (z Zone) MarshalText() ([]byte, error) {
	if z.location == nil {
		return nil, nil
	}
	return []byte(z.location.String()), nil
}

// As says what a content is written in.
type As string

// The languages of content. The zero value is HTML.
const (
	HTML     As = "html"
	Markdown As = "markdown"
	Plain    As = "text"
)

// UnmarshalText reads one of the words.
func (a *As) UnmarshalText(text []byte) error {
	word := As(text)
	if word != HTML && word != Markdown && word != Plain {
		return fmt.Errorf("%q is not known; write html, markdown or text", text)
	}
	*a = word
	return nil
}
