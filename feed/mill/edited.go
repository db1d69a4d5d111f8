package mill

import (
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/store"
)

// similar is the share of words that two texts have in common above which a file that was renamed and edited at once is
// taken for the same article.
const similar = 0.6

// recogniseEdited is the sixth rule of [refresh.recognise].
func (r *refresh) recogniseEdited(gone map[string]bool, taken map[*store.Article]bool) {
	var vanished *store.Article
	for _, row := range r.sortedRows() {
		if gone[row.Key] && !taken[row] {
			if vanished != nil {
				return
			}
			vanished = row
		}
	}
	if vanished == nil {
		return
	}
	var best *incoming
	bestShare, tie := 0.0, false
	for _, in := range r.incoming {
		if in.row != nil || !sameGiven(in, vanished) {
			continue
		}
		share := commonWords(in.Article, vanished.Said)
		if in.Title == vanished.Said.Title {
			share++
		}
		if share >= similar && share >= bestShare {
			best, bestShare, tie = in, share, share == bestShare
		}
	}
	if best != nil && !tie {
		best.row = vanished
	}
}

// commonWords is the share of words that the contents of two articles have in common, 0 to 1.
// An article without a content has none.
func commonWords(a, b feed.Article) float64 {
	first, second := wordsOf(a), wordsOf(b)
	if first == "" {
		return 0
	}
	return shared(first, second)
}

// shared is the share of words that two texts have in common, 0 to 1. Two without any are the same.
func shared(a, b string) float64 {
	if a == b {
		return 1
	}
	words := map[string]int{}
	first, second := strings.Fields(a), strings.Fields(b)
	for _, w := range first {
		words[w]++
	}
	common := 0
	for _, w := range second {
		if words[w] > 0 {
			words[w]--
			common++
		}
	}
	return float64(common) / float64(max(len(first), len(second), 1))
}

// wordsOf are the words of the content; those of Markdown with its marks, which are few.
func wordsOf(a feed.Article) string {
	if a.Content == "" {
		return squeeze(a.Markdown)
	}
	return squeeze(clean.PlainText(a.Content))
}
