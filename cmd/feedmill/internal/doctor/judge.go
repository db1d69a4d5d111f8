package doctor

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"feedmill/feed/check"
)

// fault is what is wrong with one answer.
type fault struct {
	kind         string
	severity     Severity
	seen, remedy string
}

// refused tells of an answer that is not the document at all; nil: it may be.
func (v *visit) refused(a answer) *fault {
	if a.Broken != nil {
		return &fault{"broken", Error, sentence(a.Broken.Error()), "See what the CDN or proxy does to bodies: one that is cut or packed wrongly is lost on every reader."}
	}
	if a.Wall != "" {
		return &fault{"wall", Error, "Answers " + a.status() + " with " + a.Wall + ".",
			"Let requests for the feeds pass the bot protection of your CDN or proxy unchecked: a program cannot pass it."}
	}
	switch {
	case a.Status == http.StatusOK:
		return nil
	case a.Status == http.StatusTooManyRequests:
		return &fault{"wall", Error, "Answers 429 Too Many Requests.", "Allow more requests for the feeds: aggregators ask in the name of many subscribers."}
	case a.Status == http.StatusForbidden:
		return &fault{"wall", Error, "Answers 403 Forbidden.", "See which rule of your CDN, proxy or firewall refuses the request, and except the feeds' addresses from it."}
	case a.Status == http.StatusUnauthorized:
		return &fault{"locked", Error, "Asks for a password, though the feed is public.", "Take the password of the proxy off the feeds' addresses."}
	case a.Status == http.StatusNotFound, a.Status == http.StatusGone:
		return &fault{"missing", Error, "Answers " + a.status() + served(a) + ", though it is published.", v.wayIn()}
	case a.Status >= 500:
		return &fault{"trouble", Error, "Answers " + a.status() + served(a) + ".", "See whether feedmill run runs, and what the proxy before it logs."}
	}
	return &fault{"status", Error, "Answers " + a.status() + served(a) + ".", v.wayIn()}
}

// wayIn is what to see to when something else answers.
func (v *visit) wayIn() string {
	if v.doctor.Config.Server == nil {
		return "See whether base_url is where the folder of the file output is published, and whether the last upload is complete."
	}
	return "See whether base_url leads to this feedmill, and whether the proxy passes on the whole path, unchanged."
}

// served names the server that answered, if it does.
func served(a answer) string {
	name := a.Header.Get("Server")
	if name == "" || len(name) > 60 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return " (" + name + ")"
}

// faults are what is wrong with what a reader of a feed was given.
func (v *visit) faults(s subject, a answer) []fault {
	if s.private && a.Status == http.StatusUnauthorized {
		return []fault{*shutOut(a)}
	}
	if f := v.refused(a); f != nil {
		return []fault{*f}
	}
	if !strings.HasPrefix(s.want.Type, "text/html") && a.html() && looksLikePage(a.Body) {
		return []fault{{"page", Error, "Gives a reader a page for people.",
			"If it is feedmill's own page, a cache mixes up browsers and readers: let it heed Vary, or not cache this address. Else see where base_url leads."}}
	}
	var all []fault
	if f := unasked(a); f != nil {
		all = append(all, *f)
	}
	if f := mistyped(s.want.Type, a); f != nil {
		all = append(all, *f)
	}
	if f := v.unlike(s, a); f != nil {
		all = append(all, *f)
	}
	return all
}

func looksLikePage(body []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 512)]))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// unasked tells of a coding that the reader does not take.
func unasked(a answer) *fault {
	coding := strings.ToLower(a.Header.Get("Content-Encoding"))
	if coding == "" || coding == "identity" {
		return nil
	}
	for taken := range strings.SplitSeq(a.reader.header.Get("Accept-Encoding"), ",") {
		if strings.EqualFold(strings.TrimSpace(taken), coding) {
			return nil
		}
	}
	return &fault{"unasked", Error, "Is sent packed with " + coding + " to readers that do not take it.",
		"A cache mixes up packed and plain answers: let it heed Vary: Accept-Encoding, or let only the CDN pack."}
}

// mistyped tells of a media type that is not the document's.
func mistyped(want string, a answer) *fault {
	wanted, _, _ := mime.ParseMediaType(want)
	got, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	severity := Warning
	switch {
	case err != nil && a.Header.Get("Content-Type") == "":
		got = "nothing"
	case err != nil:
		got = "something that is no media type"
	case got == wanted:
		if c := params["charset"]; c != "" && !strings.EqualFold(c, "utf-8") {
			return &fault{"charset", Error, "Is said to be in " + c + ", and is in UTF-8.", "Let the server or proxy send charset=utf-8 or no charset at all."}
		}
		return nil
	case strings.HasSuffix(wanted, "xml") && (got == "application/xml" || got == "text/xml"), strings.HasSuffix(wanted, "json") && got == "application/json":
		severity = Note
	}
	return &fault{"type", severity, "Is sent as " + got + ", not as " + wanted + ".",
		"Give this file name its media type in the server or CDN; whoever goes by the type does not see a feed."}
}

