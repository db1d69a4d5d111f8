package daemon

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"feedmill/cmd/feedmill/internal/alert"
	"feedmill/feed"
	"feedmill/feed/listing"
	"feedmill/feed/mill"
)

// mostOutcomes bounds how many articles of one refresh are named in the printed report.
const mostOutcomes = 40

// Narrator tells people what refreshes did: each article in a line on Out, and in the log the notes of sources and what
// changed about what is wrong. Safe for concurrent use.
type Narrator struct {
	out io.Writer // nil: nothing is printed
	log *slog.Logger

	mu       sync.Mutex
	withhold bool
	named    bool            // lines begin with the feed's name
	private  map[string]bool // feeds whose articles no log names
}

// NewNarrator tells what happens to out, which may be nil, and to log.
func NewNarrator(out io.Writer, log *slog.Logger) *Narrator {
	return &Narrator{out: out, log: log}
}

// Follow sets the plan that is told about: of several feeds each line names its own.
func (n *Narrator) Follow(p *Plan) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.named, n.private = len(p.Feeds) > 1, map[string]bool{}
	for _, f := range p.Feeds {
		n.private[f.Name] = f.Private()
	}
}

// Withhold makes the narrator name no article of a private feed on Out either, for an Out that is kept as a log is.
func (n *Narrator) Withhold() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.withhold = true
}

// Tell reports one refresh, and what changed by it.
func (n *Narrator) Tell(r mill.Report, changes []alert.Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	private := n.private[r.Feed]
	if !private || !n.withhold {
		n.outcomes(r)
	}
	n.problems(r, private)
	n.leftOut(r, private)
	for _, note := range r.Notes {
		n.log.Info("note", "feed", r.Feed, "note", note)
	}
	for _, c := range changes {
		n.change(c)
	}
	if r.Rendered {
		n.log.Info("feed published", "feed", r.Feed, "new", r.Published, "changed", r.Changed, "withdrawn", r.Withdrawn)
	}
}

// Changed reports what changed beside any refresh.
func (n *Narrator) Changed(changes []alert.Change) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range changes {
		n.change(c)
	}
}

// outcomes prints what became of each article.
func (n *Narrator) outcomes(r mill.Report) {
	for i, o := range r.Outcomes {
		if i == mostOutcomes {
			n.print(r.Feed, fmt.Sprintf("… and %d more", len(r.Outcomes)-i))
			break
		}
		n.print(r.Feed, Line(o))
	}
}

// leftOut names what profiles refuse.
func (n *Narrator) leftOut(r mill.Report, private bool) {
	for i, l := range r.LeftOut {
		line := l.String()
		if i == mostOutcomes {
			line = fmt.Sprintf("… and %d more are left out", len(r.LeftOut)-i)
		}
		if !private || !n.withhold {
			n.print(r.Feed, line)
		}
		if !private {
			n.log.Info("left out", "feed", r.Feed, "what", line)
		}
		if i == mostOutcomes {
			return
		}
	}
}

// problems logs the articles that have some; of a private feed, only how many.
func (n *Narrator) problems(r mill.Report, private bool) {
	ill := 0
	for _, o := range r.Outcomes {
		switch {
		case o.Err == nil:
		case private:
			ill++
		default:
			n.log.Warn("problem", "feed", r.Feed, "article", o.Key, "class", feed.ClassOf(o.Err), "err", o.Err)
		}
	}
	if ill > 0 {
		n.log.Warn("problems in a private feed; see them with feedmill preview "+r.Feed, "feed", r.Feed, "articles", ill)
	}
}

// change logs what begins to be wrong, or is so in other words, and what is well again.
func (n *Narrator) change(c alert.Change) {
	what, name, named := strings.Cut(c.Subject, " ")
	which := []any{"feed", c.Feed}
	if named {
		which = append(which, what, name)
	}
	became := "failed"
	if c.Subject == alert.File {
		which = nil // the message names it
	}
	switch c.Kind {
	case alert.Held:
		became = c.Kind
	case alert.Silent:
		what, became = "feed", c.Kind
	}
	switch c.What {
	case alert.Begins:
		n.log.Error(what+" "+became, append(which, "class", c.Class, "err", inOneLine(c.Err))...)
	case alert.Well:
		n.log.Info(what+" is well again", which...)
	case alert.Same, alert.Removed:
	}
}

// inOneLine leaves out of an error the selectors that would mend it: status shows them on lines of their own.
func inOneLine(err error) string {
	words := err.Error()
	if outgrown, ok := errors.AsType[*listing.Outgrown](err); ok {
		words = strings.Replace(words, outgrown.Error(), outgrown.Short(), 1)
	}
	return words
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
