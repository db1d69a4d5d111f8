package mill

import (
	"fmt"
	"slices"
	"strings"

	"feedmill/feed/check"
	"feedmill/feed/filter"
	"feedmill/feed/render"
)

// Edition is another dress of a feed: the same articles and ids in documents of their own. Its channel names the feed and
// the edition. All of it goes into the digest of the settings that documents are made with.
type Edition struct {
	Channel render.Channel // ID is left empty: it follows from the feed's
	Limit   Limit
	// Filters choose and mend articles as this edition shows them, each time its documents are made. They look at each
	// article by itself.
	Filters filter.Chain
	// Profile leaves out the articles that an aggregator would refuse.
	Profile check.Profile
}

// LeftOut is an article that the profile of an edition refuses. The feed's other documents show it.
type LeftOut struct {
	Edition string // its address below the site's: world/msn
	Article string // the title
	Why     string
}

// String returns a line of a report: world/msn leaves out “Title”: why.
func (l LeftOut) String() string {
	return fmt.Sprintf("%s leaves out “%s”: %s", l.Edition, l.Article, l.Why)
}

// judges reports whether the edition shows other articles than the newest ones.
func (e Edition) judges() bool { return e.Profile != "" || !e.Filters.Empty() }

// editions are the feed itself and its other dresses.
func (f *Feed) editions() []Edition {
	return append([]Edition{{Channel: f.Channel, Limit: f.Limit, Profile: f.Profile}}, f.Editions...)
}

// mostShown is about how many articles one of the feed's documents may hold.
func (f *Feed) mostShown() int {
	most := 0
	for _, e := range f.editions() {
		most = max(most, e.Limit.usual())
	}
	return most
}

// editionOf is the edition whose document lies at a path of the feed; "" for the feed's own documents and its pages.
func (f *Feed) editionOf(path string) string {
	name, found := strings.CutPrefix(path, f.Name+"/")
	for _, own := range f.Channel.FileNames {
		if own == name {
			return ""
		}
	}
	folder, _, deeper := strings.Cut(name, "/")
	edition, _, dotted := strings.Cut(name, ".")
	switch {
	case !found, deeper && slices.Contains(ownFolders[:], folder):
		return ""
	case deeper: // a document with a name of its own
		return folder
	case !dotted:
		return ""
	}
	return edition
}

// ownFolders are below a feed's address and hold no edition.
var ownFolders = [...]string{"a", "archive", "tag"}
