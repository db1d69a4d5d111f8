// Package setting holds the value types of the configuration. Each reads itself from text (encoding.TextUnmarshaler)
// and refuses what it does not understand with a message that says what it takes.
//
// It knows nothing of YAML, files or defaults; package config does.
package setting

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time written as 90s, 15m, 2h, 30d, 4w or a sum such as 1h30m. A day has 24 hours.
type Duration time.Duration

var (
	durationPattern = regexp.MustCompile(`^(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|w))+$`)
	durationPart    = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)`)
	durationUnits   = map[string]time.Duration{
		"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
		"d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}
)

// UnmarshalText reads a duration; a bare 0 is allowed.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "0" {
		*d = 0
		return nil
	}
	if !durationPattern.MatchString(s) {
		return fmt.Errorf("%q is not a duration; write 90s, 15m, 2h, 30d or 4w", s)
	}
	total := 0.0
	for _, part := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil {
			return fmt.Errorf("%q is not a duration: %w", s, err)
		}
		total += n * float64(durationUnits[part[2]])
	}
	if total > math.MaxInt64/2 {
		return fmt.Errorf("the duration %s is longer than 100 years", s)
	}
	*d = Duration(total)
	return nil
}

// String writes the duration in Go's form.
func (d Duration) String() string { return time.Duration(d).String() }

// Size is a number of bytes written as 500KB, 32MB, 1GB or a plain number. A KB has 1024 bytes.
type Size int64

// UnmarshalText reads a size.
func (z *Size) UnmarshalText(text []byte) error {
	s := strings.ToUpper(string(text))
	shift := 0
	for i, unit := range []string{"KB", "MB", "GB"} {
		if rest, ok := strings.CutSuffix(s, unit); ok {
			s, shift = strings.TrimSpace(rest), 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(s, "B"), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return fmt.Errorf("%q is not a size; write 500KB or 32MB", text)
	}
	*z = Size(n << shift)
	return nil
}

// Secret is text that never shows: it prints, logs and marshals as ***.
type Secret string

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString keeps %#v from showing the secret.
func (s Secret) GoString() string { return s.String() }

// LogValue keeps slog from showing the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from showing the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes any text.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}

// Template is a text with {slug} {path} {title} {id} {published:2006/01/02} in it. The zero value is empty.
type Template struct {
	text  string
	parts []part
}

type part struct{ literal, name, layout string }

// Values are what a template may name. Escape, if set, is applied to each value before it is put in.
type Values struct {
	Slug, Path, Title, ID string
	Published             time.Time
	Escape                func(string) string
}

// UnmarshalText reads a template and refuses unknown names and unclosed braces.
func (t *Template) UnmarshalText(text []byte) error {
	parsed := Template{text: string(text)}
	rest := parsed.text
	for rest != "" {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			parsed.parts = append(parsed.parts, part{literal: rest})
			break
		}
		if open > 0 {
			parsed.parts = append(parsed.parts, part{literal: rest[:open]})
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 0 {
			return fmt.Errorf("the template %q has a { without a }", text)
		}
		name, layout, _ := strings.Cut(rest[open+1:open+end], ":")
		switch name {
		case "slug", "path", "title", "id":
			if layout != "" {
				return fmt.Errorf("{%s} takes no layout; only {published:2006/01/02} does", name)
			}
		case "published":
			if layout == "" {
				layout = "2006-01-02"
			}
		default:
			return fmt.Errorf("{%s} is not known; there are {slug} {path} {title} {id} {published:2006/01/02}", name)
		}
		parsed.parts = append(parsed.parts, part{name: name, layout: layout})
		rest = rest[open+end+1:]
	}
	*t = parsed
	return nil
}

// IsZero reports whether the template is empty.
func (t Template) IsZero() bool { return t.text == "" }

// String returns the template as written.
func (t Template) String() string { return t.text }

// MarshalText returns the template as written.
func (t Template) MarshalText() ([]byte, error) { return []byte(t.text), nil }

// Expand fills the template. A name whose value is empty is an error, for the result would be shared by many articles.
func (t Template) Expand(v Values) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		value := ""
		switch p.name {
		case "":
			b.WriteString(p.literal)
			continue
		case "slug":
			value = v.Slug
		case "path":
			value = v.Path
		case "title":
			value = v.Title
		case "id":
			value = v.ID
		case "published":
			if !v.Published.IsZero() {
				value = v.Published.Format(p.layout)
			}
		}
		if value == "" {
			return "", errors.New("{" + p.name + "} is empty for this article")
		}
		if v.Escape != nil && p.name != "published" {
			value = v.Escape(value)
		}
		b.WriteString(value)
	}
	return b.String(), nil
}
