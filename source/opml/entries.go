package opml

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/parse"
)

// entry is a feed that the list names.
type entry struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
	Unfit string `json:"unfit,omitempty"` // what is wrong with the address
}

// entries are in the order of the list, each address once.
type entries []entry

// recall returns what the list named last; what cannot be read is forgotten.
func recall(m feed.Memory) entries {
	var known entries
	if json.Unmarshal(m.Get(listKey), &known) != nil {
		return nil
	}
	return known
}

// save remembers the entries unless they are remembered already.
func (e entries) save(m feed.Memory) {
	value, err := json.Marshal(e)
	if err != nil || bytes.Equal(value, m.Get(listKey)) { // strings only: there is no error
		return
	}
	m.Put(listKey, value)
}

// entriesOf makes entries of outlines, up to one more than is allowed. base is the address of the list, empty for a file.
// It never returns nil.
func entriesOf(outlines []parse.Outline, base string) entries {
	list := make(entries, 0, min(len(outlines), mostFeeds))
	seen := make(map[string]bool, len(outlines))
	for _, o := range outlines {
		if len(list) > mostFeeds {
			break
		}
		e := entryOf(o, base)
		if !seen[e.URL] {
			seen[e.URL] = true
			list = append(list, e)
		}
	}
	return list
}

// longestShown bounds what is shown of an address that is none, in bytes.
const longestShown = 200

func entryOf(o parse.Outline, base string) entry {
	e := entry{Title: clean.Summary(o.Title, 100)}
	address, err := clean.URL(withoutFeedScheme(o.URL), base)
	if err != nil {
		e.URL, e.Unfit = clean.Summary(withoutPassword(o.URL), longestShown), "which is no web address"
		return e
	}
	if shown := withoutPassword(address); shown != address {
		e.URL, e.Unfit = shown, "with a user and password that are not used; name that feed in the configuration, with fetch:  auth:"
		return e
	}
	e.URL = address
	return e
}

// withoutFeedScheme takes off the scheme by which browsers once told feeds: feed://host/path and feed:https://host/path.
func withoutFeedScheme(address string) string {
	const scheme = "feed:"
	if len(address) < len(scheme) || !strings.EqualFold(address[:len(scheme)], scheme) {
		return address
	}
	if address = address[len(scheme):]; strings.HasPrefix(address, "//") {
		return "http:" + address
	}
	return address
}

// withoutPassword takes user and password out of an address.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil && strings.Contains(address, "@"):
		return "an address with @"
	case err != nil || u.User == nil:
		return address
	}
	u.User = nil
	return u.String()
}

// shown is the list as operators may see it: values of a query can be keys.
func (l *List) shown() string {
	address, _, found := strings.Cut(l.config.Path, "?")
	if found && l.config.onWeb() {
		return address + "?…"
	}
	return l.config.Path
}
