package render

import (
	"cmp"

	"feedmill/feed/clean"

	"golang.org/x/text/language"
)

// generator names the program in documents, without a version: an upgrade must not change every document.
const generator = "feedmill"

// channel is a [Channel] made fit for output: clean strings, absolute addresses, nothing claimed that is not so. Its
// Link is never empty; its Author's name is empty when there is none.
type channel struct {
	Channel
	deleted []Deleted
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
func (c channel) page() string { return c.Base + "/" + c.Feed + "/" }

// document is the address of the feed in a format.
func (c channel) document(f Format) string { return c.Base + "/" + c.Name() + "." + string(f) }

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
