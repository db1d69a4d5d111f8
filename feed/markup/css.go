package markup

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// css is a selector of CSS, or several with commas between them. What goquery adds to CSS (:contains, :has, :first-child) is
// cascadia's, so that selectors mean the same in strip.
type css struct{ group cascadia.SelectorGroup }

func newCSS(written, whole string) (css, error) {
	group, err := cascadia.ParseGroup(strings.TrimSpace(written))
	if err != nil {
		return css{}, explainCSS(written, whole, err)
	}
	return css{group}, nil
}

func (c css) find(ctx context.Context, item Item, yield func(Match) bool) error {
	for n := range item.Node.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if ctx.Err() != nil {
			return errSlow
		}
		if c.matches(n) && !yield(Match{Page: item.Page, Node: n}) {
			return nil
		}
	}
	return nil
}

func (c css) matches(n *html.Node) bool {
	for _, s := range c.group {
		if s.Match(n) {
			return true
		}
	}
	return false
}

// explainCSS finds the place of an error, which the parser does not tell: the end of the shortest beginning that
// fails in the same way.
func explainCSS(written, whole string, err error) error {
	s := strings.TrimSpace(written)
	blank := strings.Index(written, s)
	message := err.Error()
	reason := strings.NewReplacer(
		"found EOF instead", "found its end", "unexpected EOF in", "it ends in the middle of", "EOF in", "it ends in the middle of a",
	).Replace(message)
	end, left := len(s), 0
	if _, rest, ok := strings.Cut(message, `": `); ok {
		if n, _ := fmt.Sscanf(rest, "%d bytes left over", &left); n == 1 {
			end, reason = len(s)-left+1, "this does not belong to a selector"
		}
	}
	switch {
	case strings.Contains(message, "EOF"):
		end++
	case left == 0:
		end = 1 + sort.Search(len(s)-1, func(i int) bool {
			_, shorter := cascadia.ParseGroup(s[:i+1])
			return shorter != nil && shorter.Error() == message
		})
	}
	return &SelectorError{whole, column(written, blank+end-1), reason}
}
