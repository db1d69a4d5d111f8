package check

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// contents is what a document of any format says, as far as formats have it in common.
type contents struct {
	title, self string
	archive     string    // the address of the archive before it; empty when there is none
	updated     time.Time // of the whole feed; zero where the format has none
	items       []Item
}

func (c contents) compare(want Want) error {
	if err := equal("title", c.title, want.Title); err != nil {
		return err
	}
	if err := equal("self link", c.self, want.Self); err != nil {
		return err
	}
	if c.updated.After(want.AsOf) {
		return fmt.Errorf("updated is %s, later than %s", stamp(c.updated), stamp(want.AsOf))
	}
	if err := c.compareItems(want); err != nil {
		return err
	}
	if newest := newestUpdate(c.items); !c.updated.IsZero() && c.updated.Before(newest) {
		return fmt.Errorf("updated is %s, before that of its newest item, %s", stamp(c.updated), stamp(newest))
	}
	return nil
}

func (c contents) compareItems(want Want) error {
	seen := make(map[string]int, len(c.items))
	for i, it := range c.items {
		if first, ok := seen[it.ID]; ok {
			return fmt.Errorf("item %d (%s): id is also that of item %d", i+1, it.ID, first)
		}
		seen[it.ID] = i + 1
	}
	wanted := newestFirst(want.Items)
	for i, it := range c.items {
		if i >= len(wanted) {
			return fmt.Errorf("item %d (%s): it was not to be there; %d items were", i+1, it.ID, len(wanted))
		}
		if err := it.compare(wanted[i], want.AsOf); err != nil {
			return fmt.Errorf("item %d (%s): %w", i+1, wanted[i].ID, err)
		}
	}
	if missing := wanted[len(c.items):]; len(missing) > 0 && (want.MaxSize == 0 || len(c.items) == 0) {
		return fmt.Errorf("item %d (%s): it is missing", len(c.items)+1, missing[0].ID)
	}
	return nil
}

func (it Item) compare(want Item, asOf time.Time) error {
	return cmp.Or(
		equal("id", it.ID, want.ID),
		equal("title", it.Title, want.Title),
		equal("link", it.Link, want.Link),
		sameTime("published", it.Published, want.Published, asOf),
		sameTime("updated", it.Updated, want.Updated, asOf),
	)
}

func equal(field, got, want string) error {
	switch {
	case strings.TrimSpace(got) == "":
		return fmt.Errorf("%s is empty", field)
	case got != want:
		return fmt.Errorf("%s is %q, not %q", field, got, want)
	}
	return nil
}

func sameTime(field string, got, want, asOf time.Time) error {
	switch {
	case !got.Equal(seconds(want)):
		return fmt.Errorf("%s is %s, not %s", field, stamp(got), stamp(want))
	case got.After(asOf):
		return fmt.Errorf("%s is %s, later than %s", field, stamp(got), stamp(asOf))
	}
	return nil
}

func newestFirst(items []Item) []Item {
	return slices.SortedFunc(slices.Values(items), func(a, b Item) int {
		return cmp.Or(seconds(b.Published).Compare(seconds(a.Published)), strings.Compare(a.ID, b.ID))
	})
}

func newestUpdate(items []Item) time.Time {
	var newest time.Time
	for _, it := range items {
		if it.Updated.After(newest) {
			newest = it.Updated
		}
	}
	return newest
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// characters allows, in every format, those of XML 1.0 (section 2.2) without the C1 controls and without U+FFFD, which
// stands where an encoder met something it could not write.
func characters(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("it is not valid UTF-8")
	}
	for i, r := range s {
		switch {
		case r == '\t', r == '\n', r == '\r':
		case r < ' ', r >= 0x7F && r <= 0x9F, r == utf8.RuneError, r == 0xFFFE, r == 0xFFFF:
			return fmt.Errorf("it holds the forbidden character U+%04X at byte %d", r, i)
		}
	}
	return nil
}
