package daemon

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"regexp"
	"strings"
	"testing"
)

// reader is somebody who reads a document of a feed every hour, and knows articles again by their ids as readers do.
type reader struct {
	path   string
	before []byte
	byID   map[string]entry
	ids    map[string]string // of the articles by their markers
	edited map[string]bool   // markers
}

// entry is an article as a reader takes it.
type entry struct{ id, marker, title, date, content string }

func newReader(path string) *reader {
	return &reader{path: path, byID: map[string]entry{}, ids: map[string]string{}, edited: map[string]bool{}}
}

var (
	markers = regexp.MustCompile(`mark\d{3}x\d{3}`)
	titles  = regexp.MustCompile(`^(Article \d+ of \d+|Sponsored article mark\d{3}x\d{3})( о реке)?$`)
)

// read takes what is new, and complains of what a reader would see wrong.
func (r *reader) read(t *testing.T) {
	t.Helper()
	body, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(body, r.before) {
		return
	}
	r.before = body
	entries, err := entriesOf(r.path, body)
	if err != nil {
		t.Fatalf("%s cannot be read: %v", r.path, err)
	}
	here := map[string]bool{}
	for _, e := range entries {
		e.marker = markers.FindString(e.content)
		if here[e.id] {
			t.Errorf("%s holds %s twice", r.path, e.id)
		}
		here[e.id] = true
		r.take(t, e)
	}
}

func (r *reader) take(t *testing.T, e entry) {
	t.Helper()
	if e.marker == "" || !titles.MatchString(e.title) {
		t.Errorf("%s shows what nobody wrote: %q, %q", r.path, e.title, e.content)
		return
	}
	if strings.Contains(e.content, "Edited.") {
		r.edited[e.marker] = true
	}
	e.content = ""
	if known, ok := r.byID[e.id]; ok {
		if known != e {
			t.Errorf("%s: %+v has become %+v", r.path, known, e)
		}
		return
	}
	if id, seen := r.ids[e.marker]; seen {
		t.Errorf("%s shows %s (%s) a second time: it was %s and is %s", r.path, e.marker, e.title, id, e.id)
	}
	r.byID[e.id], r.ids[e.marker] = e, e.id
}

// entriesOf reads a document by its format.
func entriesOf(path string, body []byte) ([]entry, error) {
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "json":
		return entriesOfJSON(body)
	case "atom":
		return entriesOfAtom(body)
	}
	return entriesOfRSS(body)
}

func entriesOfJSON(body []byte) (all []entry, err error) {
	var document struct {
		Items []struct {
			ID      string `json:"id"`
			Title   string `json:"title"`
			Content string `json:"content_html"`
			Date    string `json:"date_published"`
		}
	}
	err = json.Unmarshal(body, &document)
	for _, i := range document.Items {
		all = append(all, entry{id: i.ID, title: i.Title, date: i.Date, content: i.Content})
	}
	return all, err
}

func entriesOfAtom(body []byte) (all []entry, err error) {
	var document struct {
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Content string `xml:"content"`
			Date    string `xml:"published"`
		} `xml:"entry"`
	}
	err = xml.Unmarshal(body, &document)
	for _, e := range document.Entries {
		all = append(all, entry{id: e.ID, title: e.Title, date: e.Date, content: e.Content})
	}
	return all, err
}

func entriesOfRSS(body []byte) (all []entry, err error) {
	var document struct {
		Items []struct {
			ID          string `xml:"guid"`
			Title       string `xml:"title"`
			Description string `xml:"description"`
			Content     string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
			Date        string `xml:"pubDate"`
		} `xml:"channel>item"`
	}
	err = xml.Unmarshal(body, &document)
	for _, i := range document.Items {
		all = append(all, entry{id: i.ID, title: i.Title, date: i.Date, content: i.Description + i.Content})
	}
	return all, err
}
