// Package check reads finished feed documents back and compares them with what they were meant to say, before they
// replace the old ones.
//
// It shares no code with package render and does not use gorilla/feeds: it reads XML and JSON with the standard library
// into structures of its own, so that an error of the builder is not repeated by its examiner. It mends nothing and never
// fails on anything but the document; a document it cannot make sense of is an error, not a panic.
//
// Besides, it knows what aggregators ask for beyond the formats (profile.go).
//
// A rule for one format belongs into rss.go, atom.go, json.go or sitemap.go; a rule for all of them into compare.go.
package check

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"time"

	"feedmill/feed"
)

// Want is what a feed document must say.
type Want struct {
	Title string    // of the feed
	Self  string    // the address it will be served at
	AsOf  time.Time // the moment it was made for: no date may be later
	Items []Item    // in any order; the document must hold them newest first by Published, ties by ID
	// MaxSize is the greatest allowed size in bytes, 0 for none. With a limit the oldest items may be missing.
	MaxSize int64
}

// Item is one article of a feed document. Dates count by the second.
type Item struct {
	ID, Title, Link    string
	Published, Updated time.Time
}

// Document checks an RSS, Atom or JSON Feed document, told apart by its media type: it is well-formed UTF-8 without
// forbidden characters, says everything its format demands, and holds exactly the wanted items in order. The error names
// the document, the item and the field, and is of class [feed.Internal]: such a document is our own fault and must not
// be published.
func Document(d feed.Document, want Want) error {
	if err := document(d, want); err != nil {
		return feed.Classify(feed.Internal, fmt.Errorf("check %s: %w", d.Path, err))
	}
	return nil
}

func document(d feed.Document, want Want) error {
	body, err := text(d)
	if err != nil {
		return err
	}
	if want.MaxSize > 0 && int64(len(body)) > want.MaxSize {
		return fmt.Errorf("it has %d bytes, more than the allowed %d", len(body), want.MaxSize)
	}
	mediaType, _, err := mime.ParseMediaType(d.Type)
	if err != nil {
		return fmt.Errorf("media type %q: %w", d.Type, err)
	}
	got, err := read(mediaType, body)
	if err != nil {
		return err
	}
	return got.compare(want)
}

func read(mediaType string, body []byte) (contents, error) {
	switch mediaType {
	case "application/rss+xml":
		return readRSS(body)
	case "application/atom+xml":
		return readAtom(body)
	case "application/feed+json":
		return readJSON(body)
	}
	return contents{}, fmt.Errorf("there are no rules for the media type %q", mediaType)
}

// text is the document's bytes, if they are what every document is made of.
func text(d feed.Document) ([]byte, error) {
	body, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) != d.Size {
		return nil, fmt.Errorf("it has %d bytes but says %d", len(body), d.Size)
	}
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return nil, errors.New("it begins with a byte order mark")
	}
	return body, characters(string(body))
}
