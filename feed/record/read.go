package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// The bounds of one document.
const (
	largest  = 16 << 20 // bytes of text
	heaviest = 80 << 20 // bytes that its values take, as weighed while they are read
	deepest  = 200      // levels
)

// Read reads a document of one JSON value (RFC 8259). charset is what the surroundings say of it, "" for nothing. Numbers are
// int or, where they do not fit or have a fraction, json.Number or float64. Errors are of class Unreadable; one of a text
// that ends too early is an [ErrCut].
func Read(body []byte, charset string) (any, error) {
	text, err := textOf(body, charset)
	if err != nil {
		return nil, feed.Classify(feed.Unreadable, err)
	}
	r := newReader(text)
	value, err := r.value(0)
	if err == nil && r.more() {
		err = errMore
	}
	if err != nil {
		return nil, feed.Classify(feed.Unreadable, r.explain(text, err))
	}
	return value, nil
}

// ErrCut is the error of a document that ends before its last bracket.
var ErrCut = errors.New("the JSON ends too early, as if it was cut off")

var (
	errMore  = errors.New("something follows its end")
	errHeavy = errors.New("the JSON holds more values than fit into memory; ask for fewer at once")
	errDeep  = fmt.Errorf("the JSON is nested more than %d levels deep", deepest)
)

// textOf is a document in UTF-8, without the guards that some services put before it against scripts of others.
func textOf(body []byte, charset string) ([]byte, error) {
	if len(body) > largest {
		return nil, fmt.Errorf("the JSON has %d MB; %d MB are the most", len(body)>>20, largest>>20)
	}
	if !utf8.Valid(body) || bytes.HasPrefix(body, []byte("\ufeff")) || bytes.IndexByte(body, 0) >= 0 {
		text, err := clean.Decode(body, charset)
		if err != nil {
			return nil, fmt.Errorf("the JSON %w", err)
		}
		body = []byte(text)
	}
	body = bytes.TrimSpace(body)
	for _, guard := range []string{")]}',", ")]}'", "while(1);", "for(;;);"} {
		if rest, ok := bytes.CutPrefix(body, []byte(guard)); ok {
			return bytes.TrimSpace(rest), nil
		}
	}
	return body, nil
}

// reader reads values and weighs them.
type reader struct {
	tokens *json.Decoder
	names  map[string]string // each name of a member once
	weight int
}

func newReader(text []byte) *reader {
	r := &reader{tokens: json.NewDecoder(bytes.NewReader(text)), names: map[string]string{}}
	r.tokens.UseNumber()
	return r
}

// more reports whether another value follows.
func (r *reader) more() bool {
	_, err := r.tokens.Token()
	return !errors.Is(err, io.EOF)
}

func (r *reader) value(depth int) (any, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if depth == deepest {
			return nil, errDeep
		}
		if t == '{' {
			return r.object(depth + 1)
		}
		return r.list(depth + 1)
	case string:
		return t, r.weigh(len(t) + 16)
	case json.Number:
		return number(t), r.weigh(16)
	}
	return token, nil
}

func (r *reader) weigh(n int) error {
	if r.weight += n; r.weight > heaviest {
		return errHeavy
	}
	return nil
}

func (r *reader) list(depth int) (any, error) {
	list := []any{}
	for r.tokens.More() {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if err := r.weigh(40); err != nil { // two pointers, with the room that growing lists have and leave behind
			return nil, err
		}
	}
	_, err := r.tokens.Token()
	return list, err
}

func (r *reader) object(depth int) (any, error) {
	object := map[string]any{}
	if err := r.weigh(smallMap); err != nil {
		return nil, err
	}
	for r.tokens.More() {
		token, err := r.tokens.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string) // nothing else can stand there
		if known, ok := r.names[name]; ok {
			name = known
		} else {
			r.names[name] = name
			if err := r.weigh(len(name) + 80); err != nil {
				return nil, err
			}
		}
		if len(object) >= 8 {
			if err := r.weigh(72); err != nil {
				return nil, err
			}
		}
		if object[name], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	_, err := r.tokens.Token()
	return object, err
}

// smallMap is what a map of up to 8 members takes, in bytes.
const smallMap = 340

// number is an int where it is one.
func number(n json.Number) any {
	if i, err := strconv.Atoi(n.String()); err == nil {
		return i
	}
	if strings.ContainsAny(n.String(), "eE") {
		if f, err := n.Float64(); err == nil {
			return f
		}
	}
	return n
}

// explain says what is wrong with a text, and where.
func (r *reader) explain(text []byte, err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if len(text) == 0 {
			return errors.New("there is nothing where JSON should be")
		}
		return ErrCut
	case errors.Is(err, errHeavy), errors.Is(err, errDeep):
		return err
	}
	at := min(int(r.tokens.InputOffset()), len(text))
	line := bytes.Count(text[:at], []byte("\n")) + 1
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		err = errors.New(wrong.Error())
	}
	return fmt.Errorf("the JSON is broken in line %d, behind character %d: %w", line, utf8.RuneCount(text[bytes.LastIndexByte(text[:at], '\n')+1:at]), err)
}
