package mill

import (
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// place is what a link leads to, by which articles are recognised: a site that goes over to https, to addresses with or
// without a slash at their end, or with parameters of trackers, has the same articles.
func place(link string) string {
	if strings.ContainsAny(link, "?#") {
		if bare, err := clean.Link(link, ""); err == nil {
			link = bare
		}
	}
	if rest, plain := strings.CutPrefix(link, "http://"); plain {
		link = "https://" + rest
	}
	path, after := cutPath(link)
	return strings.TrimSuffix(path, "/") + after
}

// formsOf are the other links that lead to the same place.
func formsOf(link string) []string {
	here := place(link)
	if !strings.HasPrefix(here, "https://") {
		return nil
	}
	path, after := cutPath(here)
	var forms []string
	for _, form := range []string{here, path + "/" + after} {
		for _, form := range []string{form, "http://" + strings.TrimPrefix(form, "https://")} {
			if form != link {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// cutPath splits a link before its query or fragment.
func cutPath(link string) (path, after string) {
	if i := strings.IndexAny(link, "?#"); i >= 0 {
		return link[:i], link[i:]
	}
	return link, ""
}

// site is the scheme and host of a link, empty when it has none; path is the rest of the place that it leads to.
func site(link string) (site, path string) {
	scheme, rest, whole := strings.Cut(link, "://")
	if !whole {
		return "", ""
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return link, ""
	}
	site = scheme + "://" + rest[:end]
	_, path, _ = strings.Cut(place(link), rest[:end])
	return site, path
}

// hasMovedOnly reports that an article says what it said before at the same path of another site: that is no news to its
// readers.
func hasMovedOnly(now, before feed.Article) bool {
	here, path := site(now.Link)
	there, old := site(before.Link)
	if path != old || now.Link == before.Link {
		return false
	}
	back := func(s string) string { return strings.ReplaceAll(s, here, there) }
	if here == there {
		back = func(s string) string { return s }
	}
	now.Link, now.Content, now.Summary, now.Markdown = before.Link, back(now.Content), back(now.Summary), back(now.Markdown)
	now.Enclosures = slices.Clone(now.Enclosures)
	for i := range now.Enclosures {
		now.Enclosures[i].URL = back(now.Enclosures[i].URL)
	}
	return materialOf(now) == materialOf(before)
}
