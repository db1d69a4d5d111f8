package render

import (
	"cmp"
	"fmt"
	"html"
	"mime"
	"net/mail"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
)

const (
	summaryLength = 300 // the greatest length, in characters, of a summary made of the content
	titleLength   = 80  // the same for a title made of the text
)

// entry is an [Item] made fit for output in any format.
type entry struct {
	id, link    string
	linkType    string        // media type of what link leads to, empty when unknown
	title       string        // plain text, never empty
	summary     string        // plain text, may be empty
	content     string        // HTML with absolute addresses; empty: the channel shows none, or the article has none
	summaryOnly bool          // content says nothing that summary does not say
	authors     []feed.Person // empty when neither article nor channel names one
	tags        []string
	facets      map[string]string // as in Item
	language    string            // empty when it is the channel's
	source      feed.Origin       // the feed it was taken from; FeedURL and Title are both set or both empty
	image       feed.Image
	enclosures  []feed.Enclosure // address and type are never empty
	pinned      bool
	published   time.Time // UTC, whole seconds, as are all dates in documents
	updated     time.Time
}

// publishable refuses an article that would make a wrong document. The mill fills these fields; a lack is our own fault.
func publishable(it Item) error {
	name := cmp.Or(it.ID, it.Key, it.Title)
	switch {
	case clean.Line(it.ID) == "":
		return fmt.Errorf("article %q has no id", name)
	case address(it.Link, "") == "":
		return fmt.Errorf("article %q has no absolute link (%q)", name, it.Link)
	case it.Published.IsZero() || it.Updated.IsZero():
		return fmt.Errorf("article %q lacks its published or updated date", name)
	}
	return nil
}

func newEntry(c channel, it Item) entry {
	e := entry{
		id:        clean.Line(it.ID),
		link:      address(it.Link, ""),
		title:     Title(it.Article),
		authors:   people(it.Authors, it.Link),
		tags:      lines(it.Tags),
		facets:    it.Facets,
		language:  languageTag(it.Language),
		pinned:    it.Pin,
		published: seconds(it.Published),
		updated:   seconds(it.Updated),
	}
	if it.Hosted {
		e.linkType = "text/html"
	}
	if o := origin(it.Source); o.FeedURL != "" {
		e.source = o
		if len(e.authors) == 0 { // better than the name of who passes it on
			e.authors = []feed.Person{{Name: o.Title, URL: o.Link}}
		}
	}
	if len(e.authors) == 0 && c.Author.Name != "" {
		e.authors = []feed.Person{c.Author}
	}
	if e.language == c.Language {
		e.language = ""
	}
	if c.Content == None {
		return e
	}
	e.summary = summary(it.Article)
	e.image = image(it.Image, e.link)
	e.enclosures = enclosures(it.Enclosures, e.link)
	if c.Content == Teaser || c.MaxSize > 0 && int64(len(it.Content)) > c.MaxSize/2 {
		return e
	}
	e.content = content(it.Article, e.link)
	e.summaryOnly = saysOnly(e.content, e.summary)
	if c.LeadImage {
		e.content = withImage(e.content, e.image)
	}
	return e
}

// origin is where an article was taken from, if that is known well enough to name it.
func origin(o feed.Origin) feed.Origin {
	o = feed.Origin{Title: clean.Line(o.Title), Link: address(o.Link, ""), FeedURL: address(o.FeedURL, "")}
	if o.Title == "" || o.FeedURL == "" {
		return feed.Origin{}
	}
	return o
}

// Title is the title under which documents show an article: its own, else the beginning of its text, else its link.
func Title(a feed.Article) string {
	if t := clean.Line(a.Title); t != "" {
		return t
	}
	return cmp.Or(clean.Summary(summary(a), titleLength), clean.Line(a.Link))
}

// summary is the article's own summary, else the beginning of its content.
func summary(a feed.Article) string {
	if s := clean.Line(a.Summary); s != "" {
		return s
	}
	return clean.Line(clean.Summary(clean.PlainText(clean.Chars(a.Content)), summaryLength))
}

// content is the article's content below its correction. A correction of an article without content stands above its
// summary, so that it never seems to be the whole article.
func content(a feed.Article, link string) string {
	body := strings.TrimSpace(clean.Resolve(clean.Chars(a.Content), link))
	correction := clean.Line(a.Correction)
	if correction == "" {
		return body
	}
	if body == "" && clean.Line(a.Summary) != "" {
		body = "<p>" + html.EscapeString(clean.Line(a.Summary)) + "</p>"
	}
	return "<p><strong>Correction:</strong> " + html.EscapeString(correction) + "</p>\n" + body
}

// withImage is content below the article's image, unless it shows it already.
func withImage(content string, i feed.Image) string {
	src := html.EscapeString(i.URL)
	if i.URL == "" || content == "" || strings.Contains(content, src) || strings.Contains(content, i.URL) {
		return content
	}
	return `<p><img src="` + src + `" alt="` + html.EscapeString(i.Caption) + `"></p>` + "\n" + content
}

// saysOnly reports whether content is the summary and nothing else: its words in at most one bare paragraph.
func saysOnly(content, summary string) bool {
	words := strings.TrimSuffix(strings.TrimPrefix(content, "<p>"), "</p>")
	return !strings.Contains(words, "<") && clean.Line(html.UnescapeString(words)) == summary
}

func people(ps []feed.Person, base string) []feed.Person {
	var out []feed.Person
	for _, p := range ps {
		if p = person(p, base); p.Name != "" {
			out = append(out, p)
		}
	}
	return out
}

// person leaves out an e-mail address or page that validators and readers would refuse.
func person(p feed.Person, base string) feed.Person {
	email := clean.Line(p.Email)
	if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
		email = ""
	}
	return feed.Person{Name: clean.Line(p.Name), Email: email, URL: address(p.URL, base)}
}

// names joins authors as RSS wants them: readers agree on one dc:creator, and some keep only the last of several.
func names(ps []feed.Person) string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.Name
	}
	return strings.Join(out, ", ")
}

func image(i feed.Image, base string) feed.Image {
	i.URL, i.Caption, i.Credit = address(i.URL, base), clean.Line(i.Caption), clean.Line(i.Credit)
	i.Type, i.Length, i.Width, i.Height = clean.Line(i.Type), max(i.Length, 0), max(i.Width, 0), max(i.Height, 0)
	return i
}

// enclosures leaves out those without a usable address and repeated ones. A type is a must in every format.
func enclosures(es []feed.Enclosure, base string) []feed.Enclosure {
	var out []feed.Enclosure
	for _, e := range es {
		e.URL, e.Length = address(e.URL, base), max(e.Length, 0)
		if e.URL == "" || slices.ContainsFunc(out, func(o feed.Enclosure) bool { return o.URL == e.URL }) {
			continue
		}
		mediaType, _, err := mime.ParseMediaType(clean.Line(e.Type))
		if err != nil || !strings.Contains(mediaType, "/") {
			mediaType = "application/octet-stream"
		}
		e.Type = mediaType
		out = append(out, e)
	}
	return out
}

// lines cleans each string and drops empty and repeated ones.
func lines(ss []string) []string {
	var out []string
	for _, s := range ss {
		if s = clean.Line(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// address is s made absolute against base as an http or https address, or empty when it cannot be.
func address(s, base string) string {
	if s == "" {
		return ""
	}
	u, err := clean.URL(s, base)
	if err != nil {
		return ""
	}
	return u
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
