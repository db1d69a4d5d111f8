package mailbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"feedmill/feed"
)

// session is a connection to a server with the folder open for reading. Its methods give what they got of the library's words; the errors
// are to be explained.
type session struct {
	*Mailbox
	wire   *wire
	client *imapclient.Client
	folder imap.SelectData
	stop   func() bool
}

var _ box = (*session)(nil)

// open connects, logs in and opens the folder by EXAMINE, so that nothing can be changed in it. heard is called when the server
// tells of new messages; it may be nil.
func (m *Mailbox) open(ctx context.Context, heard func()) (*session, error) {
	w, err := m.connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{Mailbox: m, wire: w}
	s.stop = context.AfterFunc(ctx, func() { _ = w.Close() })
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil && heard != nil {
				heard()
			}
		},
	}}
	s.client = imapclient.New(w, options)
	if err := s.enter(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) enter() error {
	if err := s.client.WaitGreeting(); err != nil {
		return s.broken(err)
	}
	if s.client.State() == imap.ConnStateNotAuthenticated {
		if s.client.Caps().Has(imap.CapLoginDisabled) {
			return feed.Classify(feed.Refused, errors.New("the server takes no password over this connection (LOGINDISABLED); see whether url should begin with imaps://"))
		}
		if err := s.client.Login(s.config.User, s.config.Password.Reveal()).Wait(); err != nil {
			return s.refusal(err, errLogin)
		}
	}
	folder, err := s.client.Select(s.place.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return s.refusal(err, errFolder)
	}
	s.folder = *folder
	return nil
}

// close ends the connection. What the server says to it is of no interest.
func (s *session) close() {
	s.stop()
	_ = s.client.Close()
}

// idles reports whether the server tells of new messages by itself.
func (s *session) idles() bool { return s.client.Caps().Has(imap.CapIdle) }

// search finds the messages from a UID on that may be wanted. If they are too many, it reports so and gives the newest, or the oldest.
func (s *session) search(from uint32, newest bool) (uids []imap.UID, more bool, err error) {
	criteria := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: imap.UID(max(from, 1)), Stop: 0}}}}
	if s.config.Sender != "" { // it finds more than what is wanted
		criteria.Or = append(criteria.Or, [2]imap.SearchCriteria{
			{Header: []imap.SearchCriteriaHeaderField{{Key: "From", Value: s.config.Sender}}},
			{Header: []imap.SearchCriteriaHeaderField{{Key: "Sender", Value: s.config.Sender}}},
		})
	}
	if s.config.ListID != "" {
		criteria.Header = append(criteria.Header, imap.SearchCriteriaHeaderField{Key: "List-Id", Value: s.config.ListID})
	}
	found, err := s.client.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, false, s.broken(err)
	}
	set, ok := found.All.(imap.UIDSet)
	if !ok {
		return nil, false, nil
	}
	uids, more = some(set, imap.UID(from), newest)
	return uids, more, nil
}

// some are the members of a set that are not below from, in their order, as many as are looked at once. A server may claim
// anything: ranges are walked through only as far as there is room.
func some(set imap.UIDSet, from imap.UID, newest bool) (uids []imap.UID, more bool) {
	if newest {
		set = slices.Clone(set)
		slices.Reverse(set)
	}
	for _, r := range set {
		for first, last := uint64(max(r.Start, from, 1)), uint64(r.Stop); first <= last; {
			switch {
			case len(uids) == mostSeen:
				more, first = true, last+1
			case newest:
				uids = append(uids, imap.UID(last))
				last--
			default:
				uids = append(uids, imap.UID(first))
				first++
			}
		}
	}
	if newest {
		slices.Reverse(uids)
	}
	return uids, more
}

// headsAtOnce is how many headers are asked for in one command.
const headsAtOnce = 500

// heads reads what decides about messages. Of all of them only the fields in asked are there.
func (s *session) heads(ctx context.Context, uids []imap.UID) ([]candidate, error) {
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: asked, Peek: true}
	options := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}}
	var all []candidate
	for chunk := range slices.Chunk(uids, headsAtOnce) {
		err := s.fetch(ctx, chunk, options, longestHead, func(got message) bool {
			head, _ := cutHeader(got.raw)
			all = append(all, candidate{uid: uint32(got.uid), size: got.size, arrived: got.arrived, head: head, mark: markOf(nameOf(head))})
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return int(int64(a.uid) - int64(b.uid)) })
	return all, nil
}

