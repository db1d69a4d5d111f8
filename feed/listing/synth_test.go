package listing

import (
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

func page(t testing.TB, text string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func all(root *html.Node, selector string) []*html.Node {
	return cascadia.QueryAll(root, cascadia.MustCompile(selector))
}

// TestItemSelector: nodes are named by an attribute x that no selector may use, since it is no data attribute.
func TestItemSelector(t *testing.T) {
	for _, test := range []struct{ name, page, want string }{
		{"semantic element", `<main><article x><h2>A</h2></article><article x><h2>B</h2></article></main><aside><div>C</div></aside>`, "article"},
		{"class", `<div class=news><div class="card css-1x2y3z" x>A</div><div class="card css-9q8w7e" x>B</div><div>no</div></div>`, ".card"},
		{"made classes only", `<nav><ul><li>no</li></ul></nav><main><ul class="sc-bdVaJa"><li class="sc-abcXyz" x>A</li><li class="sc-abcXyz" x>B</li></ul></main>`, "main li"},
		{"module", `<div><div class="Card_root__x8Jk2" x>A</div><div class="Card_root__x8Jk2 Card_big__Qz81a" x>B</div><div class="Foot_root__z12Ab">no</div></div>`, `[class*="Card_root__"]`},
		{"container", `<ul class=menu><li>no</li></ul><ul class=posts><li x>A</li><li x>B</li></ul>`, ".posts li"},
		{"nested lists", `<ul class=posts><li x>A<ul><li>a</li></ul></li><li x>B</li></ul><ul><li>no</li></ul>`, ".posts > li"},
		{"id", `<div id=news><div x>A</div><div x>B</div></div><div><div>no</div></div>`, "#news div"},
		{"microdata", `<div><div itemprop=blogPost x>A</div><div itemprop=blogPost x>B</div><div>no</div></div>`, `[itemprop="blogPost"]`},
		{"test attribute", `<div><div data-testid=card x>A</div><div data-testid=card x>B</div><div>no</div></div>`, `[data-testid="card"]`},
		{"one class of each", `<div><div class="post post-123 first" x>A</div><div class="post post-124 last" x>B</div><div class=post-list>no</div></div>`, ".post"},
		{"advertisement among them", `<ul class=l><li class=entry x>A</li><li class="entry advert">no</li><li class=entry x>B</li></ul>`, ".entry:not(.advert)"},
		{"told by what is inside", `<div class=list><div x><h3>A</h3></div><div><p>no</p></div><div x><h3>B</h3></div></div><div>no</div>`, ".list div:has(h3)"},
		{"table", `<table class=minutes><tbody><tr><th>Title</th></tr><tr x><td>A</td></tr><tr x><td>B</td></tr></tbody></table>`, "tr:has(td)"},
		{"place", `<div><div><p x>A</p><p x>B</p></div><div><p>no</p></div></div>`, "div:nth-of-type(1) > p"},
		{"utilities last", `<div><div class="mt-4 flex story" x>A</div><div class="mt-4 flex story" x>B</div><div class="mt-4 flex">no</div></div>`, ".story"},
		{"two classes", `<div><div class="box story" x>A</div><div class="box story" x>B</div><div class=box>no</div><div class=story>no</div></div>`, ".box.story"},
		{"escaped names", `<main><div class="md:w-1/2 {{x}}" x>A</div><div class="md:w-1/2 {{x}}" x>B</div></main><div>no</div>`, "main div"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := page(t, test.page)
			items := all(root, "[x]")
			got, ok := ItemSelector(root, items, nil)
			if !ok || got.Selector != test.want || !slices.Equal(got.Nodes, items) {
				t.Errorf("%v: %q, %d of %d nodes; want %q", ok, got.Selector, len(got.Nodes), len(items), test.want)
			}
			if got.Position != strings.Contains(test.want, "nth") {
				t.Errorf("position: %v", got.Position)
			}
		})
	}
}

// TestItemSelectorLike: from two items the others are found, and what is not like them is left out.
func TestItemSelectorLike(t *testing.T) {
	root := page(t, `<div class=a><p class=s x><a href=1>A</a><p class=s><a href=2>B</a><p class=s x><a href=3>C</a></div><p class=s>no`)
	hasLink := func(n *html.Node) bool { return len(all(n, "a")) > 0 }
	got, ok := ItemSelector(root, all(root, "[x]"), hasLink)
	if !ok || len(got.Nodes) != 3 || !hasLink(got.Nodes[2]) {
		t.Errorf("%v %q: %d nodes", ok, got.Selector, len(got.Nodes))
	}
	if got, ok := ItemSelector(root, all(root, "[x]"), nil); ok && len(got.Nodes) != 2 {
		t.Errorf("without like: %q", got.Selector)
	}
}

// TestFieldSelector: y marks the value of each item, and z its attribute.
func TestFieldSelector(t *testing.T) {
	for _, test := range []struct{ name, item, attr, want string }{
		{"heading", `<h2 y>A</h2><p>x</p>`, "", "h2"},
		{"link in the heading", `<a href=/img><img></a><h2><a href=/a y>A</a></h2>`, "href", "h2 a@href"},
		{"class", `<p class="teaser css-1a2b3c" y>A</p><p>x</p>`, "", ".teaser"},
		{"microdata", `<span itemprop=headline y>A</span><span>x</span>`, "", `[itemprop="headline"]`},
		{"date", `<time datetime=2026-01-02 y>2 Jan</time>`, "datetime", "time@datetime"},
		{"column", `<table><tr><td>a<td y>b<td>c</table>`, "", "td:nth-of-type(2)"},
		{"place", `<div>a</div><div y>b</div><div>c</div>`, "", "div:nth-of-type(2)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := page(t, `<section>`+test.item+`</section><section>`+test.item+`</section><section></section>`)
			items := all(root, "section")
			values := append(all(root, "[y]"), nil)
			got, ok := FieldSelector(items, values, test.attr)
			if !ok || got.Selector != test.want {
				t.Errorf("%v: %q, want %q", ok, got.Selector, test.want)
			}
		})
	}
	root := page(t, `<section><p class=k>b<p y>a</section><section><p>b<p y class=k>a</section>`)
	items := all(root, "section")
	if got, ok := FieldSelector(items, items, "href"); !ok || got.Selector != "@href" {
		t.Errorf("the item itself: %v %q", ok, got.Selector)
	}
	if got, ok := FieldSelector(items, []*html.Node{items[1].FirstChild, nil}, ""); ok {
		t.Errorf("a node of another item: %q", got.Selector)
	}
}

func TestJudge(t *testing.T) {
	for class, want := range map[string]standing{
		"card": written, "card__title": written, "article-list": written, "Teaser": written, "newsItem": written, "post": written, "td-module": written,
		"story2": written, "h3title": written, "Schlagzeile": written, "новини": written, "tnt-headline": written, "BlogPostCard": written, "c-entry-box": written,
		"h-entry": microformat, "p-name": microformat, "hentry": microformat,
		"mt-4": layout, "flex": layout, "col-md-6": layout, "text-xl": layout, "row": layout,
		"Card_title__x8Jk2": module, "styles_item__3xYz1": module,
		"css-1x2y3z": generated, "sc-bdVaJa": generated, "jss123": generated, "post-1234": generated, "active": generated, "is-open": generated,
		"bNcJxW": generated, "x1n2onr6": generated, "kTvFqQ": generated, "md:flex": generated, "_3xYz1a": generated, "ember1234": generated, "svelte-1ab2c3": generated,
	} {
		if got := judge(class); got != want {
			t.Errorf("%s: %d, want %d", class, got, want)
		}
	}
}
