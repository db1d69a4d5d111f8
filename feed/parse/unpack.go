package parse

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"feedmill/feed"
)

// unpacked is a document that may be packed by gzip, as it was before. It may become most bytes at most.
func unpacked(body []byte, most int64) ([]byte, error) {
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, broken(err)
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(reader, most+1))
	switch {
	case n > most:
		return nil, feed.Classify(feed.Refused, fmt.Errorf("the document unpacks to more than %d bytes; write a larger max_body under fetch: if it is meant to", most))
	case err != nil:
		return nil, broken(err)
	}
	return out.Bytes(), nil
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return feed.Classify(feed.Unreadable, errors.New("the document is truncated: its gzip ends too early; the transfer broke off or the site's program died while it wrote"))
	}
	return feed.Classify(feed.Unreadable, fmt.Errorf("the document is packed by gzip, but broken: %w", err))
}
