package readable

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"

	"feedmill/feed/markup"
)

// linked is a thing that a page describes in JSON-LD (schema.org), nil when it describes none.
type linked map[string]any

// maxLinked bounds how deep JSON-LD is looked into for an article.
const maxLinked = 9

// linkedArticle finds the article that a page describes in JSON-LD, and reports whether some of the page's JSON-LD could
// not be read.
func linkedArticle(p *markup.Page) (article linked, broken bool) {
	scripts := 0
	for n := range p.Root.Descendants() {
		if n.DataAtom == atom.Script && strings.EqualFold(strings.TrimSpace(attr(n, "type")), "application/ld+json") {
			scripts++
		}
	}
	if scripts == 0 {
		return nil, false
	}
	documents := p.Linked()
	return findArticle(documents, maxLinked), len(documents) < scripts
}

// findArticle looks for an article in a value, in its lists, and in the places where pages keep it.
func findArticle(x any, depth int) linked {
	if depth == 0 {
		return nil
	}
	switch x := x.(type) {
	case []any:
		for _, e := range x {
			if a := findArticle(e, depth-1); a != nil {
				return a
			}
		}
	case map[string]any:
		l := linked(x)
		if slices.ContainsFunc(many(l.first("@type")), func(t any) bool { return isArticleType(words(t)) }) {
			return l
		}
		for _, place := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
			if a := findArticle(l[place], depth-1); a != nil {
				return a
			}
		}
	}
	return nil
}

// isArticleType knows schema.org's articles by how their types end: NewsArticle, BlogPosting, Report.
func isArticleType(t string) bool {
	return t != "JobPosting" && (strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "Posting") || strings.HasSuffix(t, "Report"))
}

// first returns what stands behind the first of the names that says something.
func (l linked) first(names ...string) any {
	for _, name := range names {
		switch v := l[name].(type) {
		case nil:
		case string:
			if strings.TrimSpace(v) != "" {
				return v
			}
		default:
			return v
		}
	}
	return nil
}

// words returns what stands behind the first of the names as text, "" when that is no single value.
func (l linked) words(names ...string) string { return words(l.first(names...)) }

// within returns the thing that stands behind a name, nil when none does.
func (l linked) within(name string) linked {
	inner, _ := l[name].(map[string]any)
	return inner
}

// words is a single value as text.
func words(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number, bool:
		return fmt.Sprint(v)
	}
	return ""
}

// many returns the elements of a list, or the value itself when it is a single one.
func many(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}
