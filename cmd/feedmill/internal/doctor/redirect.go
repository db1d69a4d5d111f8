package doctor

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"feedmill/feed/fetch"
)

// mostRedirects is how many are followed, as many readers do.
const mostRedirects = 5

func redirects(a answer) bool {
	switch a.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow goes where an address leads, and tells that it does: what is published at an address is to answer there.
func (v *visit) follow(ctx context.Context, address string, r reader, a answer) (answer, bool) {
	way := []string{address}
	for redirects(a) {
		here := way[len(way)-1]
		to, ok := leadsTo(here, a)
		if !ok {
			v.astray(address, "nowhere", "Leads elsewhere, but names no address ("+a.status()+").", "Take the redirect away, or give it a Location.")
			return a, false
		}
		switch {
		case slices.Contains(way, to.String()):
			v.astray(address, "ring", "Leads in a ring: "+shown(append(way, to.String()))+".",
				"Two rules contradict each other, often http and https between CDN and server: let the CDN speak https to the server, or take one rule away.")
			return a, false
		case len(way) > mostRedirects:
			v.astray(address, "far", "Leads on more than 5 times: "+shown(way)+".", "Let it answer itself, or lead to its place at once.")
			return a, false
		case to.Hostname() != v.base.Hostname():
			v.astray(address, "host", "Leads to another host: "+fetch.Shown(to.String())+".",
				"If readers are to find the feeds there, write that host in base_url; else take the redirect away.")
			return a, false
		}
		way = append(way, to.String())
		if a, ok = v.once(ctx, to.String(), r, http.MethodGet); !ok {
			return a, false
		}
	}
	v.led(way)
	return a, true
}

// led tells of a redirect that ends in an answer.
func (v *visit) led(way []string) {
	from, to := way[0], way[len(way)-1]
	rest, plain := strings.CutPrefix(from, "http://")
	secure, toPlain := strings.CutPrefix(to, "http://")
	switch {
	case plain && to == "https://"+rest:
		v.add(Finding{
			Severity: Warning, kind: "https", Address: fetch.Shown(from), Seen: "Leads to the same address with https://.",
			Remedy: "Write https:// in base_url, so that the feeds name the addresses that answer.",
		})
	case !plain && toPlain:
		v.astray(from, "downgrade", "Leads from https:// to http://"+secure+".", "Take the redirect away: browsers and aggregators refuse to go on.")
	case to == from+"/": // as a static host does with the folder of a page
	default:
		v.add(Finding{
			Severity: Warning, kind: "redirect", Address: fetch.Shown(from), Seen: "Leads to " + fetch.Shown(to) + ".",
			Remedy: "Let it answer itself: subscribers keep the address that the feed names, and some give up on a redirect.",
		})
	}
}

func (v *visit) astray(address, kind, seen, remedy string) {
	v.add(Finding{Severity: Error, kind: kind, Address: fetch.Shown(address), Seen: seen, Remedy: remedy})
}

// leadsTo is where a redirect leads.
func leadsTo(here string, a answer) (*url.URL, bool) {
	at, err := url.Parse(here)
	if err != nil || a.Header.Get("Location") == "" {
		return nil, false
	}
	to, err := at.Parse(a.Header.Get("Location"))
	if err != nil || to.Hostname() == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, false
	}
	to.Fragment, to.RawFragment = "", ""
	return to, true
}

func shown(way []string) string {
	var places []string
	for _, address := range way {
		places = append(places, fetch.Shown(address))
	}
	return strings.Join(places, " to ")
}
