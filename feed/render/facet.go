package render

import "net/url"

// Facet is a tag that articles of a feed bear, which has documents and a page of its own. Its address is the feed's with
// tag/ and the slug behind it.
type Facet struct {
	Name string // the tag as people read it
	Slug string // without a slash or a dot
	Feed string // the title of the feed; of the channel of a facet
}

// path is where the facet's page lies below the site's base address.
func (f Facet) path(c Channel) string { return c.Feed + "/tag/" + f.Slug + "/" }

// OfFacet is the channel of the feed's articles with one tag: of the same articles in the same dress, at its own address. id is
// its permanent Atom id. It has no news sitemap, for the feed's has all articles, and no file names: nobody has its address
// from before.
func (c Channel) OfFacet(f Facet, id string) Channel {
	f.Feed = c.Title
	c.Facet, c.ID = &f, id
	c.Title += ": " + f.Name
	c.Link, c.Edition, c.Others, c.FileNames, c.Facets = "", "", nil, nil, false
	c.Tags = append([]string{f.Name}, c.Tags...)
	var feeds []Format
	for _, format := range c.Formats {
		if format != NewsSitemap {
			feeds = append(feeds, format)
		}
	}
	c.Formats = feeds
	return c
}

// Address is the address of what lies at a path below a site's base address.
func Address(base, path string) string { return base + "/" + (&url.URL{Path: path}).EscapedPath() }

func facetViews(c Channel, facets []Facet) []tagView {
	var views []tagView
	for _, f := range facets {
		views = append(views, tagView{f.Name, Address(c.Base, f.path(c))})
	}
	return views
}

// tagViews are an article's tags, with the pages of those that have one.
func tagViews(c Channel, tags []string, slugs map[string]string) []tagView {
	var views []tagView
	for _, tag := range tags {
		v := tagView{Name: tag}
		if slug := slugs[tag]; slug != "" {
			v.URL = Address(c.Base, Facet{Slug: slug}.path(c))
		}
		views = append(views, v)
	}
	return views
}
