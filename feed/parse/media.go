package parse

import (
	"path"
	"strconv"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// media reads the lead image and the enclosures: RSS's own, Atom's links, Media RSS with its groups, and the images of
// podcasts.
func (b *builder) media(n *node, l links, a *feed.Article) {
	var pictures album
	for _, c := range n.children {
		switch c.key {
		case "enclosure":
			if to := absolute(firstOf(c.attr("url"), c.attr("href")), c.base); to != "" {
				a.Enclosures = addEnclosure(a.Enclosures, enclosure(to, c.attr("type"), c.attr("length"), ""))
			}
		case "media:content", "media:group":
			b.mediaObject(c, n, &pictures, a)
		case "media:thumbnail":
			pictures.offer(c, "url", 2, nil)
		case "itunes:image", "googleplay:image":
			pictures.offer(c, "href", 1, nil)
		case "image":
			to := firstOf(b.address(c, "url"), absolute(firstOf(c.attr("href"), c.attr("url"), c.attr("resource")), c.base))
			if to == "" && !c.hasElements() {
				to = absolute(clean.Line(c.content()), c.base)
			}
			pictures.offerAddress(to, 1, 0)
		}
	}
	for _, e := range l.enclosures {
		a.Enclosures = addEnclosure(a.Enclosures, e)
	}
	for _, e := range a.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			pictures.offerAddress(e.URL, 1, 0)
		}
	}
	a.Image = pictures.best
}

// mediaObject reads a media:content or media:group (Media RSS 1.5). A picture is an image, all else an enclosure.
func (b *builder) mediaObject(n, item *node, pictures *album, a *feed.Article) {
	for _, c := range n.children {
		switch c.key {
		case "media:content":
			b.mediaObject(c, item, pictures, a)
		case "media:thumbnail":
			pictures.offer(c, "url", 2, nil)
		}
	}
	to := absolute(n.attr("url"), n.base)
	if n.key != "media:content" || to == "" {
		return
	}
	e := enclosure(to, n.attr("type"), n.attr("fileSize"), n.attr("medium"))
	if strings.HasPrefix(e.Type, "image/") {
		pictures.offer(n, "url", 3, item)
		return
	}
	a.Enclosures = addEnclosure(a.Enclosures, e)
}

// album keeps the best picture offered so far: of the best kind, and among those the widest; the first of equals.
type album struct {
	best         feed.Image
	worth, width int
}

// offer takes the picture that an attribute of n names. Its words stand in n, or in the item it belongs to.
func (p *album) offer(n *node, attribute string, worth int, item *node) {
	width, _ := strconv.Atoi(n.attr("width"))
	if !p.offerAddress(absolute(n.attr(attribute), n.base), worth, width) {
		return
	}
	p.best.Caption = clean.Title(n.child("media:description").content())
	p.best.Credit = clean.Title(n.child("media:credit").content())
	if item != nil && p.best.Credit == "" {
		p.best.Credit = clean.Title(item.child("media:credit").content())
	}
}

func (p *album) offerAddress(address string, worth, width int) bool {
	if address == "" || worth < p.worth || worth == p.worth && width <= p.width && p.best.URL != "" {
		return false
	}
	p.best, p.worth, p.width = feed.Image{URL: address}, worth, width
	return true
}

// enclosure makes an enclosure. A type that is missing is told by the address, or by the word for the medium.
func enclosure(address, kind, length, medium string) feed.Enclosure {
	kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(kind)), ";")
	if !strings.Contains(kind, "/") {
		kind = typeOf(address, firstOf(medium, kind))
	}
	size, err := strconv.ParseInt(strings.TrimSpace(length), 10, 64)
	if err != nil || size < 0 {
		size = 0
	}
	return feed.Enclosure{URL: address, Type: clean.Line(kind), Length: size}
}

func addEnclosure(enclosures []feed.Enclosure, e feed.Enclosure) []feed.Enclosure {
	const most = 500
	for i, known := range enclosures {
		if known.URL == e.URL {
			enclosures[i].Length = max(known.Length, e.Length)
			return enclosures
		}
	}
	if len(enclosures) >= most {
		return enclosures
	}
	return append(enclosures, e)
}

// typeOf guesses a media type by the end of an address.
func typeOf(address, medium string) string {
	name, _, _ := strings.Cut(address, "?")
	name, _, _ = strings.Cut(name, "#")
	switch strings.ToLower(path.Ext(name)) {
	case ".mp3":
		return "audio/mpeg"
	case ".m4a":
		return "audio/mp4"
	case ".ogg", ".oga":
		return "audio/ogg"
	case ".opus":
		return "audio/opus"
	case ".wav":
		return "audio/wav"
	case ".mp4", ".m4v":
		return "video/mp4"
	case ".webm":
		return "video/webm"
	case ".mov":
		return "video/quicktime"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png", ".gif", ".webp", ".avif":
		return "image/" + strings.ToLower(path.Ext(name)[1:])
	case ".svg":
		return "image/svg+xml"
	case ".pdf":
		return "application/pdf"
	case ".torrent":
		return "application/x-bittorrent"
	}
	switch strings.ToLower(medium) {
	case "audio":
		return "audio/mpeg"
	case "video":
		return "video/mp4"
	case "image":
		return "image/jpeg"
	}
	return "application/octet-stream"
}
