package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"strings"

	"feedmill/feed/late"
)

// The bounds of a message.
const (
	mostParts   = 1000
	deepestPart = 30
	longestText = 2 << 20 // bytes of text in one article, decoded
)

// part is a message or a part of one (RFC 2045, 2046).
type part struct {
	header
	mediaType string
	params    map[string]string
	body      []byte // as it was transferred
	parts     []*part
}

// splitter takes messages apart within bounds.
type splitter struct{ parts int }

var errParts = fmt.Errorf("has more than %d parts, or parts nested more than %d deep, and is left out; whoever sent it must mend it", mostParts, deepestPart)

// split reads a message or a part. fallback is its type when it names none.
func (s *splitter) split(raw []byte, fallback string, depth int) (*part, error) {
	if s.parts++; s.parts > mostParts || depth > deepestPart {
		return nil, errParts
	}
	p := &part{}
	p.header, p.body = cutHeader(raw)
	p.mediaType, p.params = mediaType(p.raw("content-type"), fallback)
	switch boundary := p.params["boundary"]; {
	case p.mediaType == "message/rfc822" || p.mediaType == "message/global":
		inner, err := s.split(decodeTransfer(p.body, p.raw("content-transfer-encoding")), "text/plain", depth+1)
		if err != nil {
			return nil, err
		}
		p.parts = []*part{inner}
	case strings.HasPrefix(p.mediaType, "multipart/") && boundary != "":
		fallback := "text/plain"
		if p.mediaType == "multipart/digest" {
			fallback = "message/rfc822"
		}
		for _, piece := range cutParts(p.body, boundary) {
			child, err := s.split(piece, fallback, depth+1)
			if err != nil {
				return nil, err
			}
			p.parts = append(p.parts, child)
		}
		if len(p.parts) == 0 { // the boundary it names does not stand in it
			p.mediaType = "text/plain"
		}
	case strings.HasPrefix(p.mediaType, "multipart/"):
		p.mediaType = "text/plain"
	}
	return p, nil
}

// cutParts cuts the body of a multipart at the lines with its boundary. A last part that is never closed counts. The parts
// beyond the bound are not cut.
func cutParts(body []byte, boundary string) (pieces [][]byte) {
	delimiter := []byte("--" + boundary)
	begin := -1 // of the piece; -1 before the first delimiter
	for at := 0; at < len(body) && len(pieces) <= mostParts; {
		line, rest := cutLine(body[at:])
		next := len(body) - len(rest)
		if tail, ok := bytes.CutPrefix(line, delimiter); ok {
			tail = bytes.TrimRight(tail, " \t")
			closes := bytes.Equal(tail, []byte("--"))
			if closes || len(tail) == 0 {
				if begin >= 0 {
					pieces = append(pieces, trimEnd(body[begin:max(begin, at)]))
				}
				if begin = next; closes {
					return pieces
				}
			}
		}
		at = next
	}
	if begin >= 0 && len(pieces) <= mostParts {
		pieces = append(pieces, body[begin:])
	}
	return pieces
}

// trimEnd takes away the line end before a boundary, which belongs to the boundary.
func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// looseParameter finds parameters of a field that breaks the rules.
var looseParameter = late.Regexp(`(?i);\s*(boundary|charset|format|delsp|start)\s*=\s*(?:"([^"]*)"?|([^;\s]+))`)

// mediaType reads a Content-Type; a broken one as far as it makes sense.
func mediaType(field, fallback string) (string, map[string]string) {
	if field == "" {
		return fallback, nil
	}
	kind, params, err := mime.ParseMediaType(field)
	if err == nil && strings.Contains(kind, "/") {
		return kind, params
	}
	kind, _, _ = strings.Cut(field, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch {
	case kind == "text":
		kind = "text/plain"
	case !strings.Contains(kind, "/"):
		kind = fallback
	}
	params = map[string]string{}
	for _, found := range looseParameter().FindAllStringSubmatch(field, 20) {
		params[strings.ToLower(found[1])] = found[2] + found[3]
	}
	return kind, params
}

// attached reports whether the part is a file that was sent along.
func (p *part) attached() bool {
	disposition, _, _ := strings.Cut(p.raw("content-disposition"), ";")
	return strings.EqualFold(strings.TrimSpace(disposition), "attachment")
}

var (
	errEncrypted = errors.New("is encrypted and cannot be read; ask the sender for plain messages")
	errLongText  = fmt.Errorf("has more than %d MB of text and is left out; whoever sent it must mend it", longestText>>20)
)
