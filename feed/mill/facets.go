package mill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/render"
	"feedmill/feed/store"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Facets are the tags of a feed's articles, each with documents and a page of its own. Which articles bear a tag is noted
// in the store before the feed's documents are made; the documents of a tag are made when somebody asks for them, or
// when an output that keeps documents lacks them. They are in no document of the store, for there may be very many.

const (
	mostTags   = 50      // of one article that count
	longestTag = 100     // in characters; a longer one is a sentence
	tagsAtOnce = 2000    // articles whose tags are noted in one transaction
	mostFacet  = 1000    // articles of one tag that are shown, however many the feed shows
	facetSize  = 4 << 20 // of one document of a tag, in bytes
	facetsHeld = 16 << 20
	tagsNamed  = 40 // of a feed on its page
)

// noteTags brings what is noted of tags up to date with the articles. dressed: the documents of all tags are to be made
// anew.
func (r *refresh) noteTags(ctx context.Context, dressed bool) error {
	f := r.state
	switch {
	case !r.feed.Channel.Facets && f.Faceted == 0:
		return nil
	case !r.feed.Channel.Facets:
		f.Release, f.Faceted = f.Release+1, 0
		if err := r.library.DropTags(ctx, f); err != nil {
			return err
		}
	case f.Faceted == f.Revision && !dressed:
		return nil
	default:
		positions, err := r.library.Retagged(ctx, f.Serial, f.Faceted)
		if err != nil {
			return err
		}
		if len(positions) > 0 || dressed {
			f.Release++
		}
		f.Faceted = f.Revision
		if err := r.noteTagsOf(ctx, f, positions); err != nil {
			return err
		}
		if dressed {
			if err := r.library.RenewFacets(ctx, f, latest(r.at, f.AsOf)); err != nil {
				return err
			}
		}
	}
	r.state = f
	return nil
}

func (r *refresh) noteTagsOf(ctx context.Context, f store.Feed, positions []int64) error {
	for done := false; !done; {
		n := min(len(positions), tagsAtOnce)
		articles, err := r.library.Tags(ctx, f.Serial, positions[:n])
		if err != nil {
			return err
		}
		for i := range articles {
			articles[i].Tags = tagsOf(articles[i].Words)
		}
		positions = positions[n:]
		done = len(positions) == 0
		if err := r.library.NoteTags(ctx, f, latest(r.at, f.AsOf), articles, done); err != nil {
			return err
		}
	}
	return nil
}

// tagsOf are an article's tags that count, each once.
func tagsOf(words []string) (tags []store.Tag) {
	for _, word := range words {
		name := strings.TrimLeft(clean.Line(word), "# ")
		folded := fold(name)
		known := slices.ContainsFunc(tags, func(t store.Tag) bool { return t.Folded == folded })
		if folded == "" || known || len([]rune(name)) > longestTag || len(tags) == mostTags {
			continue
		}
		tags = append(tags, store.Tag{Folded: folded, Name: name, Slug: tagSlug(folded)})
	}
	return tags
}

// fold is the same for all ways to write a tag. Of #Ukraine the caller has taken the # away.
func fold(name string) string {
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(name)))
}

// spelled are the signs that tell tags apart which would have one address without them.
var spelled = strings.NewReplacer("+", " plus ", "#", " sharp ", "&", " and ", "@", " at ", "%", " percent ", "*", " star ", "=", " equals ", "$", " dollar ")

// longestSlug in bytes leaves room for an ending in the name of a file.
const longestSlug = 200

// tagSlug is the address that a tag gets if no other one has it: letters and digits of every script, and the names of
// signs that matter.
func tagSlug(folded string) string {
	text := folded
	if rest, ok := strings.CutPrefix(folded, "."); ok {
		text = "dot " + rest
	}
	slug := clean.Slug(spelled.Replace(text))
	for len(slug) > longestSlug {
		runes := []rune(slug)
		slug = strings.TrimRight(string(runes[:len(runes)-1]), "-")
	}
	if slug != "" {
		return slug
	}
	for _, c := range folded { // pictures, and other signs that have no name here
		if unicode.IsGraphic(c) && !unicode.IsSpace(c) && len(slug) < 50 {
			slug += fmt.Sprintf("-%x", c)
		}
	}
	return "u" + slug
}

