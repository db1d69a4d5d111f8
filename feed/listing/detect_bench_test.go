package listing

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed/field"
)

// newspaper is a front page of about size bytes: rows of stories, each with a picture, a heading, a date, a text with links
// and tags, between a menu and a footer of links.
func newspaper(size int) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><title>Post</title><nav><ul>`)
	for i := range 200 {
		fmt.Fprintf(&b, `<li class="menu-item-%d"><a href="/section/%d">Section number %d</a></li>`, i, i, i)
	}
	b.WriteString(`</ul></nav><main>`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `<div class="row"><article class="post post-%d"><a href="/2026/story-%d-of-the-day"><img src="/i/%d.jpg" width="300" height="200" alt=""></a>
<div class="post-header"><h2 class="post-title"><a href="/2026/story-%d-of-the-day">Story number %d of this long day in town</a></h2>
<p class="meta">%s By <span class="author">Ada Quill</span> on <span class="date">%d November 2026</span> in <a href="/tag/%d">Tag %d</a></p></div>
<div class="text"><p>What happened at the %d. hour was seen by <a href="/people/%d">somebody</a> and told to everyone else on the quay before the boats came home.</p>
<ul class="tags"><li><a href="/tag/a%d">a%d</a></li><li><a href="/tag/b%d">b%d</a></li></ul></div></article></div>`, i, i, i, i, i, strings.Repeat(`<i class="icon icon-star" aria-hidden="true"></i>`, 20), 1+i%28, i%9, i%9, i, i%50, i%7, i%7, i%5, i%5)
	}
	b.WriteString(`</main><footer>`)
	for i := range 100 {
		fmt.Fprintf(&b, `<p><a href="/about/%d">About the paper, part %d</a></p>`, i, i)
	}
	return b.String()
}

// BenchmarkDetect reads a page of 1 MB that is parsed already.
func BenchmarkDetect(b *testing.B) {
	page := pageOf(b, newspaper(1<<20))
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		if f, err := Detect(b.Context(), page, field.Env{Now: noon}); err != nil || len(f.Articles) < 400 {
			b.Fatal(len(f.Articles), err)
		}
	}
}
