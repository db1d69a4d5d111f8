package markup

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

// The bounds of a page.
const (
	largest    = 16 << 20 // bytes
	most       = 500_000  // elements and texts; attributes
	deepest    = 256      // levels that taming leaves; the parser refuses more than 512
	mostStyled = 32       // formatting elements that taming leaves open at once
)

// formatting are the elements that the parser opens anew in every block behind the one that did not close them (HTML,
// section 13.2.4.3): a few hundred bytes of them can make a tree of millions of nodes. a is not among them: it
// never stands open twice.
var formatting = map[string]bool{
	"b": true, "big": true, "code": true, "em": true, "font": true, "i": true, "nobr": true, "s": true, "small": true,
	"strike": true, "strong": true, "tt": true, "u": true,
}

// measure refuses a text whose tree would be too large, before anything is made of it. Most texts are too short for that;
// of the others the tokens are counted.
func measure(text string) error {
	if strings.Count(text, "<") <= most/2 && separators(text) <= most {
		return nil
	}
	nodes, attributes := 0, 0
	tokens := html.NewTokenizer(strings.NewReader(text))
	for nodes <= most && attributes <= most {
		switch tokens.Next() {
		case html.ErrorToken:
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			nodes++
			for _, more := tokens.TagName(); more && attributes <= most; attributes++ {
				_, _, more = tokens.TagAttr()
			}
		case html.TextToken, html.CommentToken:
			nodes++
		}
	}
	if attributes > most {
		return fmt.Errorf("the page has more than %d attributes", most)
	}
	return tooMany()
}

func tooMany() error { return fmt.Errorf("the page has more than %d elements and texts", most) }

// separators counts what can stand before an attribute.
func separators(text string) int {
	n := 0
	for i := range len(text) {
		switch text[i] {
		case ' ', '\t', '\n', '\f', '\r', '/', '"', '\'':
			n++
		}
	}
	return n
}

// needsTaming reports whether the tree of a text might have more nodes than are allowed: a guess on the safe side that reads
// only the names of tags.
func needsTaming(text string) bool {
	tags, styled := 0, 0
	for rest := text; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 || i+1 == len(rest) {
			break
		}
		rest = rest[i+1:]
		tags++
		if opensFormatting(rest) {
			styled++
		}
	}
	return 2*tags*(1+min(styled, 512)) > most
}

func opensFormatting(rest string) bool {
	end := 0
	for end < len(rest) && end < 7 && isLetter(rest[end]) {
		end++
	}
	return end > 0 && end < 7 && formatting[strings.ToLower(rest[:end])]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// unclosed are elements that close themselves when the next of their kind opens: most pages leave out their end tags.
var unclosed = map[string]bool{
	"p": true, "li": true, "dt": true, "dd": true, "tr": true, "td": true, "th": true, "thead": true, "tbody": true, "tfoot": true,
	"option": true, "optgroup": true, "rp": true, "rt": true,
}

// unnested are elements that stand once, or hold nothing.
var unnested = map[string]bool{
	"html": true, "head": true, "body": true,
	"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true, "link": true, "meta": true,
	"param": true, "source": true, "track": true, "wbr": true, "image": true,
}

// tame leaves out the tags of a text that would nest its elements too deep, and formatting that is never closed. Strictly,
// an element that closes itself counts as one that does not.
func tame(text string, strictly bool) string {
	var out strings.Builder
	out.Grow(len(text))
	t := taming{open: map[string]int{}, dropped: map[string]int{}, strictly: strictly}
	tokens := html.NewTokenizer(strings.NewReader(text))
	for at := 0; ; {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			out.WriteString(text[min(at, len(text)):])
			return out.String()
		}
		size := len(tokens.Raw())
		if kind != html.StartTagToken && kind != html.EndTagToken || t.keeps(tokens, kind) {
			out.WriteString(text[at : at+size])
		}
		at += size
	}
}

// taming counts what is open.
type taming struct {
	open, dropped map[string]int
	depth, styled int
	strictly      bool
}

// keeps reports whether a tag stays.
func (t *taming) keeps(tokens *html.Tokenizer, kind html.TokenType) bool {
	raw, _ := tokens.TagName()
	name := string(raw)
	switch {
	case unnested[name], unclosed[name] && !t.strictly:
		return true
	case kind == html.StartTagToken:
		if t.depth >= deepest || formatting[name] && t.styled >= mostStyled {
			t.dropped[name]++
			return false
		}
		t.open[name]++
		t.depth++
		if formatting[name] {
			t.styled++
		}
		return true
	case t.dropped[name] > 0:
		t.dropped[name]--
		return false
	case t.open[name] > 0:
		t.open[name]--
		t.depth--
		if formatting[name] {
			t.styled--
		}
	}
	return true
}

// count counts the nodes of a tree, up to a little more than limit.
func count(root *html.Node, limit int) int {
	n := 0
	for range root.Descendants() {
		if n++; n > limit {
			break
		}
	}
	return n
}
