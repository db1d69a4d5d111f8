package doctor

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// privately looks at what only some may read: with the token of one of them, and without before and after, for a cache may
// give everybody what it kept of a reader's visit.
func (v *visit) privately(ctx context.Context, s subject) {
	if !v.guarded(ctx, s, "") || s.token == "" {
		return
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("feedmill:"+s.token.Reveal()))
	if strings.HasPrefix(s.want.Type, "text/html") {
		v.admitted(ctx, s, s.address, basic)
	} else if plain, good := v.read(ctx, s, basic, verdicts{}); good {
		v.headers(s.address, plain, true)
		v.kept(s.address, plain)
		v.named(ctx, s, plain, basic)
	}
	query := s.address + "?token=" + url.QueryEscape(s.token.Reveal())
	if v.admitted(ctx, s, query, "") {
		v.guarded(ctx, s, " after a reader was there")
	}
}

// guarded asks without a token, and reports whether nothing came.
func (v *visit) guarded(ctx context.Context, s subject, when string) bool {
	a, ok := v.once(ctx, s.address, newsboat(), http.MethodGet)
	if !ok {
		return false
	}
	switch {
	case a.Status == http.StatusOK && when != "":
		v.fault(s.address, &fault{"leak", Error, "Everybody can read it" + when + ": a cache gives out what it kept of his visit, and it is private.",
			"Let your CDN or proxy not cache what says Cache-Control: private, purge it now, and give the readers new tokens if addresses with ?token= were kept."})
		return false
	case a.Status == http.StatusOK:
		v.fault(s.address, &fault{"leak", Error, "Everybody can read it without a token, and it is private.",
			"Take it from whatever else serves it, such as the folder of an output or a cache, and purge that now."})
		return false
	case v.doctor.Config.Server == nil:
	case a.Status != http.StatusUnauthorized:
		v.fault(s.address, &fault{"unasked token", Warning, "Answers " + a.status() + served(a) + " without a token, not 401: programs do not ask their reader for one.", v.wayIn()})
	case !strings.HasPrefix(strings.ToLower(a.Header.Get("Www-Authenticate")), "basic"):
		v.fault(s.address, &fault{"challenge", Warning, "Answers 401 without WWW-Authenticate: programs do not ask their reader for a token.", "Let your CDN or proxy pass on that header."})
	}
	return true
}

// admitted asks with a token, in the address or in a header.
func (v *visit) admitted(ctx context.Context, s subject, address, authorization string) bool {
	a, ok := v.ask(ctx, address, newsboat().with("Authorization", authorization))
	if !ok {
		return false
	}
	f := v.refused(a)
	if a.Status == http.StatusUnauthorized {
		f = shutOut(a)
	}
	v.fault(s.address, f)
	return f == nil
}

// shutOut tells of a reader who is not let in.
func shutOut(a answer) *fault {
	way := "in the header Authorization"
	if a.reader.header.Get("Authorization") == "" {
		way = "in the address, as ?token=…"
	}
	return &fault{"shut out", Error, "Does not take a reader's token " + way + ".",
		"Let your CDN or proxy pass on the query and the header Authorization. If the token was changed a moment ago, reload feedmill run."}
}

// kept looks at whether caches are told to keep nothing.
func (v *visit) kept(address string, a answer) {
	_, private := directive(a, "private")
	_, noStore := directive(a, "no-store")
	if !private && !noStore {
		v.fault(address, &fault{"cache", Error, "Lets caches keep what is private: Cache-Control says neither private nor no-store.",
			"Let your CDN or proxy pass on Cache-Control as feedmill sends it: else a cache may give it to everybody."})
	}
}
