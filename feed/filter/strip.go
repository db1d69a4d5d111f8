package filter

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Selectors are the words of strip: what any of them finds in the content is removed, with all that is in it.
type Selectors []Selector

// Selector is a CSS selector, or several with commas between them. The zero value finds nothing.
type Selector struct {
	text     string
	compiled cascadia.SelectorGroup
}

// longestSelector bounds, in bytes, how deep selectors nest.
const longestSelector = 1000

// UnmarshalText reads a selector. Its errors say where it is wrong, in characters from 1.
func (s *Selector) UnmarshalText(text []byte) error {
	written := string(text)
	switch {
	case strings.TrimSpace(written) == "":
		return errors.New("the selector is empty; write one such as .share")
	case len(written) > longestSelector:
		return fmt.Errorf("the selector has %d bytes; %d are the most", len(written), longestSelector)
	case !utf8.Valid(text):
		return errors.New("the selector is not UTF-8 text")
	}
	compiled, err := cascadia.ParseGroup(strings.TrimSpace(written))
	if err != nil {
		return explainSelector(written, err)
	}
	*s = Selector{written, compiled}
	return nil
}

// String returns the selector as written.
func (s Selector) String() string { return s.text }

// MarshalText returns the selector as written.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// explainSelector finds the place of an error, which the parser does not tell: the end of the shortest beginning that
// fails in the same way.
func explainSelector(written string, err error) error {
	s := strings.TrimSpace(written)
	blank := strings.Index(written, s)
	reason, early := err.Error(), strings.Contains(err.Error(), "EOF")
	reason = strings.NewReplacer(
		"found EOF instead", "found its end", "unexpected EOF in", "it ends in the middle of", "EOF in", "it ends in the middle of a",
	).Replace(reason)
	end := len(s)
	var left int
	if _, rest, ok := strings.Cut(err.Error(), `": `); ok {
		if n, _ := fmt.Sscanf(rest, "%d bytes left over", &left); n == 1 {
			end, reason = len(s)-left+1, "this does not belong to a selector"
		}
	}
	switch {
	case early:
		end++
	case left == 0:
		end = 1 + sort.Search(len(s)-1, func(i int) bool {
			_, shorter := cascadia.ParseGroup(s[:i+1])
			return shorter != nil && shorter.Error() == err.Error()
		})
	}
	at := utf8.RuneCountInString(written[:min(blank+end-1, len(written))]) + 1
	return fmt.Errorf("the selector %q is not understood at character %d: %s", written, at, reason)
}

// Validate reports a list without a selector in it.
func (ss Selectors) Validate() error {
	if len(ss) == 0 {
		return errors.New("names no selector; write some, such as  [.share, aside]")
	}
	for _, s := range ss {
		if s.compiled == nil {
			return errors.New("holds an empty selector")
		}
	}
	return nil
}

func (ss Selectors) describe() string {
	texts := make([]string, len(ss))
	for i, s := range ss {
		texts[i] = s.text
	}
	return short(strings.Join(texts, ", "))
}

func (ss Selectors) start(Env) step { return stripping{ss} }

type stripping struct{ Selectors }

// Bounds of one article: a few descendant selectors on deeply nested content would take for ever.
const (
	deepest      = 200
	stripTimeout = time.Second
)

func (s stripping) apply(ctx context.Context, it *item) outcome {
	content := it.html()
	if !strings.Contains(content, "<") {
		return outcome{}
	}
	ctx, cancel := context.WithTimeout(ctx, stripTimeout)
	defer cancel()
	got, found, err := s.strip(ctx, content)
	switch {
	case err != nil:
		return failed(s.describe(), err)
	case len(found) == 0:
		return outcome{}
	}
	it.setHTML(got)
	return outcome{action: Changed, why: short(strings.Join(found, ", "))}
}

// strip returns the content without what the selectors find, and the selectors that found something.
func (s stripping) strip(ctx context.Context, content string) (rest string, found []string, err error) {
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(content), root)
	if err != nil {
		return "", nil, fmt.Errorf("read its content: %w", err)
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	p := pruning{ctx: ctx, selectors: s.Selectors, hits: make([]int, len(s.Selectors))}
	if err := p.prune(root, 0); err != nil {
		return "", nil, err
	}
	for i, n := range p.hits {
		if n > 0 {
			found = append(found, s.Selectors[i].text)
		}
	}
	if len(found) == 0 {
		return content, nil, nil
	}
	for _, n := range p.doomed {
		n.Parent.RemoveChild(n)
	}
	var out strings.Builder
	for n := range root.ChildNodes() {
		if err := html.Render(&out, n); err != nil {
			return "", nil, fmt.Errorf("write its content: %w", err)
		}
	}
	return strings.TrimSpace(out.String()), found, nil
}

// pruning finds what is to be removed. Nothing is removed before all is found, so that a selector which looks at
// neighbours sees the content as it came.
type pruning struct {
	ctx       context.Context
	selectors Selectors
	hits      []int // by selector
	doomed    []*html.Node
}

func (p *pruning) prune(parent *html.Node, depth int) error {
	if depth > deepest {
		return fmt.Errorf("its content is nested more than %d deep", deepest)
	}
	for n := range parent.ChildNodes() {
		if n.Type != html.ElementNode {
			continue
		}
		if p.ctx.Err() != nil {
			return errors.New("the selectors take too long on its content; make them simpler")
		}
		if i := p.match(n); i >= 0 {
			p.hits[i]++
			p.doomed = append(p.doomed, n)
			continue
		}
		if err := p.prune(n, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// match returns the first selector that finds n, -1 when none does.
func (p *pruning) match(n *html.Node) int {
	for i, s := range p.selectors {
		if s.compiled.Match(n) {
			return i
		}
	}
	return -1
}
