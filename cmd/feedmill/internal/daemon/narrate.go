package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// mostOutcomes bounds how many articles of one refresh are named in the printed report.
const mostOutcomes = 40

// Narrator tells people what refreshes did: each article in a line on Out, each failure once in the log, and once more
// when it has healed. Safe for concurrent use.
type Narrator struct {
	out io.Writer // nil: nothing is printed
	log *slog.Logger

	mu    sync.Mutex
	named bool              // lines begin with the feed's name
	last  map[string]string // feed → the failure last logged
}

// NewNarrator tells what happens to out, which may be nil, and to log.
func NewNarrator(out io.Writer, log *slog.Logger) *Narrator {
	return &Narrator{out: out, log: log, last: map[string]string{}}
}

// Follow sets the plan that is told about: of several feeds each line names its own.
func (n *Narrator) Follow(p *Plan) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.named = len(p.Feeds) > 1
}

// Tell reports one refresh.
func (n *Narrator) Tell(r mill.Report, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, o := range r.Outcomes {
		if i == mostOutcomes {
			n.print(r.Feed, fmt.Sprintf("… and %d more", len(r.Outcomes)-i))
			break
		}
		n.print(r.Feed, Line(o))
	}
	for _, o := range r.Outcomes {
		if o.Err != nil {
			n.log.Warn("problem", "feed", r.Feed, "article", o.Key, "class", feed.ClassOf(o.Err), "err", o.Err)
		}
	}
	n.failure(r.Feed, err)
	if r.Rendered {
		n.log.Info("feed published", "feed", r.Feed, "new", r.Published, "changed", r.Changed, "withdrawn", r.Withdrawn)
	}
}

func (n *Narrator) failure(name string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	words := ""
	if err != nil {
		words, _, _ = strings.Cut(err.Error(), "\ngoroutine ") // the stack of a panic differs every time
	}
	switch before := n.last[name]; {
	case words == before:
	case err == nil:
		n.log.Info("feed is well again", "feed", name)
	default:
		n.log.Error("feed failed", "feed", name, "class", feed.ClassOf(err), "err", err)
	}
	n.last[name] = words
}

func (n *Narrator) print(name, line string) {
	if n.out == nil {
		return
	}
	if n.named {
		line = name + ": " + line
	}
	// A report that cannot be printed is in the log all the same.
	_, _ = fmt.Fprintln(n.out, line)
}

// Line says in one line what became of an article: "call.txt: published, 18 paragraphs, 5 headings".
func Line(o feed.Outcome) string {
	if o.Err != nil && (o.State == "failed" || o.State == "") {
		return o.Err.Error()
	}
	words := append([]string{o.State}, o.Details...)
	if o.Err != nil {
		words = append(words, o.Err.Error())
	}
	return o.Key + ": " + strings.Join(words, ", ")
}
