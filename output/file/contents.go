package file

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"feedmill/feed"
)

// compared is how much of a document and its file is compared at once, and copied of one that is not in memory.
const compared = 256 << 10

// contents is what a document holds, which may be more than fits into memory.
type contents struct {
	io.ReadSeekCloser
	path string
	size int64
	some []byte // to read into
	err  error  // the document's own, which is no trouble of the disk
}

// openContents begins to read a document. A reader of another length than the document says is an error.
func openContents(doc feed.Document) (*contents, error) {
	c := &contents{path: doc.Path, size: doc.Size, some: make([]byte, min(doc.Size, compared)+1)}
	var err error
	if c.ReadSeekCloser, err = doc.Open(); err != nil {
		return nil, c.blame(err)
	}
	end, err := c.Seek(0, io.SeekEnd)
	if err == nil && end != doc.Size {
		err = fmt.Errorf("it has %d bytes and says %d", end, doc.Size)
	}
	if err == nil {
		_, err = c.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(c.blame(err), c.Close())
	}
	return c, nil
}

// blame takes down that the document cannot be read.
func (c *contents) blame(err error) error {
	c.err = cmp.Or(c.err, feed.Classify(feed.Internal, fmt.Errorf("read document %q: %w", c.path, err)))
	return c.err
}

func (c *contents) Read(p []byte) (int, error) {
	n, err := c.ReadSeekCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, c.blame(err)
	}
	return n, err
}

// copy writes all of it, from the beginning.
func (c *contents) copy(to io.Writer) error {
	if _, err := c.Seek(0, io.SeekStart); err != nil {
		return c.blame(err)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, c, c.some)
	if err == nil && n != c.size {
		err = c.blame(fmt.Errorf("it has %d bytes and says %d", n, c.size))
	}
	return err
}