// longestHead bounds the fields that decide about a message, in bytes.
const longestHead = 256 << 10

// message is one answer to FETCH.
type message struct {
	uid      imap.UID
	size     int64
	arrived  time.Time
	raw      []byte
	tooLarge bool
}

// fetch asks for messages and hands each over, until do says that it is enough. Bodies above largest are cut and said to be too large.
func (s *session) fetch(ctx context.Context, uids []imap.UID, options *imap.FetchOptions, largest int64, do func(message) bool) error {
	if err := s.wire.wait(time.Duration(s.config.Fetch.Timeout)); err != nil {
		return err
	}
	command := s.client.Fetch(imap.UIDSetNum(uids...), options)
	enough := false
	for data := command.Next(); data != nil && ctx.Err() == nil; data = command.Next() {
		if enough {
			continue
		}
		got, err := collect(data, largest)
		if err != nil { // command.Close would read on, beside the library's own reader; the session is closed instead
			return s.broken(err)
		}
		if got.uid != 0 && (got.raw != nil || got.tooLarge) {
			enough = !do(got)
		}
	}
	if err := command.Close(); err != nil {
		return s.broken(err)
	}
	return ctx.Err()
}

func collect(data *imapclient.FetchMessageData, largest int64) (got message, err error) {
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			got.uid = item.UID
		case imapclient.FetchItemDataRFC822Size:
			got.size = item.Size
		case imapclient.FetchItemDataInternalDate:
			got.arrived = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || got.raw != nil {
				continue
			}
			size := item.Literal.Size()
			if size > largest {
				got.tooLarge = true
				continue // the library reads past it
			}
			var raw bytes.Buffer
			n, err := io.Copy(&raw, io.LimitReader(item.Literal, largest+1))
			if err == nil && n < size {
				err = io.ErrUnexpectedEOF
			}
			if err != nil {
				return got, err
			}
			if got.raw = raw.Bytes(); got.raw == nil {
				got.raw = []byte{}
			}
		}
	}
	return got, nil
}

// The bounds of what is asked for in one command.
const (
	bodiesAtOnce = 50
	bytesAtOnce  = 8 << 20
)

// read hands over messages.
func (s *session) read(ctx context.Context, cs []candidate, take func(candidate, []byte, error) bool) error {
	section := &imap.FetchItemBodySection{Peek: true}
	options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
	largest := int64(s.config.Fetch.MaxBody)
	for len(cs) > 0 {
		if cs[0].size > largest {
			if !take(cs[0], nil, s.tooLarge()) {
				return nil
			}
			cs = cs[1:]
			continue
		}
		n, sum := 0, int64(0)
		for n < len(cs) && n < bodiesAtOnce && cs[n].size <= largest && (n == 0 || sum+cs[n].size <= bytesAtOnce) {
			sum += max(cs[n].size, 0)
			n++
		}
		more, err := s.readChunk(ctx, cs[:n], options, take)
		if err != nil || !more {
			return err
		}
		cs = cs[n:]
	}
	return nil
}

// readChunk reads a few messages. The server sends them in its order; they are handed over in ours.
func (s *session) readChunk(ctx context.Context, cs []candidate, options *imap.FetchOptions, take func(candidate, []byte, error) bool) (more bool, err error) {
	uids := make([]imap.UID, len(cs))
	for i, c := range cs {
		uids[i] = imap.UID(c.uid)
	}
	got := map[uint32]message{}
	err = s.fetch(ctx, uids, options, int64(s.config.Fetch.MaxBody), func(m message) bool {
		got[uint32(m.uid)] = m
		return true
	})
	if err != nil {
		return false, err
	}
	if err := s.wire.wait(unanswered); err != nil { // while messages are read, nothing is expected
		return false, err
	}
	for _, c := range cs {
		m, ok := got[c.uid]
		delete(got, c.uid)
		switch {
		case !ok: // it is gone meanwhile
		case m.tooLarge:
			more = take(c, nil, s.tooLarge())
		default:
			more = take(c, m.raw, nil)
		}
		if ok && !more {
			return false, nil
		}
	}
	return true, nil
}
