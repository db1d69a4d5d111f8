package files

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/setting"
)

// Linker returns what expands the permalink; nil when the configuration has none.
func (f *Files) Linker() func(feed.Article) (string, error) {
	if f.config.Permalink.IsZero() {
		return nil
	}
	return f.link
}

// link expands the permalink for an article that has no address of its own.
func (f *Files) link(a feed.Article) (string, error) {
	below := strings.TrimPrefix(a.Key, f.prefix)
	values := setting.Values{
		Slug:  url.PathEscape(a.Slug),
		Path:  escapePath(strings.TrimSuffix(below, path.Ext(below))),
		Title: url.PathEscape(a.Title),
		ID:    url.PathEscape(a.ID),
	}
	if !a.Published.IsZero() {
		values.Published = a.Published.In(f.loc)
	}
	address, err := f.config.Permalink.Expand(values)
	if err == nil {
		address, err = clean.URL(address, "")
	}
	if err != nil {
		return "", feed.Classify(feed.Unreadable, fmt.Errorf("make the permalink of %s: %w", a.Key, err))
	}
	return address, nil
}

// escapePath escapes each part of a path and leaves the slashes between them.
func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}
