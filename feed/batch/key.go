package batch

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"feedmill/feed"
)

// GiveKeys gives a key to each article that has no id and no link that would tell it from the others: a link that is
// missing, that several articles share or that is home, the address of all of them.
func GiveKeys(articles []feed.Article, home string) {
	shared := make(map[string]int, len(articles))
	for i := range articles {
		shared[articles[i].Link]++
	}
	for i := range articles {
		a := &articles[i]
		if a.ID == "" && (a.Link == "" || a.Link == home || shared[a.Link] > 1) {
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
