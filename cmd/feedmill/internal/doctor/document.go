package doctor

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"feedmill/feed/check"
)

// document looks at a feed from all sides. The browser comes first: what a cache keeps of its visit must not be given to
// the readers.
func (v *visit) document(ctx context.Context, s subject) {
	before, ok := v.clicked(ctx, s)
	if !ok {
		return
	}
	plain, good := v.read(ctx, s, "", before)
	if !good {
		return
	}
	v.coded(ctx, s, plain)
	v.validated(ctx, s, plain)
	v.headers(s.address, plain, false)
	v.sized(s.address, plain)
	v.headed(ctx, s.address, plain)
	v.named(ctx, s, plain, "")
}

// briefly asks for a feed once.
func (v *visit) briefly(ctx context.Context, s subject) {
	a, ok := v.ask(ctx, s.address, newsboat())
	if !ok {
		return
	}
	for _, f := range v.faults(s, a) {
		v.fault(s.address, &f)
	}
}

// read lets every reader ask, and tells what they saw with what was seen before. It returns what the plainest got, and
// whether that is worth a closer look.
func (v *visit) read(ctx context.Context, s subject, authorization string, vs verdicts) (plain answer, good bool) {
	for _, r := range feedReaders() {
		a, ok := v.ask(ctx, s.address, r.with("Authorization", authorization))
		if !ok {
			return plain, false
		}
		faults := v.faults(s, a)
		vs.readers++
		vs.add(r.name, faults...)
		if plain.reader.name == "" {
			plain, good = a, a.Status == http.StatusOK && a.Broken == nil && !fatal(faults)
		}
	}
	v.tell(s.address, vs)
	return plain, good
}

// fatal reports whether an answer is of no use: what else there is to learn from it would mislead.
func fatal(faults []fault) bool {
	return slices.ContainsFunc(faults, func(f fault) bool { return f.severity == Error })
}

// clicked is somebody who opens the feed's address in a browser: a page is what he should get, or the feed.
func (v *visit) clicked(ctx context.Context, s subject) (vs verdicts, ok bool) {
	a, ok := v.ask(ctx, s.address, browser())
	if !ok {
		return vs, false
	}
	switch f := v.refused(a); {
	case f != nil:
		vs.add(a.reader.name, *f)
	case a.html() && !varies(a, "Sec-Fetch-Dest"):
		vs.add(a.reader.name, fault{"vary", Warning, "Gives browsers a page, and does not say so in Vary: Sec-Fetch-Dest.",
			"Let your CDN or proxy pass on Vary, or not cache the feeds: else a cache gives the page to readers."})
	}
	return vs, true
}

// headed asks for the headers alone, as those do who look whether an address is there.
func (v *visit) headed(ctx context.Context, address string, plain answer) {
	a, ok := v.once(ctx, address, plain.reader, http.MethodHead)
	if ok && !redirects(a) && (a.Status != plain.Status || a.media() != plain.media()) {
		v.fault(address, &fault{"head", Warning, "Answers HEAD with " + a.status() + ", unlike GET.", "Let the proxy pass on HEAD as it does GET."})
	}
}

// The sizes from which aggregators take no more.
const (
	smartNews  = 1 << 20
	googleNews = 2 << 20
)

func (v *visit) sized(address string, plain answer) {
	const remedy = "Write a limit for the feed, such as limit: {size: 1MB}, or content: teaser; older articles stay in the archives."
	switch size := len(plain.Body); {
	case size > googleNews:
		v.fault(address, &fault{"size", Warning, "Has more than 2 MB: many aggregators take no more.", remedy})
	case size > smartNews:
		v.fault(address, &fault{"size", Note, "Has more than 1 MB: SmartNews takes no more.", remedy})
	}
}

// named looks at what the document names: the archive before it, and of its newest article the page and the media. With an
// authorization, archive and page are as private as the document; media never are.
func (v *visit) named(ctx context.Context, s subject, plain answer, authorization string) {
	said, err := check.Read(s.want.Type, plain.Body)
	if err != nil {
		return // no feed, such as a news sitemap
	}
	if v.ours(said.Archive) {
		v.archive(ctx, said.Archive, s.want.Type, authorization)
	}
	if len(said.Items) > 0 && v.ours(said.Items[0].Link) {
		v.articlePage(ctx, s, said.Items[0].Link, authorization)
	}
	v.media(ctx, s, plain)
}

// ours reports whether an address is one of the site's that was not looked at yet, and notes that it is.
func (v *visit) ours(address string) bool {
	if !strings.HasPrefix(address, strings.TrimRight(v.doctor.Config.BaseURL, "/")+"/") || v.looked[address] {
		return false
	}
	v.looked[address] = true
	v.report.Addresses++
	return true
}

// archive asks for a document with older articles.
func (v *visit) archive(ctx context.Context, address, mediaType, authorization string) {
	a, ok := v.ask(ctx, address, newsboat().with("Authorization", authorization))
	if !ok {
		return
	}
	if f := v.refused(a); f != nil {
		v.fault(address, f)
		return
	}
	v.fault(address, mistyped(mediaType, a))
	if _, err := check.Read(mediaType, a.Body); err != nil {
		v.fault(address, &fault{"archive", Error, "Is no good archive as it arrives: " + err.Error() + ".", v.wayIn()})
	}
}
