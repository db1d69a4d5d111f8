package files

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// linkedData finds the article that a page describes in JSON-LD (schema.org), and reports whether some of the page's
// JSON-LD could not be read.
func linkedData(doc *goquery.Document) (article value, broken bool) {
	for _, e := range doc.Find(`script[type="application/ld+json" i]`).EachIter() {
		var x any
		if err := json.Unmarshal([]byte(uncomment(e.Text())), &x); err != nil {
			broken = true
			continue
		}
		if v, ok := findArticle(linkedValue(x, maxLinked), maxLinked); ok && article.kind == nothing {
			article = v
		}
	}
	return article, broken
}

// maxLinked bounds how deep JSON-LD is looked into.
const maxLinked = 8

// uncomment takes off what some systems wrap scripts in.
func uncomment(s string) string {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<!--"), "-->")
	s = strings.TrimPrefix(strings.TrimSpace(s), "//<![CDATA[")
	return strings.TrimSuffix(strings.TrimSpace(s), "//]]>")
}

func linkedValue(x any, depth int) value {
	if depth == 0 {
		return value{}
	}
	switch x := x.(type) {
	case string:
		return textValue(0, x)
	case []any:
		v := value{kind: list}
		for _, e := range x {
			v.items = append(v.items, linkedValue(e, depth-1))
		}
		return v
	case map[string]any:
		v := value{kind: table}
		for word, e := range x {
			v.pairs = append(v.pairs, pair{word, linkedValue(e, depth-1)})
		}
		slices.SortFunc(v.pairs, func(a, b pair) int { return strings.Compare(a.word, b.word) })
		return v
	case nil:
		return value{}
	}
	return textValue(0, fmt.Sprint(x))
}

// findArticle looks for an article in a value, in its lists, and in the places where pages keep it.
func findArticle(v value, depth int) (value, bool) {
	if depth == 0 {
		return value{}, false
	}
	if v.kind == table {
		if slices.ContainsFunc(v.first("@type").oneOrMany(), func(t value) bool { return isArticleType(t.text) }) {
			return v, true
		}
		v = value{kind: list, items: []value{v.first("@graph"), v.first("mainEntity"), v.first("mainEntityOfPage")}}
	}
	if v.kind != list {
		return value{}, false
	}
	for _, e := range v.items {
		if a, ok := findArticle(e, depth-1); ok {
			return a, true
		}
	}
	return value{}, false
}

// isArticleType knows schema.org's articles by how their types end: NewsArticle, BlogPosting, Report.
func isArticleType(t string) bool {
	return t != "JobPosting" && (strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "Posting") || strings.HasSuffix(t, "Report"))
}
