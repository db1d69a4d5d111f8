package sitemap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"feedmill/feed"
	"feedmill/feed/batch"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// walk is one fetch: it goes through the sitemaps, newest first, and asks for those that may have changed.
type walk struct {
	*Sitemap
	memory feed.Memory
	at     time.Time
	state  state
	first  bool            // nothing was read before
	hosts  map[string]bool // whose pages are taken

	visited map[string]bool
	pending []item
	files   []*file
	asked   int
	known   int      // addresses
	late    []string // marks of files that are due, and not asked for now
	left    int      // files that are not read yet, for there are too many
	chosen  []*candidate
	changed bool // some file says something else than before
	over    bool // there are more pages than are taken

	failed   error // why the first sitemap that could not be read was not
	problems []error
	notes    []string
}

// item is a sitemap to be read.
type item struct {
	child
	depth int
	turn  int // among those of one date, those that had to wait come first
}

// file is a sitemap that was read, now or before.
type file struct {
	url    string
	record record
	rows   []byte // of its table, when it was read now; else nil
	kept   bool   // its articles are those of before, and not among the chosen yet
}

// run goes through all sitemaps. The error is that of the configured one.
func (w *walk) run(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	for len(w.pending) > 0 {
		slices.SortStableFunc(w.pending, func(a, b item) int { return cmp.Or(cmp.Compare(b.Modified, a.Modified), cmp.Compare(a.turn, b.turn)) })
		next := w.pending[0]
		w.pending = w.pending[1:]
		if err := w.visit(ctx, next); err != nil {
			return err
		}
	}
	if w.known == 0 {
		return w.failed
	}
	return nil
}

// begin takes the configured address, or what robots.txt of the site names.
func (w *walk) begin(ctx context.Context) error {
	root := item{child: child{URL: w.config.URL}}
	if !w.state.Site && !isHome(root.URL) {
		w.visited[root.URL] = true
		err := w.read(ctx, root)
		other, isOther := errors.AsType[*parse.NotSitemap](err)
		if !isOther || other.Is.Kind != parse.Page || !w.first {
			return err
		}
	}
	w.state.Site = true
	putJSON(w.memory, stateKey, w.state) // it stays one, whatever becomes of this fetch
	return w.site(ctx)
}

// site takes the sitemaps that robots.txt of the site names (sitemaps.org, protocol), else /sitemap.xml.
func (w *walk) site(ctx context.Context) error {
	address := w.Sitemap.at("/robots.txt")
	old := recallRecord(w.memory, address)
	answer, err := w.client.Get(ctx, w.memory, w.request(address))
	if err == nil && answer.Unchanged && old == nil {
		answer, err = w.client.Get(ctx, nil, w.request(address))
	}
	var found record
	switch status := fetch.StatusOf(err); {
	case err == nil && answer.Unchanged:
		found = *old
	case err == nil:
		w.take(answer.URL)
		found = record{IsIndex: true, Index: robotsLines(answer.Body, answer.URL)}
		answer.Remember(w.memory)
	case ctx.Err() != nil:
		return err
	case old != nil:
		if !old.Guess { // else there was none, and is none
			w.problems = append(w.problems, err)
		}
		found = *old
	case status != http.StatusNotFound && status != http.StatusGone && feed.ClassOf(err) != feed.Unreadable:
		return fmt.Errorf("read the sitemaps of %s: %w", fetch.Shown(w.config.URL), err)
	}
	named := len(found.Index) > 0 && !found.Guess
	if !named {
		found = record{IsIndex: true, Guess: true, Index: []child{{URL: w.Sitemap.at("/sitemap.xml")}}}
	}
	if w.first {
		w.notes = append(w.notes, w.tellSite(named, found.Index))
	}
	w.files = append(w.files, &file{url: address, record: found})
	if !named || len(found.Index) == 1 { // there is no other: its error is that of the source
		w.visited[found.Index[0].URL] = true
		return w.read(ctx, item{child: found.Index[0]})
	}
	w.push(found.Index, 0)
	return nil
}

func (w *walk) tellSite(named bool, index []child) string {
	if !named {
		return fmt.Sprintf("%s is a site whose robots.txt names no sitemap; %s is read", fetch.Shown(w.config.URL), fetch.Shown(index[0].URL))
	}
	more := ""
	if len(index) > 1 {
		more = fmt.Sprintf(" and %d more", len(index)-1)
	}
	return fmt.Sprintf("%s is a site; the sitemaps that its robots.txt names are read: %s%s", fetch.Shown(w.config.URL), fetch.Shown(index[0].URL), more)
}

// take notes that the site's pages may lie where a redirect led.
func (w *walk) take(address string) {
	if u, err := url.Parse(address); err == nil {
		w.hosts[bareHost(u.Host)] = true
	}
}

