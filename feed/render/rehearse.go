package render

import (
	"bytes"
	"fmt"
	"time"

	"feedmill/feed"
)

// rehearse makes every page of a theme, of a feed that has all there is and of one that has as little as can be: an error
// of a template shows when the theme is read, not when an article comes in.
func (t *Theme) rehearse() error {
	rich, poor := rehearsal(t)
	for _, s := range []Snapshot{rich, poor} {
		var newest *Item
		for i := range s.Items {
			newest = &s.Items[i]
			if _, err := Page(s.Channel, *newest); err != nil {
				return err
			}
		}
		site := Site{Base: s.Channel.Base, Theme: t, Feeds: []Entry{{s.Channel, newest}, {s.Channel, nil}}}
		if _, err := site.Index(); err != nil {
			return err
		}
		if _, err := (Site{Base: s.Channel.Base, Theme: t}).Index(); err != nil {
			return err
		}
		for _, items := range [][]Item{s.Items, nil} {
			s.Items = items
			made, err := Press{}.Documents(s, nil)
			if err != nil {
				return err
			}
			if body := made[len(made)-1].Body; !bytes.Contains(body, []byte("<html")) {
				return feed.Classify(feed.Refused, fmt.Errorf("%w %s: feed.html and layout.html make no page of HTML", ErrTheme, t.dir))
			}
		}
	}
	return nil
}

// rehearsal is a feed in which everything is filled, and one in which nothing is that may be empty.
func rehearsal(t *Theme) (rich, poor Snapshot) {
	const base = "https://feeds.example.org"
	day := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	c := Channel{Feed: "sample", ID: "urn:uuid:3f1f7a9e-6a0e-5c1b-9d58-2f0a3b7c4d5e", Base: base, Title: "Sample", Formats: []Format{RSS}, Theme: t}
	poor = Snapshot{Channel: c, AsOf: day, Page: true, Items: []Item{{Article: feed.Article{
		ID: "urn:1", Link: base + "/sample/a/1", Slug: "1", Title: "One", Published: day, Updated: day,
	}}}}
	c.Formats = []Format{RSS, Atom, JSON}
	c.Description, c.Link, c.Language, c.Image, c.Icon = "About samples", "https://news.example.org/", "en", base+"/logo.png", base+"/icon.png"
	c.Tokens = true
	c.Author, c.Tags, c.Others = feed.Person{Name: "Desk"}, []string{"news"}, []Other{{Edition: "full", Formats: []Format{RSS}}}
	rich = Snapshot{Channel: c, AsOf: day.Add(time.Hour), Page: true, Closed: 1, Items: []Item{{Article: feed.Article{
		ID: "urn:2", Link: base + "/sample/a/2", Slug: "2", Title: "Two", Summary: "A summary", Content: "<p>Words.</p>",
		Authors: []feed.Person{{Name: "Ann", URL: base + "/ann"}, {Name: "Bo"}}, Tags: []string{"news", "samples"}, Language: "ar",
		Image: feed.Image{URL: base + "/2.jpg", Caption: "A caption", Credit: "A credit", Type: "image/jpeg", Width: 16, Height: 9}, Pin: true, Correction: "It was Three.",
		Enclosures: []feed.Enclosure{
			{URL: base + "/2.mp3", Type: "audio/mpeg"}, {URL: base + "/2.mp4", Type: "video/mp4"}, {URL: base + "/2.pdf", Type: "application/pdf"},
		},
		Published: day, Updated: day.Add(time.Hour),
	}, Hosted: true}}}
	return rich, poor
}
