package check

import (
	"fmt"
	"mime"
	"time"
)

// Said is what a feed document says of itself.
type Said struct {
	Title, Self string
	Updated     time.Time // zero where the format has none
	Items       []Item    // as they stand in it
	// Archive is where the articles before these are (RFC 5005 section 4); empty when there are none, or in JSON.
	Archive string
}

// Read reads an RSS, Atom or JSON Feed document as somebody received it, told apart by the media type that it should
// have. It must keep the rules that [Document] asks of a document by itself: it is well-formed UTF-8 without forbidden
// characters and says everything its format demands.
func Read(mediaType string, body []byte) (Said, error) {
	bare, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return Said{}, fmt.Errorf("media type %q: %w", mediaType, err)
	}
	if err := characters(string(body)); err != nil {
		return Said{}, err
	}
	read, err := read(bare, body)
	return Said{Title: read.title, Self: read.self, Updated: read.updated, Items: read.items, Archive: read.archive}, err
}