func (w *walk) push(index []child, depth int) {
	for _, c := range index {
		turn := slices.Index(w.state.Late, markOf(c.URL).String())
		if turn < 0 {
			turn = len(w.state.Late)
		}
		w.pending = append(w.pending, item{c, depth + 1, turn})
	}
}

// visit reads a sitemap that another one names. It fails only when ctx ends.
func (w *walk) visit(ctx context.Context, next item) error {
	if w.visited[next.URL] {
		return nil
	}
	w.visited[next.URL] = true
	old := recallRecord(w.memory, next.URL)
	switch {
	case next.depth > deepest:
		w.problems = append(w.problems, placed(next.URL, fmt.Errorf("this sitemap stands more than %d indexes deep; it is not read", deepest)))
		return nil
	case len(w.files) >= mostFiles, w.known >= mostAddresses:
		w.left++
		return nil
	case old == nil && w.tooOld(next.child):
		return nil // it can hold nothing that would be taken
	case old != nil && old.holds(next.child, w.at):
		w.reuse(next, *old)
		return nil
	case w.asked >= mostAsked:
		w.late = append(w.late, markOf(next.URL).String())
		if old == nil {
			w.left++
		} else {
			w.reuse(next, *old)
		}
		return nil
	}
	err := w.read(ctx, next)
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		w.failed = cmp.Or(w.failed, err)
		w.problems = append(w.problems, err)
		if old != nil {
			w.reuse(next, *old) // last good
		}
	}
	return nil
}

// tooOld reports that all pages of a sitemap are older than those that are taken.
func (w *walk) tooOld(c child) bool {
	latest := c.latest()
	if latest == 0 {
		return false
	}
	if age := time.Duration(w.config.MaxAge); age > 0 && latest < w.at.Add(-age).Unix() {
		return true
	}
	return latest < max(w.state.Floor, w.floor())
}

// floor is the date of the last article chosen, 0 while there is room for more.
func (w *walk) floor() int64 {
	if len(w.chosen) < mostArticles {
		return 0
	}
	return w.chosen[mostArticles-1].Date
}

// reuse takes a sitemap as it was.
func (w *walk) reuse(next item, r record) {
	w.files = append(w.files, &file{url: next.URL, record: r, kept: !r.IsIndex})
	if r.IsIndex {
		w.push(r.Index, next.depth)
		return
	}
	w.known += r.Count
}

// read asks for a sitemap and takes what it says.
func (w *walk) read(ctx context.Context, next item) error {
	old := recallRecord(w.memory, next.URL)
	w.asked++
	answer, err := w.client.Get(ctx, w.memory, w.request(next.URL))
	if err == nil && answer.Unchanged && old == nil { // what it said was lost
		answer, err = w.client.Get(ctx, nil, w.request(next.URL))
	}
	if err != nil {
		return err
	}
	if next.depth == 0 {
		w.take(answer.URL)
		w.tellMoved(answer.Moved)
	}
	if answer.Unchanged {
		w.rest(next, *old)
		return nil
	}
	list, err := w.parse(ctx, answer)
	if err != nil {
		err = w.unreadable(next.URL, answer, err)
		if ctx.Err() == nil {
			w.client.Reject(w.memory, w.request(next.URL), err)
		}
		return err
	}
	answer.Body = nil
	f := &file{url: next.URL, record: record{IsIndex: list.Index, Modified: next.Modified, Checked: w.at.Unix()}}
	w.files, w.changed = append(w.files, f), true
	if list.Index {
		list.Problems = append(list.Problems, f.record.name(list.Entries, old)...)
		w.push(f.record.Index, next.depth)
	} else {
		list.Problems = append(list.Problems, w.takePages(f, old, next.New, list.Entries)...)
	}
	w.tell(next.URL, list)
	answer.Remember(w.memory)
	return nil
}

// rest takes a sitemap that is as it was: dates that were too young to be believed have come to rest.
func (w *walk) rest(next item, r record) {
	if r.Young {
		settle(w.memory, next.URL)
		r.Young, w.changed = false, true
	}
	if next.Modified != 0 {
		r.Modified, r.Checked = next.Modified, w.at.Unix()
	}
	w.reuse(next, r)
}

// tell notes what is wrong with a sitemap, each thing once.
func (w *walk) tell(address string, list parse.List) {
	if list.Lenient {
		list.Problems = append(list.Problems, errors.New("it is broken XML, and was read by mending it"))
	}
	for _, p := range batch.News(w.memory, toldKey+markOf(address).String(), list.Problems) {
		w.problems = append(w.problems, placed(address, p))
	}
}

func (w *walk) tellMoved(to string) {
	if to == "" || to == w.state.Moved {
		return
	}
	w.state.Moved = to
	w.notes = append(w.notes, fmt.Sprintf("%s has moved to %s; change url, for the old address may end", fetch.Shown(w.config.URL), fetch.Shown(to)))
}
