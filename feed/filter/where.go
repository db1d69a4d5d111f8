package filter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Expression is the word of where: a condition in the language of expr-lang.org over these names.
//
//	title summary content author language link source   texts; content is plain, author the names with commas
//	tags                                                a list of texts
//	published updated                                   dates, compared with date("2026-11-24")
//	age                                                 the time since published, 0 for an article without a date
//	days(30) hours(2.5)                                 lengths of time
//
// Of the language's functions it has those that look at texts, numbers, dates and lists. The zero value is no expression.
type Expression struct {
	text    string
	program *vm.Program
	content bool // it asks for the content
	age     bool // it asks for the time since publication
}

// Bounds of an expression as written.
const (
	longestExpression = 4000
	mostNodes         = 1000
)

// allowed are the functions of expr-lang that an expression may call: those whose work and memory are bounded by what
// they are given, and which read no clock.
var allowed = []string{
	"all", "none", "any", "one", "filter", "map", "count", "sum",
	"len", "abs", "ceil", "floor", "round", "int", "float", "max", "min", "trim", "trimPrefix", "trimSuffix", "upper", "lower",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "date", "duration", "timezone",
}

// UnmarshalText reads an expression. Its errors say where it is wrong, in characters from 1.
func (e *Expression) UnmarshalText(text []byte) error {
	written := string(text)
	switch {
	case strings.TrimSpace(written) == "":
		return errors.New("the expression is empty; write one such as  age < days(30)")
	case len(written) > longestExpression:
		return fmt.Errorf("the expression has %d bytes; %d are the most", len(written), longestExpression)
	case !utf8.Valid(text):
		return errors.New("the expression is not UTF-8 text")
	}
	guard := &guard{}
	options := []expr.Option{
		expr.Env(facts{}), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(mostNodes), expr.Patch(guard), expr.DisableAllBuiltins(),
		length("days", 24*time.Hour), length("hours", time.Hour),
	}
	for _, name := range allowed {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := compile(written, options)
	if guard.err != nil {
		err = guard.err
	}
	if err != nil {
		return explainExpression(written, err)
	}
	*e = Expression{written, program, guard.content, guard.age}
	return nil
}

// compile keeps a fault of the library from stopping the program.
func compile(written string, options []expr.Option) (program *vm.Program, err error) {
	defer func() {
		if p := recover(); p != nil {
			program, err = nil, fmt.Errorf("it cannot be compiled: %v", p)
		}
	}()
	return expr.Compile(written, options...)
}

func explainExpression(written string, err error) error {
	reason, place := err.Error(), ""
	if wrong, ok := errors.AsType[*file.Error](err); ok {
		reason, place = wrong.Message, fmt.Sprintf(" at character %d", min(wrong.From, utf8.RuneCountInString(written))+1)
	}
	if name, ok := strings.CutPrefix(reason, "unknown name "); ok {
		reason = name + " is not known; there are " + strings.Join(factNames, " ")
	} else if kind, ok := strings.CutPrefix(reason, "expected bool, but got "); ok {
		reason = "it is a " + kind + ", not true or false; compare it with something"
	}
	reason = strings.ReplaceAll(reason, "unexpected token EOF", "it ends too early")
	return fmt.Errorf("the expression %s is not understood%s: %s", short(written), place, reason)
}

// String returns the expression as written.
func (e Expression) String() string { return e.text }

// MarshalText returns the expression as written.
func (e Expression) MarshalText() ([]byte, error) { return []byte(e.text), nil }

// Validate reports a missing expression.
func (e Expression) Validate() error {
	if e.program == nil {
		return errors.New("the expression is empty; write one such as  age < days(30)")
	}
	return nil
}

func (e Expression) describe() string { return short(e.text) }

func (e Expression) start(env Env) step { return judging{e, env.Now} }

// facts is what an expression knows of one article. The last two cannot be written: no name has parentheses.
type facts struct {
	Title     string        `expr:"title"`
	Summary   string        `expr:"summary"`
	Content   string        `expr:"content"`
	Author    string        `expr:"author"`
	Tags      []string      `expr:"tags"`
	Link      string        `expr:"link"`
	Published time.Time     `expr:"published"`
	Updated   time.Time     `expr:"updated"`
	Age       time.Duration `expr:"age"`
	Language  string        `expr:"language"`
	Source    string        `expr:"source"`

	Step func() (bool, error)              `expr:"(step)"`
	Join func(a, b string) (string, error) `expr:"(join)"`
}

var factNames = []string{
	"title", "summary", "content", "author", "tags", "link", "published", "updated", "age", "language", "source", "days(n)", "hours(n)",
}

type judging struct {
	Expression
	now time.Time
}

func (j judging) apply(ctx context.Context, it *item) outcome {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	f := facts{
		Title: it.Title, Summary: it.Summary, Author: it.author(), Tags: slices.Clone(it.Tags), Link: it.Link,
		Published: it.Published, Updated: it.Updated, Age: j.age(it), Language: it.Language, Source: it.source,
	}
	if j.content {
		f.Content = it.text()
	}
	m := meter{ctx: ctx}
	f.Step, f.Join = m.step, m.join
	is, err := j.run(f)
	switch {
	case err != nil:
		return failed(j.describe(), err)
	case is:
		return outcome{}
	default:
		return outcome{action: Dropped, why: j.describe()}
	}
}

// age returns the time since publication. An article without a date was first seen now.
func (j judging) age(it *item) time.Duration {
	if it.Published.IsZero() {
		return 0
	}
	return j.now.Sub(it.Published)
}

// run evaluates the expression.
func (j judging) run(f facts) (is bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the expression cannot be evaluated: %v", p)
		}
	}()
	machine := vm.VM{MemoryBudget: mostItems}
	result, err := machine.Run(j.program, f)
	if wrong, ok := errors.AsType[*file.Error](err); ok {
		if wrong.Message == "memory budget exceeded" {
			return false, fmt.Errorf("it makes lists of more than %d things; go through fewer lists within lists", mostItems)
		}
		return false, fmt.Errorf("at character %d: %s", wrong.From+1, wrong.Message)
	}
	if err != nil {
		return false, err
	}
	is, ok := result.(bool)
	if !ok {
		return false, fmt.Errorf("it gives %T, not true or false", result)
	}
	return is, nil
}

// length makes a function that multiplies a unit of time, up to the longest time there is.
func length(name string, unit time.Duration) expr.Option {
	times := func(n float64) time.Duration {
		switch length := n * float64(unit); {
		case math.IsNaN(length):
			return 0
		case length >= math.MaxInt64:
			return math.MaxInt64
		case length <= math.MinInt64:
			return math.MinInt64
		default:
			return time.Duration(length)
		}
	}
	return expr.Function(name, func(arguments ...any) (any, error) {
		switch n := arguments[0].(type) {
		case int:
			return times(float64(n)), nil
		case float64:
			return times(n), nil
		default:
			return nil, fmt.Errorf("%s takes a number, not %T", name, n)
		}
	}, new(func(int) time.Duration), new(func(float64) time.Duration))
}
