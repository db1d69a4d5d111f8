package certificate

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Plain answers at the listener for HTTP: the authority's challenges, and to everybody else where the site is by HTTPS.
// base is the site's address. What stands behind a ? is not handed on: it may be a token, which was just read by everybody
// on the way.
func (k *Keeper) Plain(base string) http.Handler {
	own, err := url.Parse(base)
	if err != nil {
		own = &url.URL{Host: k.Domains[0]}
	}
	return k.issuer.HTTPChallengeHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			_, _ = io.WriteString(w, "Only GET and HEAD are answered here.\n") // whoever asked has left
			return
		}
		to := url.URL{Scheme: "https", Host: own.Host, Path: "/" + strings.TrimLeft(r.URL.Path, "/")}
		if name := strings.ToLower(strings.TrimSuffix((&url.URL{Host: r.Host}).Hostname(), ".")); name != own.Hostname() && slices.Contains(k.Domains, name) {
			to.Host = name
			if port := own.Port(); port != "" {
				to.Host += ":" + port
			}
		}
		h.Set("Location", to.String())
		h.Set("Cache-Control", "public, max-age=300")
		w.WriteHeader(http.StatusMovedPermanently)
		_, _ = io.WriteString(w, "This site is read by HTTPS.\n")
	}))
}
