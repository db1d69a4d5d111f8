package feed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

// Document is a finished document: a feed in one format, or a page.
type Document struct {
	// Path is the address below the site's base address, without a leading slash: "world.rss", "world/" for a feed's
	// page, "world/a/some-slug" for an article's, "" for the index. Not percent-encoded.
	Path string
	// Type is the media type with its charset.
	Type string
	// ETag is a strong entity tag with its quotes (RFC 9110 section 8.8.3): equal bytes have equal tags, and other bytes
	// others.
	ETag string
	// Modified is when the bytes last changed, to the second; it never goes back, even when an article is withdrawn.
	Modified time.Time
	// Size is the length in bytes.
	Size int64
	// Fixed says that the path names these bytes and never others, as that of a media file does.
	Fixed bool
	// Private says that the document belongs to private feeds only: no cache but the reader's own may keep it.
	Private bool
	// Open returns a new reader of the bytes.
	Open func() (io.ReadSeekCloser, error)
}

// NewDocument makes a document of bytes held in memory. The caller must not change body afterwards.
func NewDocument(path, mediaType string, modified time.Time, body []byte) Document {
	sum := sha256.Sum256(body)
	return NewTagged(path, mediaType, Tag(sum[:]), modified, body)
}

// NewTagged is [NewDocument] for one whose entity tag is known.
func NewTagged(path, mediaType, etag string, modified time.Time, body []byte) Document {
	return Document{
		Path:     path,
		Type:     mediaType,
		ETag:     etag,
		Modified: modified.UTC().Truncate(time.Second),
		Size:     int64(len(body)),
		Open:     func() (io.ReadSeekCloser, error) { return nopCloser{bytes.NewReader(body)}, nil },
	}
}

// Tag makes an entity tag of a digest of at least 15 bytes.
func Tag(digest []byte) string { return `"` + base64.RawURLEncoding.EncodeToString(digest[:15]) + `"` }

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// Bytes reads the whole document.
func (d Document) Bytes() ([]byte, error) {
	r, err := d.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body := make([]byte, d.Size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("read document %s: %w", d.Path, err)
	}
	return body, nil
}

// FileName is the document's path in a folder: pages become index.html in a folder of their own, everything else keeps
// its path.
func (d Document) FileName() string { return FileName(d.Path, d.Type) }

// FileName is [Document.FileName] for a path and media type.
func FileName(docPath, mediaType string) string {
	if !strings.HasPrefix(mediaType, "text/html") {
		return docPath
	}
	if docPath == "" {
		return "index.html"
	}
	return strings.TrimSuffix(docPath, "/") + "/index.html"
}

// RemovedFileName is [FileName] for a document of which only the path is left: pages are what ends with a slash and what lies
// in a folder "a", whatever it is called there. Feeds may have any name.
func RemovedFileName(docPath string) string {
	if docPath != "" && docPath[len(docPath)-1] != '/' && path.Base(path.Dir(docPath)) != "a" {
		return docPath
	}
	return FileName(docPath, TypeHTML)
}

// The media types of the documents feedmill makes.
const (
	TypeRSS  = "application/rss+xml; charset=utf-8"
	TypeAtom = "application/atom+xml; charset=utf-8"
	TypeJSON = "application/feed+json; charset=utf-8"
	TypeHTML = "text/html; charset=utf-8"
	TypeOPML = "text/x-opml; charset=utf-8"
	TypeXML  = "application/xml; charset=utf-8" // sitemaps
)
