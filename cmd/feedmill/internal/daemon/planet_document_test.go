package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// document is the feed at a moment.
func (o *origin) document(now time.Time) (mediaType, body string) {
	switch o.format {
	case "json":
		return "application/feed+json", o.json(now)
	case "atom":
		return "application/atom+xml", o.atom(now)
	case "rdf":
		return "application/rdf+xml", o.rdf(now)
	}
	text := o.rss(now)
	switch {
	case o.cyrillic:
		text = strings.Replace(text, "utf-8", "windows-1251", 1)
		encoded, err := charmap.Windows1251.NewEncoder().String(text)
		if err != nil {
			panic(err)
		}
		return "application/rss+xml", encoded
	case o.utf16:
		var b bytes.Buffer
		b.WriteString("\xff\xfe")
		for _, unit := range utf16.Encode([]rune(strings.Replace(text, "utf-8", "utf-16", 1))) {
			b.Write([]byte{byte(unit), byte(unit >> 8)})
		}
		return "application/rss+xml", b.String()
	case o.dirty:
		return "text/html", strings.Replace(text, "<description>", "<description>\x01A & B \xff ", 2)
	}
	return "application/rss+xml", text
}

func element(b *strings.Builder, name, text string) {
	if text != "" {
		end, _, _ := strings.Cut(name, " ")
		fmt.Fprintf(b, "<%s>%s</%s>\n", name, html.EscapeString(text), end)
	}
}

func (o *origin) date(p piece, layout string) string {
	if o.noDates {
		return ""
	}
	return p.at.UTC().Format(layout)
}

func (o *origin) rss(now time.Time) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n<rss version=\"2.0\"><channel>\n")
	element(&b, "title", o.host())
	element(&b, "link", "http://"+o.host()+"/")
	element(&b, "description", "What happens at "+o.host())
	if o.manner == built {
		element(&b, "lastBuildDate", now.UTC().Format(time.RFC1123Z))
	}
	for _, p := range o.pieces(now) {
		b.WriteString("<item>\n")
		element(&b, "title", p.title)
		element(&b, "link", p.link)
		element(&b, "guid", p.id)
		element(&b, "pubDate", o.date(p, time.RFC1123Z))
		element(&b, "description", p.content)
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return b.String()
}

func (o *origin) atom(now time.Time) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<feed xmlns="http://www.w3.org/2005/Atom">` + "\n")
	element(&b, "title", o.host())
	element(&b, "id", "tag:"+o.host()+",2026:feed")
	fmt.Fprintf(&b, "<link href=\"http://%s/\"/>\n", o.host())
	if o.manner == built {
		element(&b, "updated", now.UTC().Format(time.RFC3339))
	}
	for _, p := range o.pieces(now) {
		b.WriteString("<entry>\n")
		element(&b, "title", p.title)
		if p.link != "" {
			fmt.Fprintf(&b, "<link rel=\"alternate\" href=\"%s\"/>\n", p.link)
		}
		element(&b, "id", p.id)
		element(&b, "published", o.date(p, time.RFC3339))
		if !o.noDates {
			element(&b, "updated", p.changed.UTC().Format(time.RFC3339))
		}
		element(&b, `content type="html"`, p.content)
		b.WriteString("</entry>\n")
	}
	b.WriteString("</feed>\n")
	return b.String()
}

func (o *origin) rdf(now time.Time) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">` + "\n")
	fmt.Fprintf(&b, "<channel rdf:about=\"http://%[1]s/feed\"><title>%[1]s</title><link>http://%[1]s/</link>\n", o.host())
	if o.manner == built {
		element(&b, "dc:date", now.UTC().Format(time.RFC3339))
	}
	b.WriteString("</channel>\n")
	for _, p := range o.pieces(now) {
		fmt.Fprintf(&b, "<item rdf:about=\"%s\">\n", p.id)
		element(&b, "title", p.title)
		element(&b, "link", p.link)
		element(&b, "dc:date", o.date(p, time.RFC3339))
		element(&b, "description", p.content)
		b.WriteString("</item>\n")
	}
	b.WriteString("</rdf:RDF>\n")
	return b.String()
}

func (o *origin) json(now time.Time) string {
	type item struct {
		ID        string `json:"id,omitempty"`
		URL       string `json:"url,omitempty"`
		Title     string `json:"title"`
		Content   string `json:"content_html"`
		Published string `json:"date_published,omitempty"`
	}
	document := struct {
		Version string `json:"version"`
		Title   string `json:"title"`
		Home    string `json:"home_page_url"`
		Built   string `json:"_built,omitempty"`
		Items   []item `json:"items"`
	}{Version: "https://jsonfeed.org/version/1.1", Title: o.host(), Home: "http://" + o.host() + "/"}
	if o.manner == built {
		document.Built = now.UTC().Format(time.RFC3339)
	}
	for _, p := range o.pieces(now) {
		document.Items = append(document.Items, item{p.id, p.link, p.title, p.content, o.date(p, time.RFC3339)})
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}