// facetChannel is what the documents of a tag say about themselves.
func facetChannel(f *Feed, uid string, facet store.Facet) render.Channel {
	c := f.Channel.OfFacet(render.Facet{Name: facet.Name, Slug: facet.Slug}, opaque("tag", uid, facet.Slug))
	if c.MaxSize == 0 || c.MaxSize > facetSize {
		c.MaxSize = facetSize
	}
	return c
}

// Facet makes a document of one tag of the feed, by its path: FEED/tag/SLUG.FORMAT, or its page without a format. The error
// is [fs.ErrNotExist] when there is no such tag, and of class Gone when the feed is over. When the theme fails at the page,
// what is wrong with the theme comes beside the page without it.
func (m *Mill) Facet(ctx context.Context, f *Feed, path string) (feed.Document, error) {
	missing := fmt.Errorf("tag %s: %w", path, fs.ErrNotExist)
	if f.Over(m.now()) {
		return feed.Document{}, feed.Classify(feed.Gone, fmt.Errorf("tag %s: feed %s has ended", path, f.Name))
	}
	name, below := strings.CutPrefix(path, f.Name+"/tag/")
	if !below || !f.Channel.Facets {
		return feed.Document{}, missing
	}
	slug, ending, dotted := strings.Cut(strings.TrimSuffix(name, "/"), ".")
	r, err := m.begin(ctx, f)
	if err != nil {
		return feed.Document{}, err
	}
	facet, err := r.library.Facet(ctx, r.state.Serial, slug)
	if err != nil {
		return feed.Document{}, err
	}
	if facet == nil || facet.Articles == 0 {
		return feed.Document{}, missing
	}
	c := facetChannel(f, r.state.UID, *facet)
	wanted := c.Page()
	if dotted {
		wanted = c.Path(render.Format(ending))
		if !slices.Contains(c.Formats, render.Format(ending)) {
			return feed.Document{}, missing
		}
		c.Formats = []render.Format{render.Format(ending)}
	} else {
		c.Formats = nil
	}
	made, err := r.facet(ctx, c, *facet, !dotted)
	for _, d := range made {
		if d.Path == wanted {
			return d, err
		}
	}
	return feed.Document{}, errors.Join(err, missing)
}

// facet makes the documents of a tag in the channel's formats, and its page. When the theme fails at the page, what is wrong
// with the theme comes beside them, and the page is made without it.
func (r *refresh) facet(ctx context.Context, c render.Channel, facet store.Facet, page bool) ([]feed.Document, error) {
	s := render.Snapshot{Channel: c, AsOf: r.state.AsOf, Page: page}
	var err error
	if s.Items, err = r.bearing(ctx, facet); err != nil {
		return nil, err
	}
	if page {
		if err := r.linkTags(ctx, s.Items); err != nil {
			return nil, err
		}
		// It announces all formats, not only those that are made.
		s.Channel.Formats = facetChannel(r.feed, r.state.UID, facet).Formats
	}
	press := render.Press{Check: func(d feed.Document, items []render.Item) error { return inspect(s, d, items) }}
	made, err := press.Documents(s, nil)
	fault := render.Fault(err)
	if fault != nil {
		s.Channel.Theme = nil
		made, err = press.Documents(s, nil)
	}
	if err != nil {
		return nil, feed.Classify(feed.Internal, fmt.Errorf("render tag %s of feed %s: %w", facet.Slug, r.feed.Name, err))
	}
	var documents []feed.Document
	for _, d := range made {
		d.Modified = facet.Changed
		documents = append(documents, d.Document)
	}
	return documents, fault
}

// bearing are the newest articles that bear a tag, as many as the feed shows.
func (r *refresh) bearing(ctx context.Context, facet store.Facet) (items []render.Item, err error) {
	n := min(r.feed.Limit.usual(), mostFacet)
	for looked, before := 0, int64(0); looked < n*lookback; {
		rows, err := r.library.Bearing(ctx, r.state.Serial, facet, before, n)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			it := r.item(row)
			if r.refuses(it) || it.Updated.After(r.state.AsOf) {
				continue
			}
			if items = append(items, it); len(items) == n {
				return items, nil
			}
		}
		if len(rows) < n {
			break
		}
		looked, before = looked+len(rows), rows[len(rows)-1].Number
	}
	return items, nil
}

