package render

import (
	"cmp"
	"fmt"

	"feedmill/feed/clean"

	"golang.org/x/text/language"
)

// generator names the program in documents, without a version: an upgrade must not change every document.
const generator = "feedmill"

// channel is a [Channel] made fit for output: clean strings, absolute addresses, nothing claimed that is not so. Its
// Link is never empty; its Author's name is empty when there is none.
type channel struct {
	Channel
	deleted         []Deleted
	archive, closed int64 // as in Snapshot
}

func newChannel(c Channel) channel {
	site := c.Base + "/"
	c.ID, c.Title = clean.Line(c.ID), cmp.Or(clean.Line(c.Title), c.Feed)
	c.Description, c.Rights = clean.Line(c.Description), clean.Line(c.Rights)
	c.Language, c.Tags = languageTag(c.Language), lines(c.Tags)
	c.Image, c.Icon = address(c.Image, site), address(c.Icon, site)
	c.Author = person(c.Author, site)
	if c.Link = address(c.Link, site); c.Link == "" {
		c.Link = channel{Channel: c}.page()
	}
	return channel{Channel: c}
}

// page is the address of the feed's own page, made by [FeedPage].
func (c channel) page() string { return Address(c.Base, c.Page()) }

// document is the address of the document in a format.
func (c channel) document(f Format) string { return Address(c.Base, c.path(f)) }

func (c channel) path(f Format) string {
	if c.archive > 0 {
		return c.archivePath(c.archive, f)
	}
	return c.Path(f)
}

func (c channel) archivePath(n int64, f Format) string { return ArchivePath(c.Channel, n, f) }

// ArchivePath is the path of a channel's n-th archive in a format.
func ArchivePath(c Channel, n int64, f Format) string {
	return fmt.Sprintf("%s/archive/%d.%s", c.Name(), n, string(f))
}

// history is the links between a feed's live document and its archives (RFC 5005 section 4). The newest archive names the
// next one before there is one: a closed archive never changes.
func (c channel) history(f Format) []link {
	to := func(rel, path string) link { return link{Rel: rel, Type: f.linkType(), Href: c.Base + "/" + path} }
	switch {
	case c.archive == 0 && c.closed == 0:
		return nil
	case c.archive == 0:
		return []link{to("prev-archive", c.archivePath(c.closed, f))}
	}
	links := []link{to("current", c.Path(f)), to("next-archive", c.archivePath(c.archive+1, f))}
	if c.archive > 1 {
		links = append(links, to("prev-archive", c.archivePath(c.archive-1, f)))
	}
	return links
}

// mark says that a document is an archive (RFC 5005 section 4): its element, and the namespace that only archives declare.
func (c channel) mark() (element *struct{}, namespace string) {
	if c.archive == 0 {
		return nil, ""
	}
	return &struct{}{}, nsHistory
}

// languageTag is s as a well-formed BCP 47 tag, or empty: no language is better than a wrong one.
func languageTag(s string) string {
	tag, err := language.Raw.Parse(clean.Line(s))
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// direction is the writing direction of a language for HTML's dir attribute: auto where it is unknown.
func direction(tag string) string {
	if tag == "" {
		return "auto"
	}
	script, _ := language.Make(tag).Script()
	switch script.String() {
	case "Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa":
		return "rtl"
	}
	return "ltr"
}
