package render

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"time"

	"feedmill/feed"
)

// form is how a document is put together of articles that were encoded one by one.
type form interface {
	// shell is the document around its articles; empty says that there are none.
	shell(c channel, modified time.Time, empty bool) (shell, error)
	// fragments are the articles, encoded.
	fragments(c channel, es []entry) ([][]byte, error)
}

// shell is a document without its articles: they stand, with between among them, between open and close.
type shell struct{ open, between, close string }

// sheet is a document in the making: articles are added to it in their order.
type sheet struct {
	form
	channel         channel
	path, mediaType string
	modified        time.Time
	limit           int64 // in bytes; 0 is none
	most            int   // how many articles it shows; 0: all
	apart           bool  // what is wrong with it keeps no other document from being made
	old             []*earlier
	skipped         map[string]bool // the ids of articles that stand in it already

	around  shell
	between []byte // as in around
	body    spool
	parts   Parts
	tag     hash.Hash
	buffer  []byte
	full    bool  // nothing more fits
	checked bool  // something that is new in it was read back
	failed  error // what is new in it does not read back as it should: there is no such document
}

// begin writes what stands before so many articles.
func (s *sheet) begin(articles int) (err error) {
	if s.around, err = s.shell(s.channel, s.modified, articles == 0); err != nil {
		return err
	}
	s.tag, s.between = sha256.New(), []byte(s.around.between)
	if size := int64(len(s.around.open) + len(s.around.close)); s.limit > 0 && size > s.limit && articles > 0 {
		return s.tooSmall()
	}
	if s.most > 0 {
		articles = min(articles, s.most)
	}
	if s.limit == 0 {
		s.parts = make(Parts, 0, articles)
	}
	return s.body.add([]byte(s.around.open))
}

func (s *sheet) tooSmall() error {
	return feed.Classify(feed.Refused, fmt.Errorf(
		"not even the newest article fits into %d bytes; raise limit.size or set content: teaser", s.limit))
}

// done reports that no article will be added any more.
func (s *sheet) done() bool { return s.full || s.failed != nil }

// reaches reports whether the article after n more may still be added.
func (s *sheet) reaches(n int) bool {
	return !s.done() && (s.most == 0 || len(s.parts)+n-len(s.skipped) < s.most)
}

// lacks reports whether the document needs an article that is in no document before.
func (s *sheet) lacks(v Version) bool {
	for _, e := range s.old {
		if e.find(v) != nil {
			return false
		}
	}
	return true
}

// keep adds an article as it stands in a document before.
func (s *sheet) keep(v Version) error {
	for _, e := range s.old {
		p := e.find(v)
		if p == nil {
			continue
		}
		var buffer []byte
		if s.body.large != nil { // which keeps no bytes that it was given
			buffer = s.buffer
		}
		b, err := e.read(p, buffer)
		if err != nil {
			return err
		}
		if s.body.large != nil && e.Body == nil {
			s.buffer = b
		}
		_, err = s.add(v, b, p.Sum)
		return err
	}
	return errors.New("it is not in the document before")
}

// add adds an article, unless the limit is reached.
func (s *sheet) add(v Version, b []byte, sum Sum) (added bool, err error) {
	between := s.between
	if len(s.parts) == 0 {
		between = nil
	}
	if s.limit > 0 && s.body.size+int64(len(between)+len(b)+len(s.around.close)) > s.limit {
		if len(s.parts) == 0 {
			return false, s.tooSmall()
		}
		s.full = true
		return false, nil
	}
	if len(between) > 0 {
		if err := s.body.add(between); err != nil {
			return false, err
		}
	}
	start := int(s.body.size)
	s.parts = append(s.parts, Part{v, start, start + len(b), sum})
	s.tag.Write(s.parts[len(s.parts)-1].Sum[:])
	s.full = len(s.parts) == s.most
	return true, s.body.add(b)
}

// fresh is the document with those articles only that were encoded anew: the others have been read back before.
func (s *sheet) fresh(articles [][]byte) (feed.Document, error) {
	around := s.around
	if len(articles) == 0 {
		var err error
		if around, err = s.shell(s.channel, s.modified, true); err != nil {
			return feed.Document{}, err
		}
	}
	pieces := make([][]byte, 0, 2*len(articles)+2)
	pieces = append(pieces, []byte(around.open))
	for i, b := range articles {
		if i > 0 {
			pieces = append(pieces, []byte(around.between))
		}
		pieces = append(pieces, b)
	}
	body := bytes.Join(append(pieces, []byte(around.close)), nil)
	return feed.NewTagged(s.path, s.mediaType, `""`, s.modified, body), nil
}

// finish writes what stands behind the articles.
func (s *sheet) finish() (Made, error) {
	if err := s.body.add([]byte(s.around.close)); err != nil {
		return Made{}, err
	}
	fmt.Fprint(s.tag, s.around)
	made := Made{Parts: s.parts}
	if s.body.large == nil {
		made.Body = bytes.Join(s.body.pieces, nil)
	}
	made.Document = feed.NewTagged(s.path, s.mediaType, feed.Tag(s.tag.Sum(nil)), s.modified, made.Body)
	if s.body.large == nil {
		return made, nil
	}
	made.Size, made.Open = s.body.size, s.body.large.Open
	return made, s.body.large.Close()
}

// close gives back what documents before were read with.
func (s *sheet) close() error {
	var errs []error
	for _, e := range s.old {
		errs = append(errs, e.close())
	}
	return errors.Join(errs...)
}

// spool takes the bytes of a document. As long as they are few it holds them.
type spool struct {
	pieces [][]byte
	size   int64
	most   int64                 // that are held
	spill  func() (Large, error) // nil: all are held
	large  Large                 // nil as long as they are held
}

// add must be given bytes that do not change as long as they are held.
func (s *spool) add(b []byte) error {
	s.size += int64(len(b))
	if s.large != nil {
		_, err := s.large.Write(b)
		return err
	}
	s.pieces = append(s.pieces, b)
	if s.spill == nil || s.size <= s.most {
		return nil
	}
	var err error
	if s.large, err = s.spill(); err != nil {
		return err
	}
	for _, piece := range s.pieces {
		if _, err := s.large.Write(piece); err != nil {
			return err
		}
	}
	s.pieces = nil
	return nil
}
