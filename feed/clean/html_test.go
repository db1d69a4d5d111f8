package clean

import (
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":              {`<p>One &amp; two</p><h2>Head</h2>`, `<p>One &amp; two</p><h2>Head</h2>`},
		"quotes":             {`<p>"It's" “so” – 'yes'</p>`, `<p>"It's" “so” – 'yes'</p>`},
		"quote references":   {`<p>&quot;a&quot; &#39;b&#39; &rsquo;</p>`, `<p>"a" 'b' ’</p>`},
		"scripts of text":    {`<p>Київ القاهرة 東京 नई दिल्ली תל אביב ไทย 서울 Αθήνα 👩‍👩‍👧</p>`, `<p>Київ القاهرة 東京 नई दिल्ली תל אביב ไทย 서울 Αθήνα 👩‍👩‍👧</p>`},
		"script":             {`<p>a<script>alert(1)</script>b</p>`, `<p>ab</p>`},
		"script closed":      {`<p>a<script/>alert(1)</script>b</p>`, `<p>ab</p>`},
		"script split":       {`<scr<script>x</script>ipt>alert(1)</script>`, `xipt&gt;alert(1)`},
		"lone less":          {`<p>a <<script></script>img src=x onerror=y></p>`, `<p>a &lt;img src=x onerror=y&gt;</p>`},
		"style":              {`<style>p{}</style><p style="color:red" class="x">a</p>`, `<p>a</p>`},
		"comment":            {`a<!-- <b> -->b`, `ab`},
		"handlers":           {`<img src="a.png" onerror="x()" alt="a"><p onclick=x>b</p>`, `<img src="a.png" alt="a"><p>b</p>`},
		"javascript":         {`<a href="javascript:x()">a</a>`, `a`},
		"javascript hidden":  {"<a href=\"java\nscript&colon;x()\">a</a><a href=\" &#1;javascript:x()\">b</a>", `ab`},
		"data":               {`<img src="data:image/png;base64,AAAA" alt="x"><a href="data:text/html,x">y</a>`, `<img alt="x">y`},
		"mailto":             {`<a href="mailto:a@example.org?subject=A b">m</a>`, `<a href="mailto:a@example.org?subject=A%20b">m</a>`},
		"relative":           {`<a href="../a.html#b">x</a><img src="my photo.jpg">`, `<a href="../a.html#b">x</a><img src="my%20photo.jpg">`},
		"no follow":          {`<a href="https://example.org/" rel="nofollow" target="_blank">x</a>`, `<a href="https://example.org/">x</a>`},
		"form":               {`<form action="/x"><label>Name</label> <input name=a><button>Go</button><textarea>x</textarea></form>`, `Name `},
		"code":               {`<pre><code class="language-go">a &lt; b</code></pre><code class="evil">c</code>`, `<pre><code class="language-go">a &lt; b</code></pre><code>c</code>`},
		"text attributes":    {`<img src="a.png" alt="“A: B” &amp; C's" title="x &lt;y&gt;">`, `<img src="a.png" alt="“A: B” &amp; C&#39;s" title="x &lt;y&gt;">`},
		"figure":             {`<figure><img src="/a.png"><figcaption>A <em>b</em></figcaption></figure>`, `<figure><img src="/a.png"><figcaption>A <em>b</em></figcaption></figure>`},
		"picture":            {`<picture><source srcset="a.webp 1x, javascript:x 2x, b,c.webp 3x" type="image/webp"><img src="a.png" srcset="data:x 1x"></picture>`, `<picture><source srcset="a.webp 1x, b,c.webp 3x" type="image/webp"><img src="a.png"></picture>`},
		"source":             {`<video><source src="javascript:x"><source src="a.mp4" type="video/mp4"></video>`, `<video controls=""><source src="a.mp4" type="video/mp4"></video>`},
		"video":              {`<video src="a.mp4" autoplay poster="javascript:x"></video>`, `<video src="a.mp4" controls=""></video>`},
		"audio":              {`<audio controls src="a.mp3"></audio>`, `<audio controls="" src="a.mp3"></audio>`},
		"player":             {`<iframe width="560" src="//www.youtube.com/embed/abc-1?rel=0&amp;a=1" allow="x" onload=y>fallback</iframe><p>a</p>`, `<iframe width="560" src="https://www.youtube.com/embed/abc-1?rel=0&amp;a=1"></iframe><p>a</p>`},
		"vimeo":              {`<iframe src="http://player.vimeo.com/video/1"></iframe>`, `<iframe src="https://player.vimeo.com/video/1"></iframe>`},
		"foreign iframe":     {`a<iframe src="https://evil.example/embed/x">f<b>x</b></iframe>b`, `ab`},
		"near player":        {`<iframe src="https://www.youtube.com.evil.example/embed/x"></iframe><iframe src="https://www.youtube.com/embed/../x"></iframe>`, ``},
		"details":            {`<details open><summary>S</summary>T</details>`, `<details open=""><summary>S</summary>T</details>`},
		"table":              {`<table><thead><tr><th align="left" scope="col">a</th></tr></thead><tbody><tr><td colspan="2" bgcolor="red">b</td></tr></tbody></table>`, `<table><thead><tr><th align="left" scope="col">a</th></tr></thead><tbody><tr><td colspan="2">b</td></tr></tbody></table>`},
		"open ends":          {`<ul><li>a<li><b>b</ul><p>c<p>d<div>e`, `<ul><li>a</li><li><b>b</b></li></ul><p>c</p><p>d</p><div>e</div>`},
		"stray ends":         {`</div></p></object></noscript><p>a</b></p></title>b`, `<p>a</p>b`},
		"crossed":            {`<b><i>a</b>b</i>`, `<b><i>a</i></b>b`},
		"cell keeps inside":  {`<div><table><tr><td>a</div>b</table>c</div>`, `<div><table><tr><td>ab</td></tr></table>c</div>`},
		"nested links":       {`<a href="a">x<a href="b">y</a></a>`, `<a href="a">x</a><a href="b">y</a>`},
		"noscript":           {`<img data-src="a.jpg" src="data:x"><noscript><img src="a.jpg"></noscript>`, `<img src="a.jpg">`},
		"unclosed svg":       {`<p>a<svg><path d="x">b</p>`, `<p>ab</p>`},
		"svg":                {`<p>a<svg><style><img src=x onerror=y></style><script>x</script></svg>b</p>`, `<p>ab</p>`},
		"math":               {`<math><mi>x</mi></math>`, `x`},
		"unclosed object":    {`<object data="x.swf"><p>kept`, `<p>kept</p>`},
		"plaintext":          {`a<plaintext><source srcset="javascript:x">`, `a`},
		"tracking pixel":     {`a<img src="https://t.example/p.gif" width="1" height="1">b`, `ab`},
		"ids":                {`<h2 id="fn:1">x</h2><p id="a b">y</p>`, `<h2 id="fn:1">x</h2><p>y</p>`},
		"doubled attributes": {`<img src="a.png" src="javascript:x">`, `<img src="a.png">`},
		"forbidden":          {"<p>a\x00\x08b\uFFFD&#1;&#xFFFE;&#0;c&#x92;</p>", `<p>abc’</p>`},
		"line ends":          {"<p>a\r\nb\rc</p>", "<p>a\nb\nc</p>"},
		"unfinished":         {`<p>a</p><img src="x`, `<p>a</p>`},
		"direction":          {`<p dir="rtl" lang="he">שלום</p><p dir="x" lang="!">a</p>`, `<p dir="rtl" lang="he">שלום</p><p>a</p>`},
		"footnotes": {
			`<p>a<sup id="fnref:1"><a href="#fn:1" class="footnote-ref" role="doc-noteref">1</a></sup></p>` +
				`<div class="footnotes" role="doc-endnotes"><hr><ol><li id="fn:1"><p>n&#160;<a href="#fnref:1" class="footnote-backref" role="doc-backlink">&#x21a9;&#xfe0e;</a></p></li></ol></div>`,
			`<p>a<sup id="fnref:1"><a href="#fn:1">1</a></sup></p>` +
				"<div><hr><ol><li id=\"fn:1\"><p>n\u00a0<a href=\"#fnref:1\">↩︎</a></p></li></ol></div>",
		},
		"empty": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := HTML(c.in)
			if got != c.want {
				t.Errorf("HTML(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			if again := HTML(got); again != got {
				t.Errorf("HTML twice\n got %q\nthen %q", got, again)
			}
		})
	}
}

