package render

import (
	"time"

	"feedmill/feed"
)

// Site is what belongs to no feed of its own: the index and the list of all feeds.
type Site struct {
	Base  string // its address without a trailing slash
	Theme *Theme // nil: ours
	Feeds []Entry
}

// Entry is a feed of a site.
type Entry struct {
	Channel Channel
	Newest  *Item // nil: it has no article yet
}

// Index makes the page at the site's base address: the list of its feeds in the given order, with the path "". Its
// Modified is that of the newest articles.
func (s Site) Index() (feed.Document, error) {
	p := page{
		Title: siteName(s.Base), Canonical: s.Base + "/", Language: "en", Direction: "ltr", Home: s.Base + "/", OPML: s.Base + "/" + opmlPath,
		Description: "News feeds to read in a feed reader",
	}
	for _, f := range s.Feeds {
		c := newChannel(f.Channel)
		v := channelView{
			Title: c.Title, Description: c.Description, Page: c.page(), Language: c.Language, Direction: direction(c.Language),
			Image: c.Icon, Feeds: subscriptions(c),
		}
		if v.Image == "" {
			v.Image = c.Image
		}
		if f.Newest != nil && publishable(*f.Newest) == nil {
			v.Newest = newArticleView(c, newEntry(c, *f.Newest))
		}
		p.Index, p.Feeds = append(p.Index, v), append(p.Feeds, v.Feeds...)
	}
	return s.Theme.execute("index.html", "", p, s.newest())
}

// newest is when an article changed last; zero when there is none.
func (s Site) newest() time.Time {
	var newest time.Time
	for _, f := range s.Feeds {
		if f.Newest != nil && f.Newest.Updated.After(newest) {
			newest = f.Newest.Updated
		}
	}
	return seconds(newest)
}
