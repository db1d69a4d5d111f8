package s3

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"feedmill/feed"
)

// contents is what a document holds, as it is sent. A connection that is given up may still read from it.
type contents struct {
	path string
	size int64

	mu     sync.Mutex
	from   io.ReadSeekCloser
	closed bool
	read   func()          // called whenever some of it is read
	give   func(err error) // called when the document cannot be read
	err    error           // why
}

// openContents begins to read a document. A reader of another length than the document says is an error.
func openContents(doc feed.Document) (*contents, error) {
	c := &contents{path: doc.Path, size: doc.Size, read: func() {}, give: func(error) {}}
	from, err := doc.Open()
	if err != nil {
		return nil, c.blame(err)
	}
	c.from = from
	end, err := from.Seek(0, io.SeekEnd)
	if err == nil && end != doc.Size {
		err = fmt.Errorf("it has %d bytes and says %d", end, doc.Size)
	}
	if err == nil {
		_, err = from.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(c.blame(err), from.Close())
	}
	return c, nil
}

// blame takes down that the document cannot be read.
func (c *contents) blame(err error) error {
	c.err = cmp.Or(c.err, feed.Classify(feed.Internal, fmt.Errorf("read document %q: %w", c.path, err)))
	c.give(c.err)
	return c.err
}

func (c *contents) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, os.ErrClosed
	}
	n, err := c.from.Read(p)
	c.read()
	if err != nil && !errors.Is(err, io.EOF) {
		return n, c.blame(err)
	}
	return n, err
}

func (c *contents) Seek(offset int64, whence int) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, os.ErrClosed
	}
	n, err := c.from.Seek(offset, whence)
	if err != nil {
		return n, c.blame(err)
	}
	return n, nil
}

// Close ends it; a second time does nothing.
func (c *contents) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return c.from.Close()
}
