package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"feedmill/feed/fetch"
)

// The times before its end at which a certificate is told of. It should have been renewed a month before.
const (
	expiresSoon = 14 * 24 * time.Hour
	expiresNow  = 3 * 24 * time.Hour
)

// certificate looks, once, at how long the host's certificates hold. That they hold now, and for this name, was asked
// before there was an answer.
func (v *visit) certificate(seen fetch.Sight) {
	if seen.TLS == nil || v.certain {
		return
	}
	v.certain = true
	for _, c := range seen.TLS.PeerCertificates {
		left := c.NotAfter.Sub(v.doctor.Now())
		if left >= expiresSoon {
			continue
		}
		severity := Warning
		if left < expiresNow {
			severity = Error
		}
		before := v.feed
		v.feed = "" // it is the host's
		v.add(Finding{
			Severity: severity, kind: "certificate", Address: v.addressOf(""),
			Seen:   fmt.Sprintf("The certificate of %s ends on %s.", v.base.Hostname(), c.NotAfter.UTC().Format("2006-01-02")),
			Remedy: "See why it was not renewed by itself: readers stop at its end.",
		})
		v.feed = before
		return
	}
}

// insecure looks at what http:// answers, where base_url is https://: people type it, and old subscriptions have it.
func (v *visit) insecure(ctx context.Context, address string) {
	if v.base.Scheme != "https" || v.base.Port() != "" {
		return
	}
	plain := *v.base
	plain.Scheme = "http"
	from := plain.String() + address[len(v.base.String()):]
	v.report.Requests++
	seen, err := v.doctor.Client.Look(ctx, fetch.Look{URL: from, Header: browser().header, Config: v.manners(from)})
	if err != nil {
		return // nobody answers there: nothing is given away
	}
	a := answer{seen, browser()}
	to, led := leadsTo(from, a)
	switch {
	case a.Status == http.StatusOK:
		v.fault(from, &fault{"insecure", Warning, "Answers without TLS, and does not lead to https://.", "Let the proxy or CDN lead all of http:// to the same address with https:// (301)."})
	case led && to.String() != address:
		v.fault(from, &fault{"insecure", Warning, "Leads to " + fetch.Shown(to.String()) + ", and not to the same address with https://.", "Let the proxy or CDN lead each address to the same one with https:// (301)."})
	}
}
