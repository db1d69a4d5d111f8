package field

import (
	"strings"
	"time"

	"feedmill/feed"
)

// Word is what a word of an article is, as one text: names and tags are joined by ", ", of the enclosures the first is
// told by its address, dates are in the layout of package time. Empty: it is not there, or there is no such word.
func Word(a *feed.Article, word, layout string) string {
	switch word {
	case "id":
		return a.ID
	case "title":
		return a.Title
	case "link":
		return a.Link
	case "published":
		return formatted(a.Published, layout)
	case "updated":
		return formatted(a.Updated, layout)
	case "expires":
		return formatted(a.Expires, layout)
	case "author":
		names := make([]string, len(a.Authors))
		for i, person := range a.Authors {
			names[i] = person.Name
		}
		return strings.Join(names, ", ")
	case "summary":
		return a.Summary
	case "content":
		return a.Content
	case "tags":
		return strings.Join(a.Tags, ", ")
	case "image":
		return a.Image.URL
	case "caption":
		return a.Image.Caption
	case "credit":
		return a.Image.Credit
	case "language":
		return a.Language
	case "status":
		return string(a.Status)
	case "correction":
		return a.Correction
	case "audio":
		if len(a.Enclosures) > 0 {
			return a.Enclosures[0].URL
		}
	}
	return ""
}

func formatted(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}
