package render_test

import (
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/render"
)

// TestLeadImage: a lead image that the text shows too is shown once, and who took it is said.
func TestLeadImage(t *testing.T) {
	const address = "https://news.example.org/lead.jpg?a=1&b=2"
	const img = `<img src="https://news.example.org/lead.jpg?a=1&amp;b=2" alt="A phone">`
	for name, c := range map[string]struct {
		content string
		images  int
		figure  bool // in the page's own figure
	}{
		"not in the text":             {`<p>Words.</p>`, 1, true},
		"alone in a paragraph":        {`<p>` + img + `</p><p>Words.</p>`, 1, true},
		"alone in a link":             {`<p><a href="https://news.example.org/"> ` + img + `</a></p><p>Words.</p>`, 1, true},
		"in a figure":                 {`<p>Words.</p><figure>` + img + `</figure>`, 1, true},
		"twice":                       {`<p>` + img + `</p><p>Words.</p><p>` + img + `</p>`, 2, true},
		"between words":               {`<p>Words ` + img + ` and more.</p>`, 1, false},
		"in a figure that says other": {`<figure>` + img + `<figcaption>Other words</figcaption></figure><p>Words.</p>`, 1, false},
		"in a figure that says all":   {`<figure>` + img + `<figcaption>On the line Photo: Bo</figcaption></figure><p>Words.</p>`, 1, false},
	} {
		it := full().Items[0]
		it.Content, it.Image = c.content, feed.Image{URL: address, Caption: "On the line", Credit: "Photo: Bo"}
		d, err := render.Page(world(), it)
		if err != nil {
			t.Fatal(err)
		}
		page := body(t, d)
		if got := find(t, page, "img"); len(got) != c.images {
			t.Errorf("%s: %d images\n%s", name, len(got), page)
		}
		_, article, _ := strings.Cut(page, "<article>")
		for _, words := range []string{"On the line", "Photo: Bo", "Words"} {
			if !strings.Contains(strings.ReplaceAll(article, `alt="On the line"`, ""), words) {
				t.Errorf("%s: the page does not say %q:\n%s", name, words, article)
			}
		}
		header, _, _ := strings.Cut(article, `<div class="content">`)
		if strings.Contains(header, "<figure>") != c.figure {
			t.Errorf("%s: above the text stands\n%s", name, header)
		}
	}
}
