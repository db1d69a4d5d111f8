package mailbox

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/media"
)

// keep keeps a picture.
type keep func(name, mediaType string, body []byte) (feed.Media, error)

// unkept says that a picture cannot be kept, through no fault of the message.
type unkept struct{ err error }

func (u *unkept) Error() string { return u.err.Error() }
func (u *unkept) Unwrap() error { return u.err }

// mostInline bounds how many pictures of a message are shown.
const mostInline = 100

// inline is what is known of the pictures inside of a message.
type inline struct {
	keep   keep
	parts  map[string]*part // by Content-ID
	shown  map[string]string
	media  []feed.Media
	failed error
}

// pictures are the pictures of a message and of what was sent along with it, by Content-ID (RFC 2392).
func (p *part) pictures() map[string]*part {
	found := map[string]*part{}
	p.collect(found)
	return found
}

func (p *part) collect(found map[string]*part) {
	id := strings.Trim(p.raw("content-id"), "<> ")
	if id != "" && found[id] == nil && (strings.HasPrefix(p.mediaType, "image/") || p.mediaType == "application/octet-stream") {
		found[id] = p
	}
	for _, c := range p.parts {
		c.collect(found)
	}
}

// show gives an image the reference of the picture inside of the message that it means, and reports whether there is one
// that can be shown. One of a few points counts readers or keeps a distance.
func (i *inline) show(n *html.Node, id string) bool {
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	p := i.parts[strings.TrimSpace(id)]
	ref, known := i.shown[id]
	if !known && p != nil && i.keep != nil && i.failed == nil && len(i.media) < mostInline {
		ref = i.publish(p)
		if i.shown == nil {
			i.shown = map[string]string{}
		}
		i.shown[id] = ref
	}
	if ref == "" {
		return false
	}
	for at := range n.Attr {
		if n.Attr[at].Key == "src" {
			n.Attr[at].Val = ref
		}
	}
	return true
}

// publish has a picture kept and returns the reference to it, empty for one that is not to be shown. Its name in the message
// may tell who received it, so that it gets another.
func (i *inline) publish(p *part) string {
	const smallest = 3
	body := decodeTransfer(p.body, p.raw("content-transfer-encoding"))
	head := body[:min(len(body), media.Head)]
	kind, err := media.Look("picture.jpg", head) // any kind of picture will do
	if err != nil || len(body) > media.Most || kind.Width > 0 && (kind.Width < smallest || kind.Height < smallest) {
		return ""
	}
	kept, err := i.keep("picture"+kind.Extension, kind.Type, body)
	if err != nil {
		i.failed = &unkept{fmt.Errorf("keep a picture of a message: %w", err)}
		return ""
	}
	kept.Ref, kept.Width, kept.Height = fmt.Sprintf("picture-%d%s", len(i.media)+1, kind.Extension), kind.Width, kind.Height
	i.media = append(i.media, kept)
	return kept.Ref
}
