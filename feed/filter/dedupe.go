package filter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Keys are the words of dedupe: fields by which two articles are the same. The first of them stays; those known from
// earlier refreshes count as earlier.
type Keys []Key

// Key is a field of dedupe.
type Key string

// The fields by which articles can be told to be the same.
const (
	ByID    Key = "id"
	ByLink  Key = "link"
	ByTitle Key = "title"
)

// DedupeKeys are all of them.
var DedupeKeys = []Key{ByID, ByLink, ByTitle}

// UnmarshalText reads the name of a field.
func (k *Key) UnmarshalText(text []byte) error {
	switch word := Key(text); word {
	case ByID, ByLink, ByTitle:
		*k = word
		return nil
	}
	return fmt.Errorf("%q is not known; write id, link or title", text)
}

// Of returns the form in which the field's values are compared, "" for an article without one, which equals no other.
// Ids are compared as they are; links without scheme, www., tracking parameters ([clean.Link]), fragment and the slash at their end;
// titles by their letters in any case, without white space.
func (k Key) Of(a feed.Article) string {
	switch k {
	case ByID:
		return a.ID
	case ByLink:
		return bareLink(a.Link)
	case ByTitle:
		return bareTitle(a.Title)
	default:
		return ""
	}
}

func bareTitle(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, norm.NFC.String(s))
}

func bareLink(link string) string {
	if whole, err := clean.Link(link, ""); err == nil {
		link = whole
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return link
	}
	host := strings.TrimPrefix(strings.TrimSuffix(u.Hostname(), "."), "www.")
	if port := u.Port(); port != "" && (u.Scheme != "http" || port != "80") && (u.Scheme != "https" || port != "443") {
		host += ":" + port
	}
	bare := host + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		bare += "?" + u.RawQuery
	}
	if strings.HasPrefix(u.Fragment, "!") || strings.HasPrefix(u.Fragment, "/") { // the address of a page after all
		bare += "#" + u.Fragment
	}
	return bare
}

// Validate reports a list without a field, or with one twice.
func (ks Keys) Validate() error {
	if len(ks) == 0 {
		return errors.New("names no field; write some of  [id, link, title]")
	}
	for i, k := range ks {
		var known Key
		if err := known.UnmarshalText([]byte(k)); err != nil {
			return err
		}
		if slices.Contains(ks[:i], k) {
			return fmt.Errorf("names %s twice", k)
		}
	}
	return nil
}

func (ks Keys) describe() string {
	names := make([]string, len(ks))
	for i, k := range ks {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

func (ks Keys) start(env Env) step { return &deduping{ks, env.Known, map[sameness]string{}} }

// deduping is dedupe in one run.
type deduping struct {
	Keys
	known func(a feed.Article, field Key, value string) bool
	seen  map[sameness]string // the name of the article that had it first
}

// sameness is a value of a field.
type sameness struct {
	field Key
	value string
}

func (d *deduping) apply(_ context.Context, it *item) outcome {
	own := make([]sameness, 0, len(d.Keys))
	for _, field := range d.Keys {
		same := sameness{field, field.Of(it.Article)}
		if same.value == "" {
			continue
		}
		if first, ok := d.seen[same]; ok {
			return outcome{action: Dropped, why: short(fmt.Sprintf("same %s as %s", field, first))}
		}
		if d.known != nil && d.known(it.given, field, same.value) {
			return outcome{action: Dropped, why: fmt.Sprintf("same %s as an earlier article", field)}
		}
		own = append(own, same)
	}
	for _, same := range own {
		d.seen[same] = name(it)
	}
	return outcome{}
}

// name is how a trace calls an article.
func name(it *item) string {
	title := fmt.Sprintf("%q", short(it.Title))
	if it.source != "" {
		title += " of " + it.source
	}
	return title
}
