package render

import (
	"encoding/xml"
	"fmt"
	"slices"
	"time"

	"feedmill/feed"
)

// opmlPath is the address of the list of all feeds below the base address.
const opmlPath = "opml"

// opmlDocument is OPML 2.0.
type opmlDocument struct {
	XMLName  xml.Name      `xml:"opml"`
	Version  string        `xml:"version,attr"`
	Title    string        `xml:"head>title"`
	Created  string        `xml:"head>dateCreated,omitempty"`
	Modified string        `xml:"head>dateModified,omitempty"`
	Docs     string        `xml:"head>docs"`
	Feeds    []opmlOutline `xml:"body>outline"`
}

type opmlOutline struct {
	Text        string `xml:"text,attr"`
	Title       string `xml:"title,attr"`
	Type        string `xml:"type,attr"`
	XMLURL      string `xml:"xmlUrl,attr"`
	HTMLURL     string `xml:"htmlUrl,attr"`
	Description string `xml:"description,attr,omitempty"`
	Language    string `xml:"language,attr,omitempty"`
}

// readFirst are the formats by how many programs that import a list can read them.
var readFirst = []Format{RSS, Atom, JSON}

// OPML makes the list of the site's feeds for import into a reader, with the path "opml": each feed once, in the format
// that most programs read. Its dates are those of the newest article, so that it changes with what it tells of.
func (s Site) OPML() (feed.Document, error) {
	channels := make([]Channel, len(s.Feeds))
	for i, f := range s.Feeds {
		channels[i] = f.Channel
	}
	d, _, err := list(opmlPath, siteName(s.Base), s.newest(), channels)
	return d, err
}

// facetList makes the same of a feed and those of its facets that its page names, with the path Feed+"/opml".
func facetList(c Channel, facets []Facet, modified time.Time) (Made, error) {
	channels := []Channel{c}
	for _, f := range facets {
		channels = append(channels, c.OfFacet(f, ""))
	}
	d, body, err := list(c.listPath(), c.Title, modified, channels)
	return Made{Document: d, Body: body}, err
}

// listPath is where the list of the feed's facets lies.
func (c Channel) listPath() string { return c.Feed + "/" + opmlPath }

func list(path, title string, modified time.Time, channels []Channel) (feed.Document, []byte, error) {
	d := opmlDocument{Version: "2.0", Title: title, Docs: "https://opml.org/spec2.opml"}
	if !modified.IsZero() {
		d.Created = modified.Format(time.RFC1123Z)
		d.Modified = d.Created
	}
	for _, channel := range channels {
		c := newChannel(channel)
		at := slices.IndexFunc(readFirst, func(f Format) bool { return slices.Contains(c.Formats, f) })
		if at < 0 {
			continue
		}
		d.Feeds = append(d.Feeds, opmlOutline{
			Text: c.Title, Title: c.Title, Type: "rss", XMLURL: c.document(readFirst[at]), HTMLURL: c.Link,
			Description: c.Description, Language: c.Language,
		})
	}
	body, err := xml.MarshalIndent(d, "", "  ")
	if err != nil {
		return feed.Document{}, nil, fmt.Errorf("render the list of feeds %s: %w", path, err)
	}
	body = append([]byte(xml.Header), append(body, '\n')...)
	return feed.NewDocument(path, feed.TypeOPML, modified, body), body, nil
}
