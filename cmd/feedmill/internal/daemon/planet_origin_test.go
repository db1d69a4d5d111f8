package daemon

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"feedmill/source/sourcetest"
)

// origin is a site with a feed. What it has at a moment follows from its number and the moment alone.
type origin struct {
	number int
	begin  time.Time // of the week
	format string    // rss, atom, json, rdf
	manner manner

	noIDs, noLinks, noDates, numbered, oneLink, cyrillic, utf16, dirty bool

	newIDs time.Duration // when all ids become others; 0 is never
	secure time.Duration // when all links go over to https
	copies *origin       // whose articles it has, instead of its own
	alias  bool          // with ids of its own for them
	ill    *illness      // nil: it is always well

	visits atomic.Int64
}

// manner is how an origin tells who asks again whether there is anything new.
type manner int

const (
	etag     manner = iota
	modified        // Last-Modified
	silent          // no validators
	built           // no validators, and another build date in each answer
	liar            // the same ETag for ever
	manners
)

// piece is an article as its origin has it at a moment.
type piece struct {
	marker          string // a word that only this article holds
	number          int
	id, link, title string
	content         string
	at, changed     time.Time
}

const (
	kept     = 12               // articles in an origin's document
	old      = 3                // of them before the week begins
	editTime = 90 * time.Minute // after publication
)

func (o *origin) host() string { return fmt.Sprintf("h%03d.example", o.number) }

func (o *origin) address() string { return "https://" + o.host() + "/feed" }

// perDay is how many articles it publishes: 0 to 10, most a few, and some where a test looks closer.
func (o *origin) perDay() int {
	rate := o.number % 11
	if o.number%2 == 1 {
		rate /= 3
	}
	if !o.plain() {
		rate = max(rate, 4)
	}
	return rate
}

// plain reports that the origin is like most.
func (o *origin) plain() bool {
	return o.ill == nil && o.copies == nil && o.newIDs+o.secure == 0 &&
		!o.noIDs && !o.noLinks && !o.noDates && !o.numbered && !o.oneLink && !o.cyrillic && !o.utf16 && !o.dirty
}

// published is when an article appears; after the old ones at even distances.
func (o *origin) published(k int) time.Time {
	spread := time.Duration(o.number*7919%3600) * time.Second
	if k < old {
		return o.begin.Add(time.Duration(k-old)*5*time.Hour - spread)
	}
	return o.begin.Add(spread + time.Duration(k-old)*24*time.Hour/time.Duration(max(1, o.perDay())))
}

// edits reports whether an article is edited. One without id, link and date cannot be known again after an edit.
func (o *origin) edits(k int) bool {
	return (k+o.number)%5 == 0 && (!o.noIDs || !o.noLinks || !o.noDates)
}

func (o *origin) marker(k int) string { return fmt.Sprintf("mark%03dx%03d", o.number, k) }

// count is how many articles it has published until now.
func (o *origin) count(now time.Time) int {
	n := old
	for o.perDay() > 0 && !o.published(n).After(now) {
		n++
	}
	return n
}

// pieces are the articles in its document, newest first.
func (o *origin) pieces(now time.Time) []piece {
	of := o
	if o.copies != nil {
		of = o.copies
	}
	var all []piece
	n := of.count(now)
	for k := n - 1; k >= max(0, n-kept); k-- {
		all = append(all, o.piece(of, k, now))
	}
	return all
}

func (o *origin) piece(of *origin, k int, now time.Time) piece {
	elapsed := now.Sub(o.begin)
	p := piece{marker: of.marker(k), number: k, at: of.published(k)}
	p.changed = p.at
	scheme := "http"
	if o.secure > 0 && elapsed >= o.secure {
		scheme = "https"
	}
	p.link = fmt.Sprintf("%s://%s/articles/%d", scheme, of.host(), k)
	switch {
	case o.noIDs:
	case o.numbered:
		p.id = strconv.Itoa(k + 1)
	case o.alias:
		p.id = fmt.Sprintf("copy-%d-%d", o.number, k)
	case o.newIDs > 0 && elapsed >= o.newIDs:
		p.id = fmt.Sprintf("https://%s/?p=%d", of.host(), 1000+k)
	default:
		p.id = p.link
	}
	if o.oneLink {
		p.link = "http://" + o.host() + "/"
		p.id = fmt.Sprintf("tag:%s,2026:%d", o.host(), k)
	}
	if o.noLinks {
		p.link = ""
	}
	p.title = fmt.Sprintf("Article %d of %d", k, of.number)
	if sponsored(p.marker) {
		p.title = "Sponsored article " + p.marker
	}
	p.content = fmt.Sprintf("<p>The word is <b>%s</b> & more.</p><p>%s</p>", p.marker, strings.Repeat("The river rose by a metre overnight. ", 3))
	if o.cyrillic {
		p.title += " о реке"
		p.content += "<p>Река поднялась на метр.</p>"
	}
	if edited := p.at.Add(editTime); of.edits(k) && !edited.After(now) {
		p.content += "<p>Edited.</p>"
		p.changed = edited
	}
	return p
}

// sponsored tells the articles that a filter of the child takes out.
func sponsored(marker string) bool { return strings.HasSuffix(marker, "4") }

// ServeHTTP answers as a site does, well or ill.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.visits.Add(1)
	if o.ill != nil && o.ill.strikes(time.Since(o.begin)) {
		o.ill.answer(o)(w, r)
		return
	}
	o.well(w, r)
}

func (o *origin) well(w http.ResponseWriter, r *http.Request) {
	mediaType, body := o.document(time.Now())
	answer := sourcetest.Body(mediaType, body)
	switch o.manner {
	case etag:
		answer = sourcetest.Conditional(mediaType, body)
	case modified:
		latest := o.begin.AddDate(0, 0, -7)
		for _, p := range o.pieces(time.Now()) {
			if p.changed.After(latest) {
				latest = p.changed
			}
		}
		for _, turn := range []time.Duration{o.newIDs, o.secure} {
			if at := o.begin.Add(turn); turn > 0 && !at.After(time.Now()) && at.After(latest) {
				latest = at
			}
		}
		stamp := latest.UTC().Format(http.TimeFormat)
		w.Header().Set("Last-Modified", stamp)
		if r.Header.Get("If-Modified-Since") == stamp {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	case liar:
		w.Header().Set("ETag", `"for ever"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	answer(w, r)
}
