package main

import (
	"fmt"
	"os"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/listing"
)

// apply writes the new selectors of a page into the file in which it stands.
func (a *app) apply(b *broken, m listing.Mend) error {
	file := b.feed.File
	before, err := os.ReadFile(file)
	if err != nil {
		return feed.Classify(feed.Refused, err)
	}
	edited, err := config.EditPage(file, before, b.feed.Key, b.place, b.selectors(), m.Selectors)
	if err != nil {
		return feed.Classify(feed.Refused, err)
	}
	if err := a.tryConfig(b, m, map[string][]byte{file: before}, b.selectors()); err != nil {
		return err
	}
	if err := a.tryConfig(b, m, map[string][]byte{file: edited}, m.Selectors); err != nil {
		return err
	}
	if err := replaceFile(file, before, edited); err != nil {
		return feed.Classify(feed.Refused, fmt.Errorf("write %s: %w", file, err))
	}
	return a.tryConfig(b, m, nil, m.Selectors)
}

// tryConfig loads the configuration with texts in the place of files, and checks that the page has these selectors and
// that no other source is another one than before.
func (a *app) tryConfig(b *broken, m listing.Mend, instead map[string][]byte, want listing.Selectors) error {
	c, err := config.Load(a.path, config.Options{Env: os.Environ(), Set: a.set, Instead: instead})
	if err != nil {
		return fmt.Errorf("%s was not changed, or not as it should be: %w", b.feed.File, err)
	}
	changed := fmt.Errorf("%s changed meanwhile; nothing was written into it; try again", b.feed.File)
	if len(c.Feeds) != len(b.config.Feeds) {
		return changed
	}
	for i, f := range c.Feeds {
		was := &b.config.Feeds[i]
		if f.Key != was.Key || len(f.Sources) != len(was.Sources) {
			return changed
		}
		for j, s := range f.Sources {
			if is := f.Key == b.feed.Key && j == b.place; !is && s.Digest != was.Sources[j].Digest {
				return changed
			} else if is && (s.Page == nil || !sameSelectors(listing.Selectors{Items: s.Page.Items, Fields: s.Page.Fields}, want)) {
				return fmt.Errorf("%s was not changed: the new selectors would not be read as they are; write them by hand:\n%s", b.feed.File, m.Block("      "))
			}
		}
	}
	return nil
}

func sameSelectors(a, b listing.Selectors) bool { return a.Block("") == b.Block("") }
