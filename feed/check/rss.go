package check

import (
	"errors"
	"fmt"
	"time"
)

func readRSS(body []byte) (contents, error) {
	root, err := parseXML(body, inFeeds)
	if err != nil {
		return contents{}, err
	}
	channels := root.all("", "channel")
	if root.name.Local != "rss" || root.attr("version") != "2.0" || len(channels) != 1 {
		return contents{}, errors.New("it is not an RSS 2.0 document with one channel")
	}
	channel := channels[0]
	for _, name := range []string{"link", "description"} {
		if _, err := channel.required("", name); err != nil {
			return contents{}, err
		}
	}
	var c contents
	if c.title, err = channel.required("", "title"); err != nil {
		return contents{}, err
	}
	if c.self, err = channel.link("self"); err != nil {
		return contents{}, err
	}
	c.archive, _ = channel.link("prev-archive") // not every feed has one
	if c.updated, err = rssDate(channel, "lastBuildDate"); err != nil {
		return contents{}, err
	}
	for i, e := range channel.all("", "item") {
		it, err := readRSSItem(e)
		if err != nil {
			return contents{}, fmt.Errorf("item %d (%s): %w", i+1, it.ID, err)
		}
		c.items = append(c.items, it)
	}
	return c, nil
}

// readRSSItem returns what it read so far beside an error, so that the error can name the item.
func readRSSItem(e *element) (it Item, err error) {
	if it.ID, err = e.required("", "guid"); err != nil {
		return it, err
	}
	if it.Title, err = e.required("", "title"); err != nil {
		return it, err
	}
	if it.Link, err = e.required("", "link"); err != nil {
		return it, err
	}
	if isLink := e.all("", "guid")[0].attr("isPermaLink") != "false"; isLink != (it.ID == it.Link) {
		return it, fmt.Errorf("isPermaLink is %t, but the link is %s", isLink, it.Link)
	}
	if it.Published, err = rssDate(e, "pubDate"); err != nil {
		return it, err
	}
	it.Updated = it.Published
	if updated, err := e.optional(nsAtom, "updated"); err != nil {
		return it, err
	} else if updated != "" {
		if it.Updated, err = time.Parse(time.RFC3339, updated); err != nil {
			return it, fmt.Errorf("updated cannot be read: %w", err)
		}
	}
	return it, readRSSBody(e)
}

func readRSSBody(e *element) error {
	description, err := e.optional("", "description")
	if err != nil {
		return err
	}
	content, err := e.optional(nsContent, "encoded")
	if err != nil {
		return err
	}
	if content != "" && (description == "" || description == content) {
		return errors.New("description must stand beside content:encoded and differ from it")
	}
	if _, err := e.optional(nsDC, "creator"); err != nil {
		return err
	}
	enclosures := e.all("", "enclosure")
	if len(enclosures) > 1 {
		return fmt.Errorf("there are %d enclosures; RSS allows one", len(enclosures))
	}
	for _, x := range enclosures {
		if x.attr("length") == "" {
			return errors.New("the enclosure has no length")
		}
		if err := checkEnclosure(x.attr("url"), x.attr("type"), x.attr("length")); err != nil {
			return err
		}
	}
	return nil
}

// rssDate reads a date as RFC 822 with the RSS profile's four-digit year and numeric zone. The day of the week must fit.
func rssDate(e *element, name string) (time.Time, error) {
	s, err := e.required("", name)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC1123Z, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if t.Format(time.RFC1123Z) != s {
		return time.Time{}, fmt.Errorf("%s is %q; that day is a %s", name, s, t.Weekday())
	}
	return t, nil
}