// unlike tells how the body differs from the document that was published.
func (v *visit) unlike(s subject, a answer) *fault {
	body, err := s.want.Bytes()
	switch {
	case err != nil:
		return nil
	case bytes.Equal(body, a.Body):
		return misnamed(s, body)
	}
	if bytes.HasPrefix(a.Body, []byte("\x1f\x8b")) {
		return &fault{"twice", Error, "Is packed with gzip twice.", "Let only one of server and proxy pack: turn off the compression of what is packed already."}
	}
	published, err := check.Read(s.want.Type, body)
	if err != nil {
		return v.otherBytes(s, a) // no feed, such as a news sitemap
	}
	got, err := check.Read(s.want.Type, a.Body)
	if err != nil {
		return &fault{"invalid", Error, "Is no good feed as it arrives: " + err.Error() + ".", "See which part of your CDN or proxy rewrites bodies, and turn it off for the feeds' addresses."}
	}
	if f := v.older(s, a, published, got); f != nil {
		return f
	}
	if got.Self != published.Self {
		return &fault{"self", Error, "Names another address as its own: " + got.Self + ".", "Let no proxy rewrite addresses; write the address that readers use in base_url."}
	}
	return v.otherBytes(s, a)
}

// misnamed tells of a document that was published for another address than it is asked for at.
func misnamed(s subject, body []byte) *fault {
	said, err := check.Read(s.want.Type, body)
	if err != nil || said.Self == s.address {
		return nil // or no feed, such as a news sitemap
	}
	return &fault{"self", Error, "Names another address as its own: " + said.Self + ".",
		"If base_url was changed a moment ago, reload feedmill run, or run feedmill build."}
}

// otherBytes tells of a body that says the same in other bytes, or whose words cannot be read. Files of a static host may
// have a line for people at their top.
func (v *visit) otherBytes(s subject, a answer) *fault {
	if at, err := http.ParseTime(a.Header.Get("Last-Modified")); err == nil && at.Before(s.want.Modified.Truncate(time.Second)) {
		return v.stale(s, a, "it is of "+at.UTC().Format("2006-01-02 15:04")+" UTC, what is published of "+s.want.Modified.UTC().Format("2006-01-02 15:04"))
	}
	if v.doctor.Config.Server == nil {
		return nil
	}
	return &fault{"changed", Warning, "Is not byte for byte what feedmill sends, though it says the same.",
		"Turn off what rewrites bodies in your CDN or proxy for the feeds' addresses, such as minifying or the hiding of e-mail addresses."}
}

// older tells that the body is of before, or of something else.
func (v *visit) older(s subject, a answer, published, got check.Said) *fault {
	there := map[string]time.Time{}
	for _, it := range got.Items {
		there[it.ID] = it.Updated
	}
	missing, before := 0, 0
	for _, it := range published.Items {
		updated, ok := there[it.ID]
		switch {
		case !ok:
			missing++
		case updated.Before(it.Updated):
			before++
		}
		delete(there, it.ID)
	}
	switch {
	case missing == len(published.Items) && missing > 0 && len(got.Items) > 0 && got.Self != published.Self:
		return &fault{"foreign", Error, fmt.Sprintf("Is another feed: %q, which names %s as its address.", short(got.Title), got.Self), v.wayIn()}
	case missing+before+len(there) == 0:
		return nil
	}
	var lacks []string
	for _, part := range []struct {
		n    int
		word string
	}{{missing, "lacks %s"}, {before, "shows %s as before a change"}, {len(there), "shows %s that left the feed"}} {
		if part.n > 0 {
			lacks = append(lacks, fmt.Sprintf(part.word, count(part.n, "article")))
		}
	}
	return v.stale(s, a, "it "+list(lacks))
}

// graceful is how long every cache may show what was before, whatever it was told.
const graceful = 2 * time.Minute

// stale tells of a cache that shows what was before. For as long as it was allowed to keep it, that is as it should be.
func (v *visit) stale(s subject, a answer, how string) *fault {
	seen := "Is not what is published: " + how
	if age := a.Header.Get("Age"); age != "" && len(age) < 12 {
		seen += "; a cache says it is " + age + " s old"
	}
	since := v.doctor.Now().Sub(s.want.Modified)
	if since < max(keeps(a), graceful) {
		return &fault{"fresh", Note, seen + ". It was published " + since.Truncate(time.Second).String() + " ago.", "A cache may show what was before for as long as Cache-Control tells it. Ask again later."}
	}
	if v.doctor.Config.Server == nil {
		return &fault{"stale", Error, seen + ".", "See whether the last upload is complete, and let the host or CDN drop what it keeps of these files after each."}
	}
	return &fault{"stale", Error, seen + ".", "A cache keeps it for longer than it was told: let your CDN and proxy heed Cache-Control of the feeds, and purge them once."}
}

// short is a foreign title as one line.
func short(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	return string(line[:min(len(line), 60)])
}

// verdict is a fault with the readers who saw it.
type verdict struct {
	fault
	readers []string
}

// verdicts collect the faults of several answers at one address.
type verdicts struct {
	readers int // how many readers of feeds there were
	all     []verdict
}

func (vs *verdicts) add(who string, faults ...fault) {
	for _, f := range faults {
		i := slices.IndexFunc(vs.all, func(v verdict) bool { return v.fault == f })
		if i < 0 {
			i = len(vs.all)
			vs.all = append(vs.all, verdict{fault: f})
		}
		vs.all[i].readers = append(vs.all[i].readers, who)
	}
}

// tell makes findings of them; what all readers of feeds saw is told of nobody.
func (v *visit) tell(address string, vs verdicts) {
	for _, one := range vs.all {
		seen := len(one.readers)
		if slices.Contains(one.readers, browser().name) {
			seen--
		}
		if seen == vs.readers {
			one.readers = nil
		}
		v.fault(address, &one.fault, one.readers...)
	}
}

// fault makes a finding of a fault, if there is one, that the named readers see; without names, everybody.
func (v *visit) fault(address string, f *fault, readers ...string) {
	if f != nil {
		v.add(Finding{Severity: f.severity, kind: f.kind, Address: address, Readers: readers, Seen: f.seen, Remedy: f.remedy})
	}
}
