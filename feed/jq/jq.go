// Package jq holds programs in jq, the language in which fields of JSON are chosen (https://jqlang.org, as gojq speaks it).
//
// It is the only importer of gojq. A program reads the value it is given and nothing else: no variables, no environment,
// no files, no modules, no further input. It is stopped when it takes too long or gives too much.
package jq

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// Program is a compiled jq program. The zero value gives nothing. It may be used by many goroutines at once.
type Program struct {
	text string
	code *gojq.Code
}

// The bounds of one run.
const (
	longest    = 10_000 // bytes of a program
	mostValues = 10_000
	slowest    = 2 * time.Second
)

// UnmarshalText reads a program. Its errors say where it is wrong, in characters from 1.
func (p *Program) UnmarshalText(text []byte) error {
	s := string(text)
	switch {
	case strings.TrimSpace(s) == "":
		return errors.New("the jq program is empty; write one such as .title")
	case len(s) > longest:
		return fmt.Errorf("the jq program has %d bytes; %d are the most", len(s), longest)
	case !utf8.ValidString(s):
		return errors.New("the jq program is not UTF-8 text")
	}
	query, err := gojq.Parse(s)
	if err != nil {
		return explain(s, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return fmt.Errorf("the jq program %q cannot be used: %w", s, err)
	}
	*p = Program{s, code}
	return nil
}

// Error is a program that is not understood, and where: in characters from 1.
type Error struct {
	Program string
	Column  int
	Reason  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("the jq program %q is not understood at character %d: %s", e.Program, e.Column, e.Reason)
}

func explain(s string, err error) error {
	wrong, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return fmt.Errorf("the jq program %q is not understood: %w", s, err)
	}
	at := max(min(wrong.Offset, len(s))-len(wrong.Token), 0)
	reason := fmt.Sprintf("%q does not belong there", wrong.Token)
	if wrong.Token == "" {
		reason = "it ends too early"
	}
	return &Error{s, utf8.RuneCountInString(s[:at]) + 1, reason}
}

// IsZero reports whether no program was read.
func (p Program) IsZero() bool { return p.code == nil }

// String returns the program as written.
func (p Program) String() string { return p.text }

// MarshalText returns the program as written.
func (p Program) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// Run returns what the program makes of input, a value as encoding/json makes it (numbers may be json.Number). Values
// that come before an error are returned with it. null is a value too. A run of more than two seconds or 10,000
// values is an error.
func (p Program) Run(ctx context.Context, input any) (values []any, err error) {
	if p.code == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, slowest)
	defer cancel()
	run := p.code.RunWithContext(ctx, input)
	for {
		v, more := run.Next()
		if !more {
			return values, nil
		}
		if err, failed := v.(error); failed {
			return values, p.failed(ctx, err)
		}
		if len(values) == mostValues {
			return values, fmt.Errorf("the jq program %q gives more than %d values", p.text, mostValues)
		}
		values = append(values, v)
	}
}

func (p Program) failed(ctx context.Context, err error) error {
	if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the jq program %q takes too long; make it simpler", p.text)
	}
	return fmt.Errorf("the jq program %q: %w", p.text, err)
}
