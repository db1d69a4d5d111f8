package markup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/antchfx/htmlquery"
	"github.com/antchfx/xpath"
	"golang.org/x/net/html"

	"feedmill/feed/late"
)

// path is an expression of XPath 1.0. An evaluation changes the expression, so that one is made at a time.
type path struct {
	mu   *sync.Mutex
	expr *xpath.Expr
}

func newXPath(written string) (path, error) {
	s := strings.TrimSpace(written)
	expr, err := compileXPath(s)
	if err != nil {
		return path{}, explainXPath(written, s, err)
	}
	return path{&sync.Mutex{}, expr}, nil
}

// compileXPath makes an error of what the parser of expressions panics at.
func compileXPath(s string) (expr *xpath.Expr, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return xpath.Compile(s)
}

// explainXPath finds the place of an error: the end of the shortest beginning that fails in the same way.
func explainXPath(written, s string, err error) error {
	end := 1 + sort.Search(len(s)-1, func(i int) bool {
		_, shorter := compileXPath(s[:i+1])
		return shorter != nil && shorter.Error() == err.Error()
	})
	reason := strings.TrimPrefix(err.Error(), s+" ")
	return &SelectorError{written, column(written, strings.Index(written, s)+end-1), "XPath: " + reason}
}

func (p path) find(ctx context.Context, item Item, yield func(Match) bool) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case stopped:
			err = errSlow
		default:
			err = fmt.Errorf("cannot be used on this page: %v", failed)
		}
	}()
	start := &walker{NodeNavigator: *htmlquery.CreateXPathNavigator(item.Node), steps: new(int), ctx: ctx}
	switch v := p.expr.Evaluate(start).(type) {
	case *xpath.NodeIterator:
		for _, w := range p.nodes(v, item.Node) {
			if !yield(w.match(item.Page)) {
				break
			}
		}
	case string:
		if v != "" {
			yield(Match{Page: item.Page, text: v})
		}
	case float64:
		yield(Match{Page: item.Page, text: strconv.FormatFloat(v, 'f', -1, 64)})
	case bool:
		yield(Match{Page: item.Page, text: strconv.FormatBool(v)})
	}
	return nil
}

// backwards matches expressions whose nodes may come in another order than the document's.
var backwards = late.Regexp(`\||preceding|ancestor`)

// nodes are what an iterator finds, in the order of the document.
func (p path) nodes(found *xpath.NodeIterator, in *html.Node) []*walker {
	var all []*walker
	for len(all) < mostMatches && found.MoveNext() {
		if w, ok := found.Current().Copy().(*walker); ok {
			all = append(all, w)
		}
	}
	if len(all) < 2 || !backwards().MatchString(p.expr.String()) {
		return all
	}
	for in.Parent != nil {
		in = in.Parent
	}
	places, n := map[*html.Node]int{in: 0}, 0
	for node := range in.Descendants() {
		n++
		places[node] = n
	}
	slices.SortStableFunc(all, func(a, b *walker) int { return cmp.Compare(places[a.Current()], places[b.Current()]) })
	return all
}

// walker is a cursor that looks at the clock now and then: an expression cannot be stopped otherwise.
type walker struct {
	htmlquery.NodeNavigator
	steps *int
	ctx   context.Context // of the search that the cursor belongs to
}

// stopped is what an evaluation that takes too long panics with.
type stopped struct{}

func (w *walker) step() {
	const pause = 1024
	if *w.steps++; *w.steps%pause == 0 && w.ctx.Err() != nil {
		panic(stopped{})
	}
}

func (w *walker) Copy() xpath.NodeNavigator {
	same := *w
	return &same
}

func (w *walker) MoveToChild() bool    { w.step(); return w.NodeNavigator.MoveToChild() }
func (w *walker) MoveToNext() bool     { w.step(); return w.NodeNavigator.MoveToNext() }
func (w *walker) MoveToPrevious() bool { w.step(); return w.NodeNavigator.MoveToPrevious() }
func (w *walker) MoveToParent() bool   { w.step(); return w.NodeNavigator.MoveToParent() }

func (w *walker) MoveTo(other xpath.NodeNavigator) bool {
	o, ok := other.(*walker)
	return ok && w.NodeNavigator.MoveTo(&o.NodeNavigator)
}

func (w *walker) match(p *Page) Match {
	m := Match{Page: p, Node: w.Current()}
	switch {
	case w.NodeType() == xpath.AttributeNode:
		m.Attr, m.text = w.LocalName(), w.Value()
	case m.Node.Type != html.ElementNode && m.Node.Type != html.DocumentNode:
		m.Node, m.text = nil, w.Value()
	}
	return m
}