// refuses reports whether the feed's profile keeps the article out, as it was on the day of its publication: no age takes
// anything out of archives and facets.
func (r *refresh) refuses(it render.Item) bool {
	if r.feed.Profile == "" {
		return false
	}
	c := choice{refresh: r, Edition: Edition{Channel: r.feed.Channel}}
	return r.feed.Profile.Article(c.asShown(it.Article), it.Published) != ""
}

// namedFacets are the tags that the feed's page names: those with the most articles, in the order of their names.
func (r *refresh) namedFacets(ctx context.Context) (named []render.Facet, err error) {
	if !r.feed.Channel.Facets {
		return nil, nil
	}
	largest, err := r.library.LargestFacets(ctx, r.state.Serial, tagsNamed)
	for _, f := range largest {
		named = append(named, render.Facet{Name: f.Name, Slug: f.Slug})
	}
	slices.SortFunc(named, func(a, b render.Facet) int { return strings.Compare(a.Slug, b.Slug) })
	return named, err
}

// withFacets is an article with the addresses of its tags, for its page.
func (m *Mill) withFacets(ctx context.Context, f *Feed, serial int64, it render.Item) (render.Item, error) {
	if !f.Channel.Facets {
		return it, nil
	}
	it.Facets = map[string]string{}
	for _, tag := range tagsOf(it.Tags) {
		facet, err := m.library.FacetOf(ctx, serial, tag.Folded)
		if err != nil {
			return it, err
		}
		if facet == nil {
			continue
		}
		for _, word := range it.Tags {
			if fold(strings.TrimLeft(clean.Line(word), "# ")) == tag.Folded {
				it.Facets[clean.Line(word)] = facet.Slug
			}
		}
	}
	return it, nil
}

// linkTags gives articles of a page the addresses of their tags.
func (r *refresh) linkTags(ctx context.Context, items []render.Item) (err error) {
	for i := range items {
		if items[i], err = r.withFacets(ctx, r.feed, r.state.Serial, items[i]); err != nil {
			return err
		}
	}
	return nil
}

// handFacets gives an output the documents of the tags that changed after the release that it received, and takes away
// those that are no more, some at once.
func (r *refresh) handFacets(ctx context.Context, out Output, old former, received int64) error {
	facets, err := r.library.ChangedFacets(ctx, r.state.Serial, received)
	if err != nil {
		return err
	}
	release, held := feed.Release{Feed: r.feed.Name, Revision: r.state.Release}, int64(0)
	hand := func() error {
		if len(release.Documents)+len(release.Removed) == 0 {
			return nil
		}
		if err := out.Publish(ctx, r.copyTo(release, old, received == 0)); err != nil {
			return &OutputError{out.Name, err}
		}
		release.Documents, release.Removed, held = nil, nil, 0
		return nil
	}
	var fault error
	for _, facet := range facets {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := facetChannel(r.feed, r.state.UID, facet)
		var made []feed.Document
		if r.feed.Channel.Facets && facet.Articles > 0 && out.takes("") {
			if made, err = r.facet(ctx, c, facet, true); err != nil && render.Fault(err) == nil {
				return err
			}
			fault = cmp.Or(fault, err)
		}
		release.Documents = append(release.Documents, made...)
		for _, path := range facetPaths(c) {
			if !slices.ContainsFunc(made, func(d feed.Document) bool { return d.Path == path }) {
				release.Removed = append(release.Removed, path)
			}
		}
		for _, d := range made {
			held += d.Size
		}
		if held > facetsHeld {
			if err := hand(); err != nil {
				return err
			}
		}
	}
	return errors.Join(hand(), fault)
}

// facetPaths are all addresses that a tag's documents may have or have had.
func facetPaths(c render.Channel) []string {
	paths := []string{c.Page()}
	for _, f := range []render.Format{render.RSS, render.Atom, render.JSON} {
		paths = append(paths, c.Path(f))
	}
	return paths
}

// allFacetPaths are those of every tag that the feed ever had.
func (r *refresh) allFacetPaths(ctx context.Context) (paths []string, err error) {
	facets, err := r.library.ChangedFacets(ctx, r.state.Serial, -1)
	for _, facet := range facets {
		paths = append(paths, facetPaths(facetChannel(r.feed, r.state.UID, facet))...)
	}
	return paths, err
}
