package clean

import (
	"bytes"
	"cmp"
	"strings"

	"golang.org/x/net/html"
)

// prune takes out of a fragment what goes together with its content, and puts addresses and players in order, which is
// more than an allow list can do. Every tag and text it lets through reads the same when it is read again.
func prune(s string) string {
	var out bytes.Buffer
	out.Grow(len(s) + len(s)/16)
	p := pruner{tokens: scan(s), out: &out, ends: map[string]int{}, source: s}
	for kind := p.next(); kind != html.ErrorToken; kind = p.next() {
		switch kind {
		case html.TextToken:
			// A lone < must not become a tag with what follows a tag that is taken out.
			out.WriteString(strings.ReplaceAll(p.tokens.source, "<", "&lt;"))
		case html.StartTagToken, html.SelfClosingTagToken:
			p.start(p.tokens.element(kind))
		case html.EndTagToken:
			name := p.tokens.name()
			p.inPicture = p.inPicture && name != "picture"
			if name != "iframe" {
				out.WriteString("</" + name + ">")
			}
		}
	}
	return out.String()
}

type pruner struct {
	tokens *scanner
	out    *bytes.Buffer
	source string
	at     int            // the offset behind the current token
	ends   map[string]int // where the next end tag of a name stands; len(source) when there is none

	inPicture bool
	offered   string // the address that the sources of the picture offer
	// blank and blankEnd say where in out the last image stands, if it shows nothing; blankEnd is 0 when it does.
	blank, blankEnd int
}

func (p *pruner) next() html.TokenType {
	kind := p.tokens.next()
	p.at += len(p.tokens.source)
	return kind
}

func (p *pruner) start(e element) {
	switch e.name {
	case "script", "style", "title", "textarea", "xmp", "noembed", "noframes", "plaintext":
		p.skipRaw(e.name)
		return
	case "noscript":
		if !e.closed {
			p.twin()
			p.skip(e.name)
		}
		return
	case "svg", "select", "button", "datalist", "template", "canvas", "head":
		if !e.closed {
			p.skip(e.name)
		}
		return
	case "iframe":
		p.skipRaw(e.name)
		p.player(e)
		return
	case "audio", "video":
		e.set("controls", "")
	}
	if shareBar(e) && !e.closed && !isVoid(e.name) {
		p.skip(e.name)
		return
	}
	e.closed = false
	if e.name == "img" {
		p.image(e)
		return
	}
	e.rewrite(safeAddress)
	switch e.name {
	case "a":
		if href, ok := e.get("href"); ok {
			e.set("href", untracked(href))
		}
	case "picture":
		p.inPicture, p.offered = true, ""
	case "source":
		lazySet(&e)
		if p.inPicture {
			p.offered = cmp.Or(p.offered, largest(e))
		}
	}
	e.render(p.out)
}

// image keeps an image that readers are meant to see, with the address it shall be loaded from.
func (p *pruner) image(e element) {
	offered := ""
	if p.inPicture {
		offered, p.offered = p.offered, ""
	}
	if tooSmall(e) {
		return
	}
	e.rewrite(safeAddress)
	lazyImage(&e, offered)
	src, _ := e.get("src")
	if pixelAddress(src) {
		return
	}
	begin := p.out.Len()
	e.render(p.out)
	p.blank, p.blankEnd = begin, 0
	if isPlaceholder(src) {
		p.blankEnd = p.out.Len()
	}
}

// twin puts the image of a noscript that begins here in the place of the blank one just before it, if that is what it
// holds. What follows is the noscript's own to pass over.
func (p *pruner) twin() {
	if p.blankEnd == 0 || len(bytes.TrimSpace(p.out.Bytes()[p.blankEnd:])) > 0 || !p.closes("noscript") {
		return
	}
	inside := prune(p.source[p.at:p.ends["noscript"]])
	p.blankEnd = 0
	if strings.Contains(inside, "<img ") {
		p.out.Truncate(p.blank)
		p.out.WriteString(inside)
	}
}

// skipRaw passes over the content of an element that holds no markup: one text and the end tag.
func (p *pruner) skipRaw(name string) {
	for p.at < len(p.source) {
		kind := p.next()
		if kind == html.ErrorToken || kind == html.EndTagToken && p.tokens.name() == name {
			return
		}
	}
}

// skip passes over an element with all it holds. If it is never closed only its tag is taken out, lest one lost end tag
// cost the rest of the article.
func (p *pruner) skip(name string) {
	for depth := 1; depth > 0 && p.closes(name); {
		switch kind := p.next(); kind {
		case html.ErrorToken:
			return
		case html.StartTagToken:
			if p.tokens.name() == name {
				depth++
			}
		case html.EndTagToken:
			if p.tokens.name() == name {
				depth--
			}
		}
	}
}

// closes reports whether an end tag of this name is still to come. Each stretch of the source is looked at once a name.
func (p *pruner) closes(name string) bool {
	end, known := p.ends[name]
	if !known || end < p.at {
		end = len(p.source)
		if i := indexEndTag(p.source[p.at:], name); i >= 0 {
			end = p.at + i
		}
		p.ends[name] = end
	}
	return end < len(p.source)
}

func indexEndTag(s, name string) int {
	for i := 0; ; {
		next := strings.Index(s[i:], "</")
		if next < 0 {
			return -1
		}
		i += next
		if len(s) >= i+2+len(name) && strings.EqualFold(s[i+2:i+2+len(name)], name) {
			return i
		}
		i += 2
	}
}

// player keeps an iframe that shows one of the allowed players, without its content.
func (p *pruner) player(e element) {
	src, _ := e.get("src")
	src = strings.TrimSpace(src)
	if rest, ok := strings.CutPrefix(src, "http:"); ok {
		src = rest
	}
	if strings.HasPrefix(src, "//") {
		src = "https:" + src
	}
	if !playerPattern().MatchString(src) {
		return
	}
	e.set("src", src)
	e.closed = false
	e.render(p.out)
	p.out.WriteString("</iframe>")
}

// safeAddress lets web, mail and relative addresses through, as URIs; relative ones stay relative.
func safeAddress(address string) (string, bool) {
	if scheme, _, ok := cutScheme(strings.TrimSpace(address)); ok && scheme == "mailto" {
		return encode(strings.TrimSpace(address), ""), true
	}
	ref, err := parseReference(address)
	if err != nil {
		return "", false
	}
	return ref.String(), true
}
