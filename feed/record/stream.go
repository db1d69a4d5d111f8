package record

import (
	"bytes"
	"errors"
	"io"

	"feedmill/feed"
)

// ReadStream reads a text of one JSON value or of several, such as a line each (JSON lines). Of several it makes a list. Where
// lines are values, a line that cannot be read is a problem, a [*feed.Problem] with its number, and the others are taken.
func ReadStream(body []byte, charset string) (value any, problems []error, err error) {
	text, err := textOf(body, charset)
	if err != nil {
		return nil, nil, feed.Classify(feed.Unreadable, err)
	}
	r := newReader(text)
	var all []any
	for {
		var v any
		if v, err = r.value(0); err != nil {
			break
		}
		all = append(all, v)
	}
	switch {
	case errors.Is(err, io.EOF) && len(all) == 1 && int(r.tokens.InputOffset()) == len(text):
		return all[0], nil, nil
	case errors.Is(err, io.EOF) && len(all) > 1 && int(r.tokens.InputOffset()) == len(text):
		return all, nil, nil
	case !byLines(text) || errors.Is(err, errHeavy):
		return nil, nil, feed.Classify(feed.Unreadable, r.explain(text, err))
	}
	all, problems, err = readLines(text)
	return all, problems, feed.Classify(feed.Unreadable, err)
}

// byLines reports whether the first line of a text of several is a value by itself.
func byLines(text []byte) bool {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if len(bytes.TrimSpace(rest)) == 0 {
		return false
	}
	r := newReader(first)
	_, err := r.value(0)
	return err == nil && !r.more()
}

// readLines reads a value from each line.
func readLines(text []byte) (all []any, problems []error, err error) {
	weight, n := 0, 0
	for line := range bytes.Lines(text) {
		n++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		r := newReader(line)
		r.weight = weight
		v, err := r.value(0)
		if err == nil && r.more() {
			err = errMore
		}
		weight = r.weight
		switch {
		case errors.Is(err, errHeavy):
			return nil, nil, err
		case err == nil:
			all = append(all, v)
		case len(problems) < mostProblems:
			problems = append(problems, &feed.Problem{Where: "line", Line: n, Err: r.explain(line, err)})
		}
	}
	return all, problems, nil
}

// mostProblems bounds how many lines or words are named.
const mostProblems = 100
