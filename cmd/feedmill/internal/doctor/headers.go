package doctor

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// varies reports whether an answer says that it depends on a header of the request.
func varies(a answer, on string) bool {
	return slices.ContainsFunc(variesOn(a), func(name string) bool { return name == "*" || strings.EqualFold(name, on) })
}

func variesOn(a answer) []string {
	var names []string
	for _, field := range a.Header.Values("Vary") {
		for name := range strings.SplitSeq(field, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

// directive returns the value of a word of Cache-Control.
func directive(a answer, word string) (value string, found bool) {
	for _, field := range a.Header.Values("Cache-Control") {
		for part := range strings.SplitSeq(field, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if strings.EqualFold(name, word) {
				return strings.Trim(value, `"`), true
			}
		}
	}
	return "", false
}

// keeps is how long a cache may keep the answer.
func keeps(a answer) time.Duration {
	for _, word := range []string{"s-maxage", "max-age"} {
		if value, ok := directive(a, word); ok {
			seconds, err := strconv.ParseUint(value, 10, 31)
			if err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return 0
}

// headers looks at what caches, browsers and programs are told beside a document.
func (v *visit) headers(address string, a answer, private bool) {
	v.fault(address, cookie(a))
	if a.Header.Get("Content-Encoding") != "" && !varies(a, "Accept-Encoding") {
		v.fault(address, &fault{"vary", Warning, "Is packed, and does not say so in Vary: Accept-Encoding.",
			"Let your CDN or proxy pass on Vary: else a cache gives the packed answer to readers that cannot unpack it."})
	}
	for _, name := range []string{"Cookie", "User-Agent"} {
		if slices.ContainsFunc(variesOn(a), func(on string) bool { return on == "*" || strings.EqualFold(on, name) }) {
			v.fault(address, &fault{"vary " + name, Warning, "Says Vary: " + name + ", by which caches keep a copy for each reader or none.",
				"Take the rule of your proxy or CDN away that makes the feeds depend on who asks."})
		}
	}
	if !private {
		v.cached(address, a)
	}
}

// cookie tells of one that comes along.
func cookie(a answer) *fault {
	if len(a.Header.Values("Set-Cookie")) == 0 {
		return nil
	}
	return &fault{"cookie", Warning, "Comes with a cookie.",
		"Turn off sessions and bot cookies for the feeds' addresses: no reader keeps them, and many caches keep nothing that has one."}
}

// longest is the time from which a correction takes a day to arrive.
const longest = 24 * time.Hour

// cached looks at how long caches may keep a public feed.
func (v *visit) cached(address string, a answer) {
	_, noStore := directive(a, "no-store")
	_, noCache := directive(a, "no-cache")
	_, private := directive(a, "private")
	switch {
	case noStore || noCache || private:
		v.fault(address, &fault{"cache", Warning, "Forbids caches to keep it: Cache-Control: " + short(a.Header.Get("Cache-Control")) + ".",
			"Let your CDN or proxy pass on Cache-Control as feedmill sends it: else every poll goes through to the server."})
	case keeps(a) > longest:
		v.fault(address, &fault{"cache", Warning, "May be kept by caches for " + keeps(a).String() + ": so long a correction stays unseen.",
			"Let your CDN or host send a max-age of some minutes for the feeds' addresses."})
	case a.Header.Get("Cache-Control") == "" && a.Header.Get("Expires") == "" && v.doctor.Config.Server != nil:
		v.fault(address, &fault{"cache", Note, "Does not tell caches how long they may keep it.", "Let your CDN or proxy pass on Cache-Control."})
	}
	if v.doctor.Config.Server != nil && a.Header.Get("Access-Control-Allow-Origin") != "*" {
		v.fault(address, &fault{"cors", Note, "Does not say Access-Control-Allow-Origin: *, so that readers which run in a browser cannot show it.",
			"Let your CDN or proxy pass on that header."})
	}
}
