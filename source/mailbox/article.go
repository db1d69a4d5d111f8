package mailbox

import (
	"bytes"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// longestSummary is the length in characters of a summary, longestTitle that of a title made of the text.
const (
	longestSummary = 300
	longestTitle   = 80
)

// article makes an article of a message that arrived at the given time, which may be zero. Pictures inside of it go to keep;
// nil: they are left out.
func (m *Mailbox) article(raw []byte, arrived time.Time, keep keep) (feed.Article, error) {
	if raw = bytes.TrimLeft(raw, " \t\r\n"); len(raw) == 0 {
		return feed.Article{}, errEmpty
	}
	p, err := (&splitter{}).split(raw, "text/plain", 0)
	if err != nil {
		return feed.Article{}, err
	}
	g := gathering{left: longestText}
	pieces, err := g.gather(p)
	if err != nil {
		return feed.Article{}, err
	}
	h := p.header
	if blank(pieces) && len(g.enclosed) > 0 { // passed on as a whole
		h = append(append(header{}, g.enclosed[0].header...), h...)
		if pieces, err = g.gather(g.enclosed[0]); err != nil {
			return feed.Article{}, err
		}
	}
	if blank(pieces) && g.encrypted {
		return feed.Article{}, errEncrypted
	}
	own := ownOf(m.config.User, m.place.host(), append(append(header{}, p.header...), h...))
	r := reading{own: own, leave: unsubscribing(h), inline: inline{keep: keep, parts: p.pictures()}}
	a := feed.Article{Key: keyOf(p.header), Content: r.content(pieces), Modified: arrived}
	if r.inline.failed != nil {
		return feed.Article{}, r.inline.failed
	}
	a.Media = r.inline.media
	g.pictures = max(0, g.pictures-len(a.Media))
	if g.from != "" {
		a.Trace.Add("content", g.from)
	}
	plain := clean.PlainText(a.Content)
	a.Summary = clean.Summary(plain, longestSummary)
	a.Title = title(h, own)
	if a.Title == "" {
		a.Title = clean.Summary(plain, longestTitle)
		a.Trace.Add("title", "the beginning of the text")
	} else {
		a.Trace.Add("title", "Subject")
	}
	a.Authors = authors(h, &r)
	a.Published = m.dated(h, arrived, &a.Trace)
	a.Link = r.archived(h)
	a.Language = languageOf(h)
	a.Tags = keywords(h, own)
	a.Notes = g.notes()
	return a, nil
}

// keyOf is what the article is recognised by and reported as; it stands in no document.
func keyOf(h header) string {
	if id := messageID(h); id != "" {
		return id
	}
	sum := markOf(nameOf(h))
	return fmt.Sprintf("~%x", sum[:])
}

// title is the subject, without what says that it was passed on.
func title(h header, own *own) string {
	return strings.TrimSpace(own.words(forwardedSubject().ReplaceAllString(h.text("subject"), "")))
}

// authors are who the message is from, by name; their addresses are nobody's business.
func authors(h header, r *reading) (people []feed.Person) {
	from := r.from
	if from == "" {
		from = h.text("from")
	}
	for _, p := range clean.People(from) {
		name := strings.Trim(clean.Line(p.Name), `"' `)
		if i := strings.IndexByte(name, '@'); i > 0 && bareAddress().MatchString(name) {
			name = name[:i]
		}
		if name == "" || r.own.in(name) || len(people) >= 10 {
			continue
		}
		if _, domain, ok := strings.Cut(p.Email, "@"); ok && strings.EqualFold(p.Email[:len(p.Email)-len(domain)-1], name) {
			if r.own.plain(p.Email) {
				continue
			}
			name = domain // without a name of its own, its house says more than "newsletter"
		}
		people = append(people, feed.Person{Name: name})
	}
	return people
}

// tomorrow is how far in the future a date is believed: clocks are wrong by hours.
const tomorrow = 24 * time.Hour

// dated is when a message was sent: as it says, else when the last server received it, else when it arrived.
func (m *Mailbox) dated(h header, arrived time.Time, trace *feed.Trace) time.Time {
	fields := []struct{ name, text string }{{"Date", h.text("date")}}
	if received := h.raw("received"); received != "" {
		fields = append(fields, struct{ name, text string }{"Received", received[strings.LastIndexByte(received, ';')+1:]})
	}
	for _, f := range fields {
		at, err := mail.ParseDate(f.text)
		if err != nil {
			at, err = clean.WildDate(f.text, m.loc, m.now())
		}
		if err == nil && at.Year() >= 1970 && !at.After(m.now().Add(tomorrow)) {
			trace.Add("published", f.name)
			return at
		}
	}
	if !arrived.IsZero() {
		trace.Add("published", "when it arrived")
	}
	return arrived
}

// archived is the public address of a message of a mailing list (RFC 5064).
func (r *reading) archived(h header) string {
	address := strings.Trim(strings.TrimSpace(h.raw("archived-at")), "<>")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || r.own.in(address) {
		return ""
	}
	link, err := clean.Link(address, "")
	if err != nil {
		return ""
	}
	return link
}

func languageOf(h header) string {
	first, _, _ := strings.Cut(h.text("content-language"), ",")
	tag, err := language.Parse(strings.TrimSpace(first))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

func keywords(h header, own *own) (tags []string) {
	for tag := range strings.SplitSeq(h.text("keywords"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" && len(tags) < 20 && len(tag) <= 100 && !own.in(tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// notes say what of the message is not in the article.
func (g *gathering) notes() (notes []string) {
	count := func(n int, one, several string) {
		switch {
		case n == 1:
			notes = append(notes, "without "+one)
		case n > 1:
			notes = append(notes, fmt.Sprintf("without %d %s", n, several))
		}
	}
	count(g.pictures, "a picture that came inside the message", "pictures that came inside the message")
	count(g.attachments, "an attachment", "attachments")
	return notes
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
