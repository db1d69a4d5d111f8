package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Lookup names what may recognise an article; empty fields match nothing.
type Lookup struct{ Given, Key, Link, Digest string }

// Find returns the articles of the feed that share the given id, the key or the link, and those whose origin is gone
// and that share the digest, in order of first sight.
func (s *Store) Find(ctx context.Context, serial int64, l Lookup) ([]Article, error) {
	return scanArticles(s.query(ctx, selectSimilar, serial, l.Given, l.Key, l.Link, l.Digest))
}

// findAtOnce is how many lookups are made with one statement: as many as an ordinary feed has articles.
const findAtOnce = 32

// FindAll returns what [Store.Find] does of any of the lookups, each article once, in order of first sight within some of
// them.
func (s *Store) FindAll(ctx context.Context, serial int64, lookups []Lookup) ([]Article, error) {
	var all []Article
	seen := map[int64]bool{}
	for some := range slices.Chunk(lookups, findAtOnce) {
		args := make([]any, 1+4*findAtOnce)
		args[0] = serial
		for i := range findAtOnce {
			var l Lookup // empty ones fill up
			if i < len(some) {
				l = some[i]
			}
			for field, word := range []string{l.Given, l.Key, l.Link, l.Digest} {
				args[1+field*findAtOnce+i] = word
			}
		}
		found, err := scanArticles(s.query(ctx, selectSimilarToAny, args...))
		if err != nil {
			return nil, err
		}
		for i := range found {
			if !seen[found[i].Position] {
				seen[found[i].Position] = true
				all = append(all, found[i])
			}
		}
	}
	return all, nil
}

// selectAtPositions is for findAtOnce positions.
var selectAtPositions = `SELECT ` + articleColumns + ` FROM article WHERE ` + inPositions

// selectSimilarToAny is selectSimilar for findAtOnce lookups.
var selectSimilarToAny = func() string {
	n := 1
	in := func() string {
		marks := make([]string, findAtOnce)
		for i := range marks {
			n++
			marks[i] = "$" + strconv.Itoa(n)
		}
		return " IN (" + strings.Join(marks, ", ") + ")"
	}
	return similarTo(in(), in(), in(), in())
}()

// selectSimilar is for one lookup.
var selectSimilar = similarTo(" = $2", " = $3", " = $4", " = $5")

// similarTo is the statement that finds articles by conditions on what may recognise them. Joined by OR, the conditions
// would have SQLite walk through all articles of the feed. A given id or a link that is the public id as well has no entry
// of its own in an index.
func similarTo(given, key, link, digest string) string {
	return `SELECT ` + articleColumns + ` FROM article WHERE feed_id = $1 AND position IN (
	SELECT position FROM article WHERE feed_id = $1 AND given` + given + ` AND given <> '' AND given <> id
	UNION ALL SELECT position FROM article WHERE feed_id = $1 AND id` + given + ` AND id <> '' AND given = id
	UNION ALL SELECT position FROM article WHERE feed_id = $1 AND key` + key + ` AND key <> ''
	UNION ALL SELECT position FROM article WHERE feed_id = $1 AND link` + link + ` AND link <> '' AND link <> id
	UNION ALL SELECT position FROM article WHERE feed_id = $1 AND id` + link + ` AND id <> '' AND link = id
	UNION ALL SELECT position FROM article WHERE feed_id = $1 AND digest` + digest + ` AND gone = 1)
	ORDER BY position`
}
