package sourcetest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Feed is a feed of RSS 2.0 that lives on while it is served. Its fields may change only before it is served or inside of
// [Feed.Edit].
type Feed struct {
	Title, Link string
	Built       time.Time // lastBuildDate; left out when zero
	Items       []Item    // newest first

	mu   sync.Mutex
	kept http.HandlerFunc // the document; nil until it is first asked for
}

// Item is one article of a [Feed]. What is empty is left out.
type Item struct {
	ID, Link, Title, Content string
	Published                time.Time
}

// NewFeed makes a feed of n items with ids, links, dates a day apart before newest, and size bytes of content each.
func NewFeed(title, link string, n, size int, newest time.Time) *Feed {
	f := &Feed{Title: title, Link: link, Built: newest}
	for i := range n {
		f.Items = append(f.Items, NewItem(link, n-i, size, newest.AddDate(0, 0, -i)))
	}
	return f
}

// NewItem makes the item of a number.
func NewItem(link string, number, size int, published time.Time) Item {
	address := fmt.Sprintf("%s/%d", strings.TrimSuffix(link, "/"), number)
	sentence := fmt.Sprintf("<p>Paragraph of <b>article %d</b>, with <a href=\"%s\">a link</a> and some words.</p>\n", number, address)
	return Item{
		ID: address, Link: address, Title: fmt.Sprintf("Article %d", number), Published: published,
		Content: strings.Repeat(sentence, max(1, size/len(sentence))),
	}
}

// Edit changes the feed while it is served.
func (f *Feed) Edit(change func(*Feed)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
	f.kept = Conditional(RSS, f.text())
}

// ServeHTTP serves the feed as it is now, with an ETag.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	if f.kept == nil {
		f.kept = Conditional(RSS, f.text())
	}
	answer := f.kept
	f.mu.Unlock()
	answer(w, r)
}

// Text returns the document.
func (f *Feed) Text() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.text()
}

func (f *Feed) text() string {
	var b strings.Builder
	element := func(name, text string) {
		if text == "" {
			return
		}
		fmt.Fprintf(&b, "<%s>", name)
		_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
		end, _, _ := strings.Cut(name, " ")
		fmt.Fprintf(&b, "</%s>\n", end)
	}
	date := func(name string, t time.Time) {
		if !t.IsZero() {
			element(name, t.UTC().Format(time.RFC1123Z))
		}
	}
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<rss version="2.0"><channel>` + "\n")
	element("title", f.Title)
	element("link", f.Link)
	element("description", f.Title)
	date("lastBuildDate", f.Built)
	for _, i := range f.Items {
		b.WriteString("<item>\n")
		element("title", i.Title)
		element("link", i.Link)
		element(`guid isPermaLink="false"`, i.ID)
		date("pubDate", i.Published)
		element("description", i.Content)
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return b.String()
}

// List is an OPML document that names the addresses.
func List(addresses ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><opml version="2.0"><head><title>Friends</title></head><body>` + "\n")
	for i, address := range addresses {
		fmt.Fprintf(&b, `<outline type="rss" text="Friend %d" xmlUrl="`, i+1)
		_ = xml.EscapeText(&b, []byte(address))
		b.WriteString("\"/>\n")
	}
	return b.String() + "</body></opml>\n"
}
