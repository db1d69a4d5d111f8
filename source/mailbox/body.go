package mailbox

import (
	"slices"
	"strings"
)

// piece is a stretch of a message's text.
type piece struct {
	html bool
	text string
}

// gathering finds what of a message is its text.
type gathering struct {
	left        int // bytes of text that are still taken
	attachments int
	pictures    int // that travel inside the message
	encrypted   bool
	enclosed    []*part // messages that were sent along
	from        string  // the type of the first text, for the trace
}

// gather finds the text of a message: of alternatives the best one, of related parts the first, of others all.
func (g *gathering) gather(p *part) ([]piece, error) {
	switch {
	case p.mediaType == "multipart/encrypted", p.mediaType == "application/pkcs7-mime" && !strings.EqualFold(p.params["smime-type"], "signed-data"):
		g.encrypted = true
		return nil, nil
	case p.attached() && p.mediaType != "message/rfc822":
		g.attachments++
		return nil, nil
	case p.mediaType == "message/rfc822", p.mediaType == "message/global":
		g.enclosed = append(g.enclosed, p.parts...)
		return nil, nil
	case p.mediaType == "text/html", p.mediaType == "text/plain", p.mediaType == "text/markdown", p.mediaType == "application/xhtml+xml":
		return g.text(p)
	case strings.HasPrefix(p.mediaType, "image/"):
		g.pictures++
		return nil, nil
	case !strings.HasPrefix(p.mediaType, "multipart/"):
		g.attachments++
		return nil, nil
	}
	return g.several(p)
}

func (g *gathering) several(p *part) ([]piece, error) {
	switch p.mediaType {
	case "multipart/alternative":
		return g.best(p.parts)
	case "multipart/signed", "multipart/report":
		return g.gather(p.parts[0])
	case "multipart/related":
		root := 0
		if start := strings.Trim(p.params["start"], "<>"); start != "" {
			root = max(0, slices.IndexFunc(p.parts, func(c *part) bool { return strings.Trim(c.raw("content-id"), "<> ") == start }))
		}
		for i, c := range p.parts {
			if i != root && strings.HasPrefix(c.mediaType, "image/") {
				g.pictures++
			}
		}
		return g.gather(p.parts[root])
	}
	var all []piece
	for _, c := range p.parts {
		if p.mediaType == "multipart/digest" && len(c.parts) == 1 && c.mediaType == "message/rfc822" {
			inner, err := g.whole(c.parts[0])
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
			continue
		}
		pieces, err := g.gather(c)
		if err != nil {
			return nil, err
		}
		all = append(all, pieces...)
	}
	return all, nil
}

// best is the last alternative that shows more than plain text, else the last that shows anything.
func (g *gathering) best(parts []*part) ([]piece, error) {
	var second []piece
	for _, c := range slices.Backward(parts) {
		pieces, err := g.gather(c)
		if err != nil {
			return nil, err
		}
		if blank(pieces) {
			continue
		}
		if slices.ContainsFunc(pieces, func(p piece) bool { return p.html }) {
			return pieces, nil
		}
		if second == nil {
			second = pieces
		}
	}
	return second, nil
}

// whole is a message inside another one, under its subject.
func (g *gathering) whole(p *part) ([]piece, error) {
	pieces, err := g.gather(p)
	if subject := p.text("subject"); subject != "" {
		pieces = append([]piece{{html: true, text: "<h3>" + escape(subject) + "</h3>"}}, pieces...)
	}
	return pieces, err
}

func (g *gathering) text(p *part) ([]piece, error) {
	body := decodeTransfer(p.body, p.raw("content-transfer-encoding"))
	if g.left -= len(body); g.left < 0 {
		return nil, errLongText
	}
	text, err := decodeText(body, charsetOf(p, body))
	if err != nil {
		return nil, err
	}
	if g.from == "" {
		g.from = p.mediaType
	}
	if p.mediaType == "text/html" || p.mediaType == "application/xhtml+xml" {
		return []piece{{html: true, text: text}}, nil
	}
	if strings.EqualFold(p.params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(p.params["delsp"], "yes"))
	}
	return []piece{{text: text}}, nil
}

func blank(pieces []piece) bool {
	return !slices.ContainsFunc(pieces, func(p piece) bool { return strings.TrimSpace(p.text) != "" })
}
