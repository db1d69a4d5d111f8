package markup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"

	"golang.org/x/net/html"
)

// document is JSON that stands in a page.
type document struct {
	value  any
	linked bool // JSON-LD
}

// The bounds of what is embedded in one page.
const (
	mostEmbedded    = 100
	largestEmbedded = 16 << 20
)

// Embedded returns the JSON documents that stand in the page: __NEXT_DATA__ and the other scripts of type
// application/json in their order, then those of application/ld+json. What cannot be read is left out.
func (p *Page) Embedded() []any {
	var plain, linked []any
	for _, d := range p.documents() {
		if d.linked {
			linked = append(linked, d.value)
		} else {
			plain = append(plain, d.value)
		}
	}
	return append(plain, linked...)
}

// Linked returns the JSON-LD documents (https://www.w3.org/TR/json-ld11/) of the page in their order.
func (p *Page) Linked() []any {
	var linked []any
	for _, d := range p.documents() {
		if d.linked {
			linked = append(linked, d.value)
		}
	}
	return linked
}

func (p *Page) documents() []document {
	p.once.Do(func() {
		size := 0
		for n := range p.Root.Descendants() {
			if n.Type != html.ElementNode || n.Data != "script" || len(p.embedded) == mostEmbedded {
				continue
			}
			kind, _ := attribute(n, "type")
			if kind, _, _ = mime.ParseMediaType(kind); !isJSON(kind) {
				continue
			}
			text := source(n)
			if size += len(text); size > largestEmbedded {
				return
			}
			if value, err := readJSON(text); err == nil {
				p.embedded = append(p.embedded, document{value, kind == "application/ld+json"})
			}
		}
	})
	return p.embedded
}

func isJSON(mediaType string) bool {
	return strings.HasSuffix(mediaType, "/json") || strings.HasSuffix(mediaType, "+json")
}

// whole reads a page that is nothing but JSON.
func whole(text, contentType string) (any, bool) {
	if kind, _, err := mime.ParseMediaType(contentType); err != nil || !isJSON(kind) {
		return nil, false
	}
	value, err := readJSON(text)
	return value, err == nil
}

// source is the text of a script, as it stands.
func source(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// readJSON reads one value, which some systems wrap in marks of comments or of CDATA.
func readJSON(text string) (any, error) {
	text = strings.TrimSpace(text)
	for _, mark := range []string{"<!--", "//", "<![CDATA["} {
		text = strings.TrimSpace(strings.TrimPrefix(text, mark))
	}
	for _, mark := range []string{"-->", "]]>", "//", ";"} {
		text = strings.TrimSpace(strings.TrimSuffix(text, mark))
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read JSON: more follows its end")
	}
	return value, nil
}

// values runs the program of a selector.
func (s Selector) values(ctx context.Context, item Item) (found []Match, err error) {
	inputs, first, err := s.inputs(ctx, item)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, input := range inputs {
		values, err := s.program.Run(ctx, input)
		if err != nil && failed == nil {
			failed = err
		}
		for _, v := range values {
			if v != nil {
				found = append(found, Match{Page: item.Page, JSON: v})
			}
		}
		if len(found) > 0 && (first || len(found) >= mostMatches) {
			return found, nil
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	if first && len(inputs) > 1 {
		return nil, nil // a program need not fit every document of a page
	}
	return nil, failed
}

// inputs are what the program of a selector is run on; first: only until one gives something.
func (s Selector) inputs(ctx context.Context, item Item) (inputs []any, first bool, err error) {
	if s.finder == nil && s.attr == "" {
		if item.Node == nil {
			return []any{item.JSON}, false, nil
		}
		if item.Page == nil {
			return nil, false, nil
		}
		return item.Page.Embedded(), true, nil
	}
	var unread error
	err = s.each(ctx, item, func(m Match) bool {
		text := m.text
		if m.Attr == "" && m.Node != nil {
			text = rawText(m.Node)
		}
		value, err := readJSON(text)
		if err != nil {
			unread = fmt.Errorf("what the selector %q finds is no JSON: %w", s.text, err)
			return true
		}
		inputs = append(inputs, value)
		return len(inputs) < mostEmbedded
	})
	if err == nil && len(inputs) == 0 {
		err = unread
	}
	return inputs, false, err
}