func TestHTMLKeepsPlainMarkupAsItIs(t *testing.T) {
	for _, plain := range []string{
		``, `text`, `<p>a</p>`, `<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>`, `<p>a<br>b</p><hr>`,
		`<p><a href="https://example.org/a/b?c=d&amp;e=f">x</a> <em>y</em></p>`, `<img src="a/b.jpg" alt="A: “b”">`,
		`<pre><code class="language-c++">x &lt; y</code></pre>`,
	} {
		if !isPlain(plain) {
			t.Errorf("%q takes the long way", plain)
		}
		if got := sanitize(plain); got != plain {
			t.Errorf("%q becomes %q", plain, got)
		}
	}
	for _, other := range []string{`<p>a`, `a</p>`, `<p><p>a</p></p>`, `<script>x</script>`, `<a href="javascript:x">a</a>`, `&nbsp;`, `a > b`, `<P>a</P>`} {
		if isPlain(other) {
			t.Errorf("%q takes the short way", other)
		}
	}
}

func TestHTMLFromManyGoroutines(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := HTML(`<p onclick=x>a<iframe></iframe>`); got != `<p>a</p>` {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	all.Wait()
}

// bombs are inputs made to cost more than they weigh. Each is about bombSize bytes.
func bombs() map[string]string {
	fill := func(s string) string { return strings.Repeat(s, bombSize/len(s)) }
	return map[string]string{
		"open tags":       fill("<div>"),
		"mixed tags":      fill("<b><i>") + fill("</b></i>"),
		"end tags":        fill("</div>"),
		"tables":          fill("<table><tr><td>"),
		"svg":             fill("<svg>"),
		"half tags":       fill("<a "),
		"less signs":      fill("<"),
		"attributes":      "<p " + fill(" a b=c") + ">",
		"many attributes": fill(`<img src=a alt=b width=1 id=c title=d srcset="a 1x, b 2x">`),
		"srcset":          `<img srcset="` + fill("a 1x,") + `">`,
		"comments":        fill("<!--"),
		"scripts":         fill("<script>"),
		"ampersands":      fill("&"),
		"end slashes":     "<svg>" + fill("</sv>"),
		"text":            fill("word. "),
		"no space":        fill("a.b"),
		"spaces":          fill(" "),
		"nested lists":    fill("<ul><li>"),
		"lazy images":     fill(`<img alt=a><noscript><img data-src=b.jpg>`) + "</noscript>",
		"lazy twins":      fill(`<img alt=a><noscript><img src=b.jpg></noscript>`),
		"share bars":      fill(`<div class="feedflare">`),
		"marks":           fill("\u0301"),
	}
}

// quick fails when f takes longer than honest work on a megabyte does on the busiest machine.
func quick(t *testing.T, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("%s took %v", what, took)
	}
}

