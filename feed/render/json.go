package render

import (
	"bytes"
	"cmp"
	"encoding/json"
	"time"

	"feedmill/feed"

	"github.com/gorilla/feeds"
)

// jsonFeed and jsonItem embed gorilla's structs and hide their fields, as in rss.go.
type jsonFeed struct {
	*feeds.JSONFeed
	Items []*jsonItem `json:"items"` // a must, even when there are none
}

type jsonItem struct {
	*feeds.JSONItem
	Language    string           `json:"language,omitempty"`
	Attachments []jsonAttachment `json:"attachments,omitempty"`
}

type jsonAttachment struct {
	URL  string `json:"url"`
	Type string `json:"mime_type"`
	Size int64  `json:"size_in_bytes,omitempty"`
}

func encodeJSON(c channel, es []entry, modified time.Time) ([]byte, error) {
	base := (&feeds.JSON{Feed: generic(c, es, modified)}).JSONFeed()
	base.FeedUrl, base.Language = c.document(JSON), c.Language
	base.Icon, base.Favicon = c.Image, c.Icon
	if c.Author.Name != "" {
		base.Authors = jsonAuthors([]feed.Person{c.Author})
	}
	f := jsonFeed{JSONFeed: base, Items: make([]*jsonItem, len(es))}
	for i, e := range es {
		f.Items[i] = newJSONItem(base.Items[i], e)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the document stands in no HTML page; escapes would only make it longer
	enc.SetIndent("", "  ")
	err := enc.Encode(f)
	return b.Bytes(), err
}

func newJSONItem(base *feeds.JSONItem, e entry) *jsonItem {
	it := &jsonItem{JSONItem: base, Language: e.language}
	base.Authors, base.Tags, base.Image = jsonAuthors(e.authors), e.tags, e.image.URL
	if e.content == "" { // one of the two is a must
		base.ContentText = cmp.Or(e.summary, e.title)
	} else if e.summaryOnly {
		base.Summary = ""
	}
	for _, x := range e.enclosures {
		it.Attachments = append(it.Attachments, jsonAttachment{URL: x.URL, Type: x.Type, Size: x.Length})
	}
	return it
}

func jsonAuthors(ps []feed.Person) []*feeds.JSONAuthor {
	var out []*feeds.JSONAuthor
	for _, p := range ps {
		out = append(out, &feeds.JSONAuthor{Name: p.Name, Url: p.URL})
	}
	return out
}
