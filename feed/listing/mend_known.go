package listing

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// Known is what is remembered of the articles that selectors found on a page, so that they are found again when the page
// has changed and the selectors find them no more. The zero value knows nothing. It is bounded: the newest articles, and of
// long texts no more than a hash.
type Known struct {
	// Listed is how many articles the page had when it was last read well.
	Listed int `json:"listed"`
	// Shape is where on the page they were: the elements above and of an item, with their classes. Aside says that this
	// was a box beside the main text.
	Shape string `json:"shape,omitempty"`
	Aside bool   `json:"aside,omitempty"`
	// Articles are those of the last page in its order, then older ones.
	Articles []KnownArticle `json:"articles"`
	// Others are hashes of where the other links of the page led: what was there and was no article will be none.
	Others []byte `json:"others,omitempty"`
}

// KnownArticle is one of them. The maps are by the words of fields.
type KnownArticle struct {
	// Listed says that it was on the page when that was last read well.
	Listed bool `json:"listed,omitempty"`
	// Twice says that the page linked to it outside of its item too, such as from a box of recent articles.
	Twice bool `json:"twice,omitempty"`
	// Values are what the article's words were in the end.
	Values map[string]string `json:"values"`
	// Raw are the texts and attributes of which they were made, as they stood on the page.
	Raw map[string][]string `json:"raw,omitempty"`
}

const (
	mostKnown   = 50  // articles; at most 64, see region
	longestText = 160 // bytes of a text that is remembered as it is
	mostRaw     = 12  // texts of one word
)

// knownKey is where a source remembers what is known.
const knownKey = "listing.known"

// LoadKnown returns what a source remembers.
func LoadKnown(m feed.Memory) Known {
	var k Known
	if json.Unmarshal(m.Get(knownKey), &k) != nil {
		return Known{}
	}
	return k
}

// Save has a source remember it. It puts nothing when nothing changed.
func (k Known) Save(m feed.Memory) {
	value, err := json.Marshal(k)
	if err == nil && string(value) != string(m.Get(knownKey)) {
		m.Put(knownKey, value)
	}
}

// With returns what is known after a page was read well, with what fields took from it.
func (k Known) With(ctx context.Context, page *markup.Page, fields *Fields, taken Taken) Known {
	now := Known{Listed: len(taken.Articles), Shape: k.Shape, Aside: k.Aside}
	fresh := map[string]bool{}
	for i := range taken.Articles[:min(len(taken.Articles), mostKnown)] {
		a := know(ctx, fields, &taken.Articles[i], taken.Found[i])
		fresh[a.identity()] = true
		now.Articles = append(now.Articles, a)
	}
	if first := firstNode(taken); first != nil {
		now.Shape, now.Aside = shape(first), isAside(first)
	}
	for _, a := range k.Articles {
		if len(now.Articles) < mostKnown && !fresh[a.identity()] {
			a.Listed = false
			now.Articles = append(now.Articles, a)
		}
	}
	now.links(page, taken)
	return now
}

// firstNode is the element of the first article, nil when there is none.
func firstNode(taken Taken) *html.Node {
	if len(taken.Found) == 0 {
		return nil
	}
	return taken.Found[0].Node
}

// mostOthers bounds how many links that are no articles are remembered, and how many are looked at.
const mostOthers = 3000

// links takes down which links of a page lead to none of the articles, and which articles have more than one.
func (k *Known) links(page *markup.Page, taken Taken) {
	index := make(map[uint32]int, len(taken.Articles))
	for i := range taken.Articles {
		index[hashPlace(place(taken.Articles[i].Link, ""))] = i
	}
	seen := map[uint32]bool{}
	looked := 0
	for n := range page.Root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		if looked++; looked > mostOthers {
			break
		}
		at := place(attributeOf(n, "href"), page.Base)
		hash := hashPlace(at)
		i, isArticle := index[hash]
		switch {
		case isArticle && i < len(k.Articles) && taken.Found[i].Node != nil && !isBelow(n, taken.Found[i].Node):
			k.Articles[i].Twice = true
		case at != "" && !isArticle && !seen[hash]:
			seen[hash] = true
			k.Others = binary.BigEndian.AppendUint32(k.Others, hash)
		}
	}
}

func hashPlace(at string) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(at))
	return sum.Sum32()
}

// others returns the hashes of what was on the page and no article.
func (k Known) others() map[uint32]bool {
	all := make(map[uint32]bool, len(k.Others)/4)
	for i := 0; i+4 <= len(k.Others); i += 4 {
		all[binary.BigEndian.Uint32(k.Others[i:])] = true
	}
	return all
}

// know takes down one article.
func know(ctx context.Context, fields *Fields, article *feed.Article, item markup.Item) KnownArticle {
	a := KnownArticle{Listed: true, Values: map[string]string{}, Raw: map[string][]string{}}
	for _, word := range field.Words {
		value := valueOf(word, article)
		if value == "" || len(fields.Of(word)) == 0 {
			continue
		}
		a.Values[word] = brief(value)
		if word == "link" || word == "id" || word == "image" || word == "audio" {
			a.Values[word] = value // compared by more than equality
		}
		if item.Node == nil {
			a.Raw[word] = []string{brief(value)} // of JSON: the page may show it as it is there
			continue
		}
		for _, m := range matchesOf(ctx, fields.Of(word), item) {
			if text := m.Text(); text != "" && len(a.Raw[word]) < mostRaw {
				a.Raw[word] = append(a.Raw[word], brief(text))
			}
		}
	}
	return a
}

// matchesOf returns what the first of the rules finds that finds anything.
func matchesOf(ctx context.Context, rules field.Rules[markup.Selector], item markup.Item) []markup.Match {
	for i := range rules {
		if found, err := choose(ctx, &rules[i], item); err == nil && len(found) > 0 {
			return found
		}
	}
	return nil
}

// identity tells an article from others as the mill does: by its id, else its link, else its title.
func (a KnownArticle) identity() string {
	for _, word := range []string{"id", "link", "title"} {
		if v := a.Values[word]; v != "" {
			return word + " " + v
		}
	}
	return ""
}

// valueOf returns what a word of an article is, as one text; empty when it is not there.
func valueOf(word string, a *feed.Article) string {
	switch word {
	case "published":
		return moment(a.Published)
	case "updated":
		return moment(a.Updated)
	case "expires":
		return moment(a.Expires)
	case "content":
		return clean.PlainText(a.Content) + a.Markdown
	}
	return field.Word(a, word, "")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// brief returns a text on one line, or its hash when it is long.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= longestText {
		return text
	}
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return fmt.Sprintf("#%016x", sum.Sum64())
}

// mostShape bounds how many elements a shape names.
const mostShape = 12

// shape names an element and those above it, with the classes that a person wrote.
func shape(n *html.Node) string {
	var parts []string
	for ; n != nil && n.Type == html.ElementNode && n.Data != "body" && len(parts) < mostShape; n = n.Parent {
		part := n.Data
		for class := range classesOf(n) {
			if judge(class) <= written && len(part) < 60 {
				part += "." + class
			}
		}
		if id := attributeOf(n, "id"); isWord(id) && judge(id) <= written {
			part += "#" + id
		}
		parts = append(parts, part)
	}
	slices.Reverse(parts)
	return strings.Join(parts, " > ")
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}
