package check

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"feedmill/feed"
)

const (
	newsAge  = 48 * time.Hour // how long an article may stand in a news sitemap
	newsMost = 1000           // how many may stand in one file
)

// newsLanguages are the languages as Google takes them: two or three letters, and two names for Chinese.
var newsLanguages = regexp.MustCompile(`^([a-z]{2,3}|zh-cn|zh-tw)$`)

// News checks a file of a news sitemap: it is well-formed, says everything that
// https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap demands, and holds exactly the wanted
// items, newest first, none of them older than two days. The publication's name is want.Title; ids and want.Self stand in
// no sitemap. The error is as that of [Document].
func News(d feed.Document, want Want) error {
	if err := news(d, want); err != nil {
		return feed.Classify(feed.Internal, fmt.Errorf("check %s: %w", d.Path, err))
	}
	return nil
}

func news(d feed.Document, want Want) error {
	root, err := sitemap(d, "urlset")
	if err != nil {
		return err
	}
	urls, wanted := root.all(nsSitemap, "url"), newestFirst(want.Items)
	if len(urls) > newsMost {
		return fmt.Errorf("it has %d addresses, more than %d", len(urls), newsMost)
	}
	if len(urls) != len(wanted) || len(urls) != len(root.children) {
		return fmt.Errorf("it has %d addresses, not %d", len(urls), len(wanted))
	}
	for i, u := range urls {
		if err := newsItem(u, want.Title, wanted[i], want.AsOf); err != nil {
			return fmt.Errorf("address %d (%s): %w", i+1, wanted[i].Link, err)
		}
	}
	return nil
}

func newsItem(u *element, name string, want Item, asOf time.Time) error {
	link, err := u.required(nsSitemap, "loc")
	if err != nil {
		return err
	}
	about, err := u.one(nsNews, "news")
	if err != nil {
		return err
	}
	publication, err := about.one(nsNews, "publication")
	if err != nil {
		return err
	}
	var texts [4]string
	for i, from := range []struct {
		in   *element
		name string
	}{{publication, "name"}, {publication, "language"}, {about, "publication_date"}, {about, "title"}} {
		if texts[i], err = from.in.required(nsNews, from.name); err != nil {
			return err
		}
	}
	published, err := time.Parse(time.RFC3339, texts[2])
	switch {
	case err != nil:
		return fmt.Errorf("publication_date cannot be read: %w", err)
	case !newsLanguages.MatchString(texts[1]):
		return fmt.Errorf("language is %q, which is none of two or three letters", texts[1])
	case !published.After(asOf.Add(-newsAge)):
		return fmt.Errorf("publication_date is %s, two days or more before %s", stamp(published), stamp(asOf))
	}
	return errors.Join(
		equal("address", link, want.Link), equal("name", texts[0], name), equal("title", texts[3], want.Title),
		sameTime("publication_date", published, want.Published, asOf),
	)
}

// SitemapIndex checks that an index of sitemaps is well-formed and names exactly the wanted addresses, in order. The error
// is as that of [Document].
func SitemapIndex(d feed.Document, addresses []string) error {
	if err := sitemapIndex(d, addresses); err != nil {
		return feed.Classify(feed.Internal, fmt.Errorf("check %s: %w", d.Path, err))
	}
	return nil
}

func sitemapIndex(d feed.Document, addresses []string) error {
	root, err := sitemap(d, "sitemapindex")
	if err != nil {
		return err
	}
	var found []string
	for _, s := range root.all(nsSitemap, "sitemap") {
		address, err := s.required(nsSitemap, "loc")
		if err != nil {
			return err
		}
		if modified, err := s.required(nsSitemap, "lastmod"); err != nil {
			return err
		} else if _, err := time.Parse(time.RFC3339, modified); err != nil {
			return fmt.Errorf("lastmod of %s cannot be read: %w", address, err)
		}
		found = append(found, address)
	}
	if !slices.Equal(found, addresses) {
		return fmt.Errorf("it names %q, not %q", found, addresses)
	}
	return nil
}

func sitemap(d feed.Document, name string) (*element, error) {
	body, err := text(d)
	if err != nil {
		return nil, err
	}
	root, err := parseXML(body, inSitemaps)
	if err != nil {
		return nil, err
	}
	if root.name.Space != nsSitemap || root.name.Local != name {
		return nil, fmt.Errorf("it is no %s", name)
	}
	return root, nil
}

// one returns the child with the name, which must be there once.
func (e *element) one(space, local string) (*element, error) {
	found := e.all(space, local)
	if len(found) != 1 {
		return nil, fmt.Errorf("%s stands %d times, not once", local, len(found))
	}
	return found[0], nil
}
