package filter

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// Bounds of one evaluation. The library bounds the lists that an expression makes, but neither how often it goes through
// a list nor how long the texts become that it joins; [guard] rewrites the expression so that both go through a [meter].
const (
	mostItems  = 1_000_000
	mostSteps  = 100_000
	mostJoined = 32 << 20
	runTimeout = time.Second
	widest     = 10_000 // a range of numbers
)

// guard rewrites an expression and refuses what cannot be bounded. It keeps the first error.
type guard struct {
	content bool // the expression asks for the content
	age     bool // and for the time since publication
	err     error
}

// Visit looks at one node; those below it come first.
func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		g.content = g.content || n.Value == "content" || n.Value == "$env"
		g.age = g.age || n.Value == "age" || n.Value == "$env"
	case *ast.BuiltinNode: // the library's own switch does not reach those that take a condition
		if !slices.Contains(allowed, n.Name) {
			g.refuse(n, n.Name+" is not among the functions here; there are "+strings.Join(allowed, " "))
		}
	case *ast.PredicateNode:
		n.Node = &ast.SequenceNode{Nodes: []ast.Node{call("(step)"), n.Node}}
	case *ast.BinaryNode:
		g.binary(node, n)
	}
}

func (g *guard) binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "+":
		switch left, right := n.Left.Type(), n.Right.Type(); {
		case isText(left) && isText(right):
			joined := call("(join)", n.Left, n.Right)
			joined.SetNature(*n.Nature()) // for a + further out
			ast.Patch(node, joined)
		case !isKnown(left) || !isKnown(right):
			g.refuse(n, "what + adds must be plainly texts or plainly numbers")
		}
	case "matches":
		if _, ok := n.Right.(*ast.StringNode); !ok {
			g.refuse(n, `matches takes a regular expression in quotes, such as  title matches "(?i)go 1"`)
		}
	case "..":
		from, isFrom := n.Left.(*ast.IntegerNode)
		to, isTo := n.Right.(*ast.IntegerNode)
		if !isFrom || !isTo || from.Value < -widest || to.Value > widest {
			g.refuse(n, fmt.Sprintf("a range takes two plain numbers from 0 to %d, such as  9..17", widest))
		}
	}
}

func (g *guard) refuse(n ast.Node, why string) {
	if g.err == nil {
		g.err = &file.Error{Location: n.Location(), Message: why}
	}
}

func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

func isText(t reflect.Type) bool { return t != nil && t.Kind() == reflect.String }

// isKnown reports whether values of a type cannot turn out to be texts when the expression runs, or surely are.
func isKnown(t reflect.Type) bool { return t != nil && t.Kind() != reflect.Interface }

// meter counts what one evaluation spends.
type meter struct {
	ctx    context.Context
	steps  int
	joined int
}

// step counts one look at one thing in a list.
func (m *meter) step() (bool, error) {
	if m.steps++; m.steps > mostSteps {
		return false, fmt.Errorf("it takes more than %d steps; go through fewer lists within lists", mostSteps)
	}
	if m.ctx.Err() != nil {
		return false, errors.New("it takes too long; make it simpler")
	}
	return true, nil
}

// join joins two texts.
func (m *meter) join(a, b string) (string, error) {
	if m.joined += len(a) + len(b); m.joined > mostJoined {
		return "", fmt.Errorf("it joins texts of more than %d MB", mostJoined>>20)
	}
	return a + b, nil
}
