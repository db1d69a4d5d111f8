package sitemap

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// deadly is how many deaths of the process during the reading of one body make it a poison.
const deadly = 2

// parse reads an answer. If the memory can tell, a body that ended the process twice is not read again.
func (w *walk) parse(ctx context.Context, answer fetch.Answer) (parse.List, error) {
	if marker, ok := w.memory.(feed.Marker); ok {
		sum := sha256.Sum256(answer.Body)
		deaths, end, err := marker.Begin(ctx, "sitemap."+base64.RawURLEncoding.EncodeToString(sum[:15]))
		if err != nil {
			return parse.List{}, fmt.Errorf("mark its reading: %w", err)
		}
		defer end()
		if deaths >= deadly {
			return parse.List{}, feed.Classify(feed.Internal, fmt.Errorf("reading this sitemap ended feedmill %d times; it is left alone until the address "+
				"gives another one; write a smaller max_body under fetch: if memory is short, and report it", deadly))
		}
	}
	return parse.Addresses(answer.Body, answer.Type, answer.URL, w.loc, w.at, int64(w.config.Fetch.MaxBody))
}

// unreadable says of an answer that gave no addresses what it is and what to do.
func (w *walk) unreadable(address string, answer fetch.Answer, err error) error {
	class := feed.ClassOf(err)
	other, isOther := errors.AsType[*parse.NotSitemap](err)
	switch {
	case isOther && (other.Is.Kind == parse.Login || other.Is.Kind == parse.Challenge):
		class = feed.Refused
	case answer.Wall != "":
		class, err = feed.Refused, fmt.Errorf("it shows %s instead of a sitemap, and so keeps programs out; ask whoever runs it to let the user_agent of feedmill in, "+
			"or try cookies or headers under fetch", answer.Wall)
	}
	where := fetch.Shown(address)
	if came := fetch.Shown(answer.URL); came != where {
		where += " (which leads to " + came + ")"
	}
	return feed.Classify(class, fmt.Errorf("read %s: %w", where, err))
}
