package serve

import (
	"container/list"
	"sync"
)

// mostMade bounds the bytes of documents that were made on request and are kept for the next one.
const mostMade = 64 << 20

// cache keeps what was made on request, with its compressed forms, up to a number of bytes: what nobody asked for longest
// goes first. What was made is good only beside the release that was served then: with the next one it is made anew.
type cache struct {
	most int64

	mu     sync.Mutex
	held   int64
	byName map[string]*list.Element // of *cached
	order  list.List                // the last used first
}

type cached struct {
	name   string // what was asked for
	serial uint64 // of the shelf whose release it was made beside
	size   int64
	doc    *document
}

func newCache(most int64) *cache { return &cache{most: most, byName: map[string]*list.Element{}} }

// get returns the document as it was made beside the release with the serial number, nil when there is none.
func (c *cache) get(name string, serial uint64) *document {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byName[name]
	if !ok {
		return nil
	}
	one := e.Value.(*cached)
	if one.serial != serial {
		return nil // of an older release; or the request is older than what is here
	}
	c.order.MoveToFront(e)
	return one.doc
}

// put keeps a document. One that alone is more than an eighth of the cache is not worth all that it would drive out.
func (c *cache) put(name string, serial uint64, doc *document) {
	size := doc.held()
	if size > c.most/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byName[name]; ok {
		c.drop(e)
	}
	c.byName[name] = c.order.PushFront(&cached{name, serial, size, doc})
	for c.held += size; c.held > c.most; {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	one := c.order.Remove(e).(*cached)
	delete(c.byName, one.name)
	c.held -= one.size
}
