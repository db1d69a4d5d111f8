package render

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
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

// jsonForm is JSON Feed 1.1.
type jsonForm struct{}

func (jsonForm) shell(c channel, modified time.Time, empty bool) (shell, error) {
	base := (&feeds.JSON{Feed: generic(c, nil, modified)}).JSONFeed()
	base.FeedUrl, base.Language = c.document(JSON), c.Language
	base.Icon, base.Favicon = c.Image, c.Icon
	if c.Author.Name != "" {
		base.Authors = jsonAuthors([]feed.Person{c.Author})
	}
	var b bytes.Buffer
	if err := writeJSON(&b, "", jsonFeed{JSONFeed: base, Items: []*jsonItem{}}); err != nil {
		return shell{}, err
	}
	const end = "]\n}"
	open, ok := strings.CutSuffix(b.String(), end)
	switch {
	case !ok:
		return shell{}, fmt.Errorf("the document does not end with %q", end)
	case empty:
		return shell{open: open, close: end + "\n"}, nil
	}
	return shell{open: open, between: ",", close: "\n  " + end + "\n"}, nil
}

func (jsonForm) fragments(c channel, es []entry) ([][]byte, error) {
	base := (&feeds.JSON{Feed: generic(c, es, time.Time{})}).JSONFeed()
	return encodeEach(es, func(b *bytes.Buffer, i int) error {
		b.WriteString("\n    ")
		return writeJSON(b, "    ", newJSONItem(base.Items[i], es[i]))
	})
}

func writeJSON(b *bytes.Buffer, prefix string, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false) // the document stands in no HTML page; escapes would only make it longer
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line's end
	return nil
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