func TestBombs(t *testing.T) {
	for name, bomb := range bombs() {
		t.Run(name, func(t *testing.T) {
			quick(t, "HTML", func() { checkSafe(t, HTML(bomb)) })
			quick(t, "Resolve", func() { Resolve(bomb, "https://example.org/a/") })
			quick(t, "PlainText", func() { PlainText(bomb) })
			quick(t, "Title", func() { Title(bomb) })
			quick(t, "Slug", func() { Slug(bomb) })
			quick(t, "Summary", func() { Summary(bomb, 300) })
		})
	}
}

func TestHTMLDepth(t *testing.T) {
	got := HTML(strings.Repeat("<div>", 10_000) + "x" + strings.Repeat("</div>", 10_000) + "<p>y</p>")
	if want := strings.Repeat("<div>", 200) + "x" + strings.Repeat("</div>", 200) + "<p>y</p>"; got != want {
		t.Errorf("depth is not bounded: %d bytes", len(got))
	}
	if _, err := html.Parse(strings.NewReader(got)); err != nil {
		t.Error(err)
	}
}

// checkSafe fails when a browser could run or load something by this fragment that it should not.
func checkSafe(t *testing.T, fragment string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(fragment))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return
		}
		token := tokens.Token()
		if kind == html.CommentToken || kind == html.DoctypeToken {
			t.Fatalf("%q holds %q", fragment, token)
		}
		if kind == html.TextToken {
			continue
		}
		switch token.Data {
		case "script", "style", "form", "input", "object", "embed", "svg", "math", "base", "meta", "link", "template", "noscript":
			t.Fatalf("%q holds %q", fragment, token)
		}
		for _, a := range token.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
				t.Fatalf("%q holds %q", fragment, token)
			}
			value := strings.ToLower(strings.Map(func(r rune) rune {
				if r <= ' ' {
					return -1
				}
				return r
			}, a.Val))
			switch a.Key {
			case "href", "src", "poster", "cite", "srcset":
				if strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") || strings.HasPrefix(value, "vbscript:") {
					t.Fatalf("%q holds %q", fragment, token)
				}
			}
		}
		if src := attribute(token, "src"); token.Data == "iframe" && kind == html.StartTagToken && !playerPattern().MatchString(src) {
			t.Fatalf("%q holds %q", fragment, token)
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func FuzzHTML(f *testing.F) {
	for _, seed := range []string{
		`<p>a</p>`, `<scr<script>ipt>alert(1)</script>`, `<svg><p><style><!--</style><img src=x onerror=y>-->`, `<table><p><a href=x><a>`,
		`<math><mtext></p><iframe src="https://www.youtube.com/embed/a"><b>`, `<noscript><p title="</noscript><img src=x onerror=y>">`,
		`<a href="java&Tab;script:x">`, `<img srcset="a 1x,, b 2x,javascript:x">`, "<p>\x00&#1;&#13;\r", `<pre>` + "\n\n" + `a</pre>`,
		`<select><option><img onerror=x>`, `<ul><li><table><td></li></ul>`, `<ruby>a<rp>(<rt>b`, `&amp;lt;script&amp;gt;`, `<a href="HTTP://A.b/?x|y#z#">`,
		`<a href="http://example.org./?a&amp;b">x</a>`, `<img src="a" alt="">`, `<a href="//b">`, `<audio><source src=x>`, `<br/><hr></br>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := HTML(s)
		checkSafe(t, got)
		if Chars(got) != got {
			t.Fatalf("%q holds forbidden characters", got)
		}
		if again := HTML(got); again != got {
			t.Fatalf("HTML twice of %q\n got %q\nthen %q", s, got, again)
		}
		if clean := Chars(s); isPlain(clean) && sanitize(clean) != clean {
			t.Fatalf("%q passes as plain, but becomes %q", clean, sanitize(clean))
		}
	})
}
