package clean

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestResolve(t *testing.T) {
	const base = "https://news.example.org/world/a.html"
	for name, c := range map[string]struct{ in, want string }{
		"nothing to do":    {`<p class=x>a = b &nbsp; <BR/></p><a HREF='https://x.example/?a&b'>y</a>`, `<p class=x>a = b &nbsp; <BR/></p><a HREF='https://x.example/?a&b'>y</a>`},
		"link":             {`<P Class=x>“a” <a title='t' href=b.html>b</a> &copy;<br/></P>`, `<P Class=x>“a” <a title="t" href="https://news.example.org/world/b.html">b</a> &copy;<br/></P>`},
		"fragment":         {`<a href="#fn:1">1</a>`, `<a href="https://news.example.org/world/a.html#fn:1">1</a>`},
		"image":            {`<img src="/my photo.jpg" alt="a&amp;b"/>`, `<img src="https://news.example.org/my%20photo.jpg" alt="a&amp;b"/>`},
		"query":            {`<a href="?a=1&amp;b=2">x</a>`, `<a href="https://news.example.org/world/a.html?a=1&amp;b=2">x</a>`},
		"srcset":           {`<img srcset="a.jpg 1x, b,c.jpg 2x,javascript:x 3x">`, `<img srcset="https://news.example.org/world/a.jpg 1x, https://news.example.org/world/b,c.jpg 2x">`},
		"srcset unchanged": {`<img srcset="https://x.example/a.jpg 1x,https://x.example/b.jpg   2x">`, `<img srcset="https://x.example/a.jpg 1x,https://x.example/b.jpg   2x">`},
		"media":            {`<video poster=p.jpg src=v.mp4></video><blockquote cite=c>`, `<video poster="https://news.example.org/world/p.jpg" src="https://news.example.org/world/v.mp4"></video><blockquote cite="https://news.example.org/world/c">`},
		"object":           {`<object data=a></object><p data=a>`, `<object data="https://news.example.org/world/a"></object><p data=a>`},
		"unusable":         {`<a href="javascript:x">a</a><img src="http://" alt=b>`, `<a>a</a><img alt="b">`},
		"mail":             {`<a href="mailto:a@example.org">m</a><a href="tel:+1">t</a>`, `<a href="mailto:a@example.org">m</a><a href="tel:+1">t</a>`},
		"IRI":              {`<a href="https://bücher.example/ü">x</a>`, `<a href="https://xn--bcher-kva.example/%C3%BC">x</a>`},
		"text and comment": {`a="b" <!-- <a href="x"> --> <script>"<a href=x>"</script>`, `a="b" <!-- <a href="x"> --> <script>"<a href=x>"</script>`},
		"unfinished":       {`<a href=x>y</a><a href="z`, `<a href="https://news.example.org/world/x">y</a><a href="z`},
		"line ends":        {"a\r\n<a href=x\r\n>\r\x00y</a>", "a\r\n<a href=\"https://news.example.org/world/x\">\r\x00y</a>"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Resolve(c.in, base)
			if got != c.want {
				t.Errorf("Resolve(%q)\n got %q\nwant %q", c.in, got, c.want)
			}
			if again := Resolve(got, base); again != got {
				t.Errorf("Resolve twice\n got %q\nthen %q", got, again)
			}
		})
	}
	for _, base := range []string{"", "/relative", "mailto:a@example.org"} {
		if got := Resolve(`<a href=x>`, base); got != `<a href=x>` {
			t.Errorf("Resolve against %q gives %q", base, got)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add(`<a href="b c?ü#x"><img srcset=" a 1x,b" src=//x>`, "https://example.org/x/")
	f.Add(`<a href='&#1;x'>`, "https://example.org")
	f.Add(`<video poster="http:/x" src=a:b>`, "https://ü.example/?#")
	f.Fuzz(func(t *testing.T, s, base string) {
		got := Resolve(s, base)
		if again := Resolve(got, base); again != got {
			t.Fatalf("Resolve(%q, %q) = %q, then %q", s, base, got, again)
		}
		if _, err := parseBase(base); err != nil {
			if got != s {
				t.Fatalf("Resolve(%q, %q) = %q", s, base, got)
			}
			return
		}
		tokens := html.NewTokenizer(strings.NewReader(got))
		for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
			token := tokens.Token()
			if href := attribute(token, "href"); kind == html.StartTagToken && href != "" && !mail(href) {
				if _, err := URL(href, ""); err != nil {
					t.Fatalf("Resolve(%q, %q) = %q: %v", s, base, got, err)
				}
			}
		}
	})
}
