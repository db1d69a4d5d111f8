package doctor

import (
	"context"
	"net/http"
	"strings"

	"feedmill/config"
	"feedmill/feed/store"
)

// movedTo looks at the addresses that a feed had before: whoever subscribed there is to be led here for good.
func (v *visit) movedTo(ctx context.Context, f config.Feed, docs []store.Document) {
	to := v.addressOf(docs[0].Path)
	for _, m := range v.doctor.Config.Moved {
		if m.To != f.Key || f.Access != nil {
			continue
		}
		from := v.addressOf(m.From + strings.TrimPrefix(docs[0].Path, f.Key))
		v.report.Addresses++
		a, ok := v.once(ctx, from, newsboat(), http.MethodGet)
		if ok {
			v.fault(from, v.left(from, to, a))
		}
	}
}

// left tells what is wrong with the answer at an old address.
func (v *visit) left(from, to string, a answer) *fault {
	const kind = "moved"
	there, led := leadsTo(from, a)
	switch {
	case a.Status == http.StatusOK && v.doctor.Config.Server == nil:
		return nil // a file that leads on, or the feed itself
	case !redirects(a):
		return &fault{kind, Error, "Answers " + a.status() + served(a) + ", and should lead to " + to + ": who subscribed here gets nothing any more.", v.wayIn()}
	case !led || there.String() != to:
		return &fault{kind, Error, "Does not lead to " + to + ", where the feed is now.", "See which rule of the proxy or CDN answers here before feedmill does."}
	case a.Status != http.StatusMovedPermanently && a.Status != http.StatusPermanentRedirect:
		return &fault{kind, Warning, "Leads to the feed's new address with " + a.status() + ", not for good (301): readers keep asking here.", "Let the proxy or host pass on 301."}
	}
	return nil
}
