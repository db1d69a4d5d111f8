package check

import (
	"errors"
	"fmt"
	"time"
)

func readAtom(body []byte) (contents, error) {
	root, err := parseXML(body, inFeeds)
	if err != nil {
		return contents{}, err
	}
	if root.name.Local != "feed" || root.name.Space != nsAtom {
		return contents{}, errors.New("it is not an Atom feed")
	}
	if _, err := root.required(nsAtom, "id"); err != nil {
		return contents{}, err
	}
	if _, err := root.link("alternate"); err != nil {
		return contents{}, err
	}
	var c contents
	if c.title, err = root.required(nsAtom, "title"); err != nil {
		return contents{}, err
	}
	if c.self, err = root.link("self"); err != nil {
		return contents{}, err
	}
	c.archive, _ = root.link("prev-archive") // not every feed has one
	if c.updated, err = atomDate(root, "updated"); err != nil {
		return contents{}, err
	}
	for _, e := range root.all(nsDeleted, "deleted-entry") {
		if _, err := time.Parse(time.RFC3339, e.attr("when")); err != nil || e.attr("ref") == "" {
			return contents{}, fmt.Errorf("the tombstone of %q must have an id and a date", e.attr("ref"))
		}
	}
	for i, e := range root.all(nsAtom, "entry") {
		it, err := readAtomEntry(e)
		if err != nil {
			return contents{}, fmt.Errorf("item %d (%s): %w", i+1, it.ID, err)
		}
		c.items = append(c.items, it)
	}
	return c, nil
}

// readAtomEntry returns what it read so far beside an error, so that the error can name the entry.
func readAtomEntry(e *element) (it Item, err error) {
	if it.ID, err = e.required(nsAtom, "id"); err != nil {
		return it, err
	}
	if it.Title, err = e.required(nsAtom, "title"); err != nil {
		return it, err
	}
	if it.Link, err = e.link("alternate"); err != nil {
		return it, err
	}
	if it.Published, err = atomDate(e, "published"); err != nil {
		return it, err
	}
	if it.Updated, err = atomDate(e, "updated"); err != nil {
		return it, err
	}
	return it, readAtomBody(e)
}

func readAtomBody(e *element) error {
	authors := e.all(nsAtom, "author")
	if len(authors) == 0 {
		return errors.New("author is missing")
	}
	for _, a := range authors {
		if _, err := a.required(nsAtom, "name"); err != nil {
			return fmt.Errorf("author: %w", err)
		}
	}
	for _, name := range []string{"summary", "content"} {
		if _, err := e.optional(nsAtom, name); err != nil {
			return err
		}
	}
	for _, c := range e.all(nsAtom, "category") {
		if c.attr("term") == "" {
			return errors.New("a category has no term")
		}
	}
	for _, l := range e.all(nsAtom, "link") {
		if l.attr("rel") != "enclosure" {
			continue
		}
		if err := checkEnclosure(l.attr("href"), l.attr("type"), l.attr("length")); err != nil {
			return err
		}
	}
	return nil
}

func atomDate(e *element, name string) (time.Time, error) {
	s, err := e.required(nsAtom, name)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	return t, nil
}
