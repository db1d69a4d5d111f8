package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"feedmill/feed"
	"feedmill/feed/mill"
)

// mostOutcomes bounds how many articles of one refresh are named in the printed report.
const mostOutcomes = 40

// Narrator tells people what refreshes did: each article in a line on Out, the notes of sources in the log, the failure of
// each source and of the feed itself once, and once more when it has healed. Safe for concurrent use.
type Narrator struct {
	out io.Writer // nil: nothing is printed
	log *slog.Logger

	mu       sync.Mutex
	withhold bool
	named    bool                         // lines begin with the feed's name
	private  map[string]bool              // feeds whose articles no log names
	last     map[string]map[string]string // feed → source, "" for the feed itself → the failure last logged
}

// NewNarrator tells what happens to out, which may be nil, and to log.
func NewNarrator(out io.Writer, log *slog.Logger) *Narrator {
	return &Narrator{out: out, log: log, last: map[string]map[string]string{}}
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

// Tell reports one refresh.
func (n *Narrator) Tell(r mill.Report, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	private := n.private[r.Feed]
	if !private || !n.withhold {
		n.outcomes(r)
	}
	n.problems(r, private)
	for _, note := range r.Notes {
		n.log.Info("note", "feed", r.Feed, "note", note)
	}
	n.failures(r, err)
	if r.Rendered {
		n.log.Info("feed published", "feed", r.Feed, "new", r.Published, "changed", r.Changed, "withdrawn", r.Withdrawn)
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

// failures logs what is broken now and was not, or was so in other words, and what has healed.
func (n *Narrator) failures(r mill.Report, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	before, now := n.last[r.Feed], map[string]string{}
	n.last[r.Feed] = now
	broken := map[string]error{}
	bySource(err, broken)
	for _, source := range slices.Sorted(maps.Keys(broken)) {
		err := broken[source]
		now[source] = trouble(err)
		if now[source] != before[source] {
			what, which := subject(r.Feed, source)
			n.log.Error(what+" failed", append(which, "class", feed.ClassOf(err), "err", err)...)
		}
	}
	for _, source := range slices.Sorted(maps.Keys(before)) {
		switch {
		case broken[source] != nil:
		case source == "" || slices.Contains(r.Answered, source):
			what, which := subject(r.Feed, source)
			n.log.Info(what+" is well again", which...)
		case broken[""] != nil:
			now[source] = before[source] // it did not come to light what became of it
		}
	}
}

// places are what differs from time to time though the trouble is the same: where it lies in a document.
var places = regexp.MustCompile(`[0-9]+|<[^<>]*>`)

// trouble is an error by which it is known again.
func trouble(err error) string {
	words, _, _ := strings.Cut(err.Error(), "\ngoroutine ") // the stack of a panic differs every time
	return string(feed.ClassOf(err)) + " " + places.ReplaceAllString(words, "")
}

// bySource puts the failures that err joins under the names of their sources, and what concerns the whole feed under "".
func bySource(err error, broken map[string]error) {
	switch e := any(err).(type) { // not errors.As: it would find the first of those joined
	case nil:
	case *mill.SourceError:
		broken[e.Source] = errors.Join(broken[e.Source], e.Err)
	case interface{ Unwrap() []error }:
		for _, one := range e.Unwrap() {
			bySource(one, broken)
		}
	default:
		broken[""] = errors.Join(broken[""], err)
	}
}

// subject is what a line of the log is about, in words and as attributes.
func subject(feed, source string) (what string, which []any) {
	if source == "" {
		return "feed", []any{"feed", feed}
	}
	return "source", []any{"feed", feed, "source", source}
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
