package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

var (
	_ feed.Source   = (*Address)(nil)
	_ feed.Expander = (*Address)(nil)
)

// Address reads an address of which only the first answer says what it is: a feed, a list of feeds, a page that names
// its feed, or a page that lists articles. What it was is remembered; when it turns into something else, that is an error until the configuration
// changes.
type Address struct {
	config Config
	list   feed.Expander
	page   feed.Source
	client *fetch.Client
	loc    *time.Location
	now    func() time.Time
}

// NewAddress makes a source of the address that c names. list reads the same address as a list of feeds, page
// as a page of articles; both share the memory of the Address. The rest is as for [New].
func NewAddress(c Config, list feed.Expander, page feed.Source, client *fetch.Client, loc *time.Location, now func() time.Time) *Address {
	return &Address{config: c, list: list, page: page, client: client, loc: loc, now: now}
}

// at is the feed at an address that the configured one is or led to.
func (a *Address) at(address string) *Upstream {
	u := New(a.config.At(address), a.client, a.loc, a.now)
	u.by, u.found = a, address != a.config.URL
	return u
}

// finding is what an address was found to be.
type finding struct {
	List bool   `json:"list,omitempty"` // of feeds
	Page bool   `json:"page,omitempty"` // of articles; else it is a feed
	URL  string `json:"url"`            // of the feed: the address itself, or the one that its page names
	Note string `json:"note,omitempty"` // still to be said
}

// findingKey is where the finding is remembered.
const findingKey = "upstream.address"

func (f finding) save(m feed.Memory) {
	value, err := json.Marshal(f)
	if err != nil {
		return // strings only: it cannot be
	}
	m.Put(findingKey, value)
}

// Expand returns the feeds of a list, and nil for a feed.
func (a *Address) Expand(ctx context.Context, m feed.Memory) (map[string]feed.Source, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	found, err := a.find(ctx, m)
	if err != nil || !found.List {
		return nil, err
	}
	feeds, err := a.list.Expand(ctx, m)
	if other, ok := errors.AsType[*parse.NotList](err); ok {
		err = a.changed("a list of feeds", other)
		a.client.Reject(m, fetch.Request{URL: a.config.URL, Config: a.config.Fetch}, err) // as the list did, in these words
	}
	return feeds, err
}

// Fetch reads the feed. It is an error for a list.
func (a *Address) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	found, err := a.find(ctx, m)
	if err != nil {
		return feed.Batch{}, err
	}
	if found.List {
		return feed.Batch{}, fmt.Errorf("read %s: it is a list of feeds, which has no articles of its own", shown(a.config.URL))
	}
	if found.Page {
		return a.fetchPage(ctx, m, found)
	}
	there := a.at(found.URL)
	batch, err := there.Fetch(ctx, m)
	if other, ok := errors.AsType[*parse.NotFeed](err); ok && isAnotherKind(other.Kind) {
		err = a.changed("a feed", other)
		there.reject(ctx, m, err)
	}
	if err != nil && found.URL != a.config.URL {
		err = fmt.Errorf("%w (the feed that the page %s named when it was first read)", err, shown(a.config.URL))
	}
	if err != nil {
		return feed.Batch{}, err
	}
	found.tell(&batch, m)
	return batch, nil
}

// fetchPage reads the articles that a page lists. It is a page for good only when that worked.
func (a *Address) fetchPage(ctx context.Context, m feed.Memory, found finding) (feed.Batch, error) {
	batch, err := a.page.Fetch(ctx, m)
	if err != nil {
		if found.Note != "" {
			a.at(a.config.URL).reject(ctx, m, err) // else it would be looked at each time
		}
		return feed.Batch{}, err
	}
	found.tell(&batch, m)
	return batch, nil
}

// tell says once what was found, and remembers it.
func (f finding) tell(batch *feed.Batch, m feed.Memory) {
	if f.Note == "" {
		return
	}
	batch.Notes = append([]string{f.Note}, batch.Notes...)
	f.Note = ""
	f.save(m)
}

