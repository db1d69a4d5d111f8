package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with a configuration.
type Problem struct {
	// File is the file as the operator would name it, or the variable or flag the value came from.
	File string
	// Line and Column count from 1, columns in characters. Both are 0 when File is no file or the file has no such place.
	Line, Column int
	// Path is the word, such as feeds.world.source.files.path; empty when the file itself is meant.
	Path string
	// Message says what is wrong and what to write instead. It never holds a secret or the value of a variable.
	Message string

	of string // the included file that has the problem, when File is another
}

// Error returns file:line:col: path: message, without the parts that are empty.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	return b.String() + ": " + p.Message
}

// Problems are all problems of a configuration, in the order of files and places.
type Problems []Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted orders problems by the given files, then line and column, and drops exact repetitions. Problems outside these
// files (variables, flags) come last.
func (ps Problems) sorted(files []string) Problems {
	rank := func(p Problem) int {
		if i := slices.Index(files, p.File); i >= 0 {
			return i
		}
		return len(files)
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(ps)
}

// place is where something was written.
type place struct {
	file         string
	line, column int
	path         string
	of           string // see [Problem]
}

func (at place) problem(format string, args ...any) Problem {
	return Problem{File: at.file, Line: at.line, Column: at.column, Path: at.path, Message: fmt.Sprintf(format, args...), of: at.of}
}
