package listing

import (
	"context"
	"fmt"
	"strings"

	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// entry is an article that a page names in JSON-LD.
type entry struct{ url, title string }

// linked are the articles that a page names in JSON-LD (https://schema.org/ItemList and the kinds of Article), without the
// page itself: the longest list of them, or the articles that stand for themselves.
func linked(page *markup.Page) []entry {
	w := &ldWalk{page: page, seen: map[string]bool{}}
	for _, document := range page.Linked() {
		w.walk(document, 0)
	}
	if len(w.list) > len(w.loose) {
		return w.list
	}
	return w.loose
}

// ldWalk collects what JSON-LD says of articles.
type ldWalk struct {
	page        *markup.Page
	list, loose []entry
	seen        map[string]bool
}

// deepestJSON bounds how deep JSON-LD is read.
const deepestJSON = 12

func (w *ldWalk) walk(v any, depth int) {
	if depth > deepestJSON {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			w.walk(one, depth+1)
		}
	case map[string]any:
		switch kind := kindOf(v); {
		case kind == "ItemList":
			w.items(v["itemListElement"])
			return
		case kind == "BreadcrumbList" || kind == "Product":
			return
		case isArticleKind(kind):
			if e, ok := w.entry(v); ok && !w.seen[e.url] {
				w.seen[e.url] = true
				w.loose = append(w.loose, e)
			}
		}
		for _, word := range []string{"@graph", "blogPost", "blogPosts", "hasPart", "mainEntity", "itemListElement", "dataFeedElement", "item"} {
			if below, ok := v[word]; ok {
				w.walk(below, depth+1)
			}
		}
	}
}

// items takes a list if it is longer than the ones before.
func (w *ldWalk) items(v any) {
	elements, _ := v.([]any)
	var list []entry
	for _, element := range elements {
		o, _ := element.(map[string]any)
		if item, ok := o["item"].(map[string]any); ok {
			o = item
		} else if item, ok := o["item"].(string); ok {
			o = map[string]any{"url": item, "name": o["name"]}
		}
		if e, ok := w.entry(o); ok {
			list = append(list, e)
		}
	}
	if len(list) > len(w.list) {
		w.list = list
	}
}

func (w *ldWalk) entry(o map[string]any) (entry, bool) {
	var e entry
	for _, word := range []string{"url", "mainEntityOfPage", "@id"} {
		switch v := o[word].(type) {
		case string:
			e.url = v
		case map[string]any:
			e.url, _ = v["@id"].(string)
		}
		if e.url != "" {
			break
		}
	}
	for _, word := range []string{"headline", "name"} {
		if e.title, _ = o[word].(string); e.title != "" {
			break
		}
	}
	address, err := clean.URL(e.url, w.page.Base)
	if err != nil || e.url == "" || strings.HasPrefix(e.url, "#") || sameAddress(address, w.page.URL) {
		return entry{}, false
	}
	e.url, e.title = address, clean.Title(e.title)
	return e, true
}

// kindOf is the type of a JSON-LD object, the first of several, without its vocabulary.
func kindOf(o map[string]any) string {
	kind, _ := o["@type"].(string)
	if several, ok := o["@type"].([]any); ok && len(several) > 0 {
		kind, _ = several[0].(string)
	}
	return kind[strings.LastIndexAny(kind, "/:")+1:]
}

func isArticleKind(kind string) bool {
	return strings.HasSuffix(kind, "Article") || strings.HasSuffix(kind, "BlogPosting") || kind == "SocialMediaPosting" || kind == "Report"
}

// sameAddress compares addresses without what does not matter on most sites.
func sameAddress(a, b string) bool { return bareAddress(a) == bareAddress(b) }

func bareAddress(a string) string {
	a, _, _ = strings.Cut(a, "#")
	a = strings.TrimSuffix(a, "/")
	for _, scheme := range []string{"https://", "http://"} {
		a = strings.TrimPrefix(a, scheme)
	}
	return strings.TrimPrefix(a, "www.")
}

// fewestNamed is how many articles JSON-LD must name to be the list of a page; sites name their newest one or two anyway.
const fewestNamed = 3

// confirm makes a group the list of the page when it is what JSON-LD names.
func (s *survey) confirm(g *cluster, named []entry) {
	if len(named) < fewestNamed {
		return
	}
	is := make(map[string]bool, len(named))
	for _, e := range named {
		is[bareAddress(e.url)] = true
	}
	both := 0
	for _, l := range g.leads {
		both += int(one(is[bareAddress(l.href)]))
	}
	if 10*both >= 7*len(named) && 10*both >= 7*len(g.leads) {
		g.score *= 1.5
		g.way = ByJSON
	}
}

// The selectors for articles that stand in JSON-LD alone.
const (
	jsonItems = `json:[.. | objects | select(.itemListElement? and (.["@type"] == "ItemList")) | .itemListElement[] | (.item? | objects) // .] + ` +
		`[.. | objects | select((.["@type"] | tostring) | test("Article|BlogPosting"))] | unique_by(.url // .["@id"]) | .[]`
	jsonTitle     = `json:.headline // .name`
	jsonLink      = `json:.url // (.mainEntityOfPage | objects | .["@id"]) // .["@id"]`
	jsonPublished = `json:.datePublished // .dateCreated`
	jsonSummary   = `json:.description`
	jsonImage     = `json:.image // .thumbnailUrl`
	jsonAuthor    = `json:.author`
)

// inJSON reads the articles of a page that stand in its JSON-LD and nowhere else.
func inJSON(ctx context.Context, page *markup.Page, env field.Env) (Finding, bool) {
	if len(linked(page)) < fewestNamed {
		return Finding{}, false
	}
	f := Finding{Way: ByJSON}
	if f.Items.UnmarshalText([]byte(jsonItems)) != nil {
		return Finding{}, false
	}
	for _, word := range [][2]string{
		{"title", jsonTitle}, {"link", jsonLink}, {"published", jsonPublished}, {"summary", jsonSummary}, {"image", jsonImage}, {"author", jsonAuthor},
	} {
		var r field.Rule[markup.Selector]
		if r.Select.UnmarshalText([]byte(word[1])) != nil {
			return Finding{}, false
		}
		set(&f.Fields, word[0], field.Rules[markup.Selector]{r})
	}
	if !f.take(ctx, page, env) {
		return Finding{}, false
	}
	titled := 0
	for _, a := range f.Articles {
		titled += int(one(a.Title != "" && a.Link != ""))
	}
	f.Told = []string{fmt.Sprintf("%d articles were found in the page's JSON-LD, where it lists them for search engines; what it shows says less", len(f.Articles))}
	return f, titled >= fewestNamed
}
