package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// jsonFeed and what it holds name every word that our JSON Feeds may use; any other is an error.
type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	HomePage    string       `json:"home_page_url"`
	Self        string       `json:"feed_url"`
	Language    string       `json:"language"`
	Icon        string       `json:"icon"`
	Favicon     string       `json:"favicon"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
}

type jsonItem struct {
	ID          string           `json:"id"`
	URL         string           `json:"url"`
	Title       string           `json:"title"`
	HTML        string           `json:"content_html"`
	Text        string           `json:"content_text"`
	Summary     string           `json:"summary"`
	Image       string           `json:"image"`
	Language    string           `json:"language"`
	Published   time.Time        `json:"date_published"`
	Modified    time.Time        `json:"date_modified"`
	Authors     []jsonAuthor     `json:"authors"`
	Tags        []string         `json:"tags"`
	Attachments []jsonAttachment `json:"attachments"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonAttachment struct {
	URL  string      `json:"url"`
	Type string      `json:"mime_type"`
	Size json.Number `json:"size_in_bytes"`
}

func readJSON(body []byte) (contents, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	var f jsonFeed
	if err := dec.Decode(&f); err != nil {
		return contents{}, fmt.Errorf("it is not a JSON Feed: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return contents{}, errors.New("it is not well-formed: something stands behind the feed")
	}
	if err := escapes(body); err != nil {
		return contents{}, err
	}
	switch {
	case f.Version != "https://jsonfeed.org/version/1.1":
		return contents{}, fmt.Errorf("version is %q, not that of JSON Feed 1.1", f.Version)
	case f.HomePage == "":
		return contents{}, errors.New("home_page_url is missing")
	case f.Items == nil:
		return contents{}, errors.New("items is missing")
	}
	c := contents{title: f.Title, self: f.Self}
	for i, it := range f.Items {
		if err := it.check(); err != nil {
			return contents{}, fmt.Errorf("item %d (%s): %w", i+1, it.ID, err)
		}
		c.items = append(c.items, Item{it.ID, it.Title, it.URL, it.Published, it.Modified})
	}
	return c, nil
}

func (it jsonItem) check() error {
	if it.HTML == "" && it.Text == "" {
		return errors.New("content_html and content_text are both missing")
	}
	for _, a := range it.Authors {
		if a.Name == "" {
			return errors.New("an author has no name")
		}
	}
	for _, a := range it.Attachments {
		if err := checkEnclosure(a.URL, a.Type, a.Size.String()); err != nil {
			return err
		}
	}
	return nil
}

// escapes looks for forbidden characters that are written as \u escapes, which a look at the bytes does not find.
func escapes(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := token.(string); ok {
			if err := characters(s); err != nil {
				return fmt.Errorf("a string: %w", err)
			}
		}
	}
}