// Kind tells what kind of source the address is, in the word of the configuration, and where its articles are read: the
// address of the feed, when it is a page that names one.
func (a *Address) Kind(ctx context.Context, m feed.Memory) (kind, address string, err error) {
	ctx, done := fetch.Hold(ctx)
	defer done()
	found, err := a.find(ctx, m)
	switch {
	case err != nil:
		return "", "", err
	case found.List:
		return "opml", found.URL, nil
	case found.Page:
		return "page", found.URL, nil
	}
	return "feed", found.URL, nil
}

// isAnotherKind reports whether a document is something of its own, not just an obstacle before the feed.
func isAnotherKind(k parse.Kind) bool {
	return k != parse.Login && k != parse.Challenge && k != parse.Empty
}

// isPage reports whether a document can be a page that lists articles. Many of those have a form to log in, or the marks of
// a captcha for those who comment; package parse, which looks for feeds, takes such a page for nothing else.
func isPage(k parse.Kind) bool { return k == parse.Page || k == parse.Login || k == parse.Challenge }

func isBlocked(err error) bool {
	_, ok := errors.AsType[*blocked](err)
	return ok
}

func (a *Address) changed(was string, now error) error {
	return feed.Classify(feed.Suspicious, fmt.Errorf("read %s: when it was first read it was %s, but now %w; what was published stays; "+
		"if the change is meant, write a source of the new kind", shown(a.config.URL), was, now))
}

// find tells what the address is: as it is remembered, else by its content.
func (a *Address) find(ctx context.Context, m feed.Memory) (finding, error) {
	var found finding
	if json.Unmarshal(m.Get(findingKey), &found) == nil && found.URL != "" {
		return found, nil
	}
	found.URL = a.config.URL
	document, answered, err := a.look(ctx, m, a.config.URL)
	other, isOther := errors.AsType[*parse.NotFeed](err)
	switch {
	case err == nil:
		found.Note = fmt.Sprintf("%s is a feed (%s)", shown(found.URL), document.Format)
	case isOther && other.Kind == parse.OPML:
		found.List, err = true, nil
	case isOther && other.Kind == parse.Page && len(other.Feeds) > 0:
		found, err = a.ofPage(ctx, m, other)
	case isOther && isPage(other.Kind) && !isBlocked(err):
		// Not yet remembered: the page itself says whether it lists articles.
		return finding{Page: true, URL: a.config.URL, Note: fmt.Sprintf("%s is a page without a feed; the articles that it lists are read", shown(a.config.URL))}, nil
	}
	if err != nil {
		if answered {
			a.at(a.config.URL).reject(ctx, m, err)
		}
		return finding{}, err
	}
	found.save(m)
	return found, nil
}

// look reads an address as a feed, and tells whether there was an answer. Package fetch still holds it when Fetch asks for
// it right afterwards.
func (a *Address) look(ctx context.Context, m feed.Memory, address string) (document parse.Feed, answered bool, err error) {
	there := a.at(address)
	there.by = nil
	answer, err := there.get(ctx, m)
	if err == nil && answer.Unchanged { // read before, but the finding was lost
		answer, err = there.get(ctx, nil)
	}
	if err != nil {
		return parse.Feed{}, false, err
	}
	body := answer.Body
	answer.Body = nil
	document, err = there.parse(ctx, m, answer, body)
	return document, true, err
}

// ofPage finds the first feed that a page names and that can be read.
func (a *Address) ofPage(ctx context.Context, m feed.Memory, page *parse.NotFeed) (finding, error) {
	here := shown(a.config.URL)
	var first error
	for _, address := range page.Feeds {
		_, _, err := a.look(ctx, m, address)
		if err == nil {
			return finding{URL: address, Note: fmt.Sprintf("%s is a page; its feed %s is read", here, shown(address))}, nil
		}
		if first == nil {
			first = fmt.Errorf("read %s: it is a page, and the feed it names cannot be read: %w", here, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return finding{}, first
}
