package s3

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/minio/minio-go/v7"

	"feedmill/feed"
)

// What caches are told: the same as by the server for pages and for files, whose names tell their bytes. What is private is
// in nobody's cache but the reader's.
const (
	someTime        = "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"
	forEver         = "public, max-age=31536000, immutable"
	privateSomeTime = "private, max-age=300"
	privateForEver  = "private, max-age=31536000, immutable"
)

func (o *Output) cacheControl(doc feed.Document) string {
	switch private := o.private || doc.Private; {
	case private && doc.Fixed:
		return privateForEver
	case private:
		return privateSomeTime
	case doc.Fixed:
		return forEver
	}
	return someTime
}

// rank is when a document is put: after all that it leads to.
func rank(doc feed.Document) int {
	switch folder := path.Base(path.Dir(doc.Path)); {
	case doc.Fixed:
		return 0
	case folder == "a" || folder == "archive":
		return 1
	case doc.Path == "" || doc.Path == "opml":
		return 4
	case strings.HasPrefix(doc.Type, "text/html"):
		return 3
	}
	return 2
}

// markName is the word beside an object that tells what was put there.
const markName = "Feedmill-Mark"

// mark is equal for what is put with equal bytes and headers.
func (o *Output) mark(doc feed.Document) string {
	sum := sha256.Sum256([]byte(doc.ETag + "\n" + doc.Type + "\n" + o.cacheControl(doc)))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// each calls do for all, some side by side, and returns when all are done or ctx has ended.
func each[T any](ctx context.Context, all []T, do func(T)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range min(len(all), requestsAtOnce) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(all) {
					return
				}
				do(all[i])
			}
		})
	}
	wait.Wait()
}

// delivery is one release on its way into the bucket.
type delivery struct {
	*Output
	// kept are the names of the documents of this release, which no removal may take.
	kept map[string]bool

	mu               sync.Mutex
	first            error
	failed           int
	written, removed atomic.Int64
}

func (d *delivery) note(err error) {
	if err == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed++
	if d.first == nil {
		d.first = err
	}
}

// err is the first failure: a server that is away fails every document in the same words.
func (d *delivery) err() error {
	if d.failed > 1 {
		return fmt.Errorf("%w (and %d more like it)", d.first, d.failed-1)
	}
	return d.first
}

// put brings one document into the bucket unless it is there already.
func (d *delivery) put(ctx context.Context, doc feed.Document) error {
	name := doc.FileName()
	if err := checkName(name); err != nil {
		return err
	}
	mark := d.mark(doc)
	known := d.marks.of(name)
	if known == mark {
		return nil
	}
	if known == "" {
		there, err := d.there(ctx, name)
		if err != nil {
			return err
		}
		if there == mark {
			d.marks.set(name, mark)
			return nil
		}
	}
	d.marks.set(name, "") // should the answer be lost, nobody knows
	body, err := openContents(doc)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	err = d.ask(ctx, "put", name, body, func(ctx context.Context) error {
		_, err := d.client.PutObject(ctx, d.config.Bucket, d.key(name), body, doc.Size, minio.PutObjectOptions{
			ContentType: doc.Type, CacheControl: d.cacheControl(doc), UserMetadata: map[string]string{markName: mark},
			// In parts, half of a document could stay behind. With a digest of its pieces among the bytes, servers keep "aws-chunked"
			// as its encoding, which browsers refuse.
			DisableMultipart: true, DisableContentSha256: true,
		})
		return err
	})
	if err == nil {
		d.marks.set(name, mark)
		d.written.Add(1)
	}
	return err
}

// there is the mark of what lies under a name; empty: nothing of ours, or it cannot be told, so that it is to be put.
func (d *delivery) there(ctx context.Context, name string) (mark string, err error) {
	err = d.ask(ctx, lookAt, name, nil, func(ctx context.Context) error {
		is, err := d.client.StatObject(ctx, d.config.Bucket, d.key(name), minio.StatObjectOptions{})
		if said := minio.ToErrorResponse(err); said.Code != "" && !transient(said.StatusCode) {
			return nil // who may not list hears 403 of what is not there, and no answer to this question has words that tell
		}
		mark = is.UserMetadata[markName]
		return err
	})
	return mark, err
}

// remove deletes the object of a document. One that is gone already is no error.
func (d *delivery) remove(ctx context.Context, docPath string) error {
	name := feed.RemovedFileName(docPath)
	if err := checkName(name); err != nil {
		return err
	}
	if d.kept[name] {
		return nil
	}
	d.marks.set(name, "")
	err := d.ask(ctx, "delete", name, nil, func(ctx context.Context) error {
		err := d.client.RemoveObject(ctx, d.config.Bucket, d.key(name), minio.RemoveObjectOptions{})
		if said := minio.ToErrorResponse(err); said.Code == minio.NoSuchKey || said.StatusCode/100 == 2 {
			return nil
		}
		return err
	})
	if err == nil {
		d.removed.Add(1)
	}
	return err
}

func (o *Output) key(name string) string { return o.config.folder() + name }

// checkName refuses a name that is not plainly below the prefix.
func checkName(name string) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, "\\\x00") {
		return feed.Classify(feed.Internal, fmt.Errorf("put document: %q is no name inside the bucket", name))
	}
	return nil
}
