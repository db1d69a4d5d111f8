package upstream

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/parse"
)

// giveKeys gives a key to each article that has no id and no link that would tell it from the others: a link that is
// missing, that several articles share or that is the web site itself.
func giveKeys(document parse.Feed) {
	shared := make(map[string]int, len(document.Articles))
	for _, a := range document.Articles {
		shared[a.Link]++
	}
	for i := range document.Articles {
		a := &document.Articles[i]
		if a.ID == "" && (a.Link == "" || a.Link == document.Link || shared[a.Link] > 1) {
			a.Key = keyOf(a)
		}
	}
}

// keyOf makes the key of an article of its title and date; if it lacks one of them, of all its text and
// enclosures: two articles with one title must not become one.
func keyOf(a *feed.Article) string {
	words := []string{a.Title, a.Content, a.Summary}
	if a.Title != "" && !a.Published.IsZero() {
		words = []string{a.Title, a.Published.UTC().Format(time.RFC3339)}
	} else {
		for _, e := range a.Enclosures {
			words = append(words, e.URL)
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return "~" + base64.RawURLEncoding.EncodeToString(sum[:15])
}
