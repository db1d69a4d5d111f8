package doctor

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // somebody does not get what is published
	Warning Severity = "warning" // somebody gets it late, twice, dearly, or not for long
	Note    Severity = "note"    // worth knowing
)

func (s Severity) rank() int { return slices.Index([]Severity{Error, Warning, Note}, s) }

// Finding is something that was seen and is not as it should be.
type Finding struct {
	// Feed is its key; empty: it is about the site.
	Feed     string   `json:"feed,omitempty"`
	Severity Severity `json:"severity"`
	// Address is where it was seen, without what is secret. Others are where the same was seen.
	Address string   `json:"address,omitempty"`
	Others  []string `json:"others,omitempty"`
	// Readers are who saw it; empty: everybody.
	Readers []string `json:"readers,omitempty"`
	Seen    string   `json:"seen"`
	Remedy  string   `json:"remedy"`

	kind string // findings of one kind and remedy are told together
}

// Report is what an examination found.
type Report struct {
	Feeds     int       `json:"feeds"`
	Addresses int       `json:"addresses"`
	Requests  int       `json:"requests"`
	Findings  []Finding `json:"findings"`
}

// Well reports whether nothing is worse than a note.
func (r *Report) Well() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity != Note })
}

// add notes a finding, with the same one at another address if there is one.
func (v *visit) add(f Finding) {
	f.Feed = v.feed
	for i, old := range v.report.Findings {
		if old.Feed != f.Feed || old.kind != f.kind || old.Severity != f.Severity || old.Remedy != f.Remedy || !slices.Equal(old.Readers, f.Readers) {
			continue
		}
		if f.Address != old.Address && !slices.Contains(old.Others, f.Address) {
			// A new slice: an examination that is begun again goes back to the findings before it.
			v.report.Findings[i].Others = append(slices.Clip(slices.Clone(old.Others)), f.Address)
		}
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

// Tell prints the report for people, the worst of each feed first.
func (r *Report) Tell(out io.Writer) error {
	var text strings.Builder
	findings := slices.Clone(r.Findings)
	slices.SortStableFunc(findings, func(a, b Finding) int {
		if a.Feed != b.Feed {
			return 0
		}
		return cmp.Compare(a.Severity.rank(), b.Severity.rank())
	})
	feed := "\x00"
	counts := map[Severity]int{}
	for _, f := range findings {
		counts[f.Severity]++
		if f.Feed != feed {
			feed = f.Feed
			fmt.Fprintf(&text, "%s\n", cmp.Or(feed, "the site"))
		}
		f.tell(&text)
	}
	looked := fmt.Sprintf("%s, %s, %s", count(r.Feeds, "feed"), count(r.Addresses, "address"), count(r.Requests, "request"))
	if len(findings) == 0 {
		fmt.Fprintf(&text, "All is well: %s.\n", looked)
	} else {
		fmt.Fprintf(&text, "%s, %s, %s: %s.\n", count(counts[Error], "error"), count(counts[Warning], "warning"), count(counts[Note], "note"), looked)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// mostOthers bounds how many more addresses are named.
const mostOthers = 5

func (f Finding) tell(text *strings.Builder) {
	const indent = "           "
	place := f.Address
	if len(f.Readers) > 0 {
		place += ", asked by " + list(f.Readers)
	}
	if place != "" {
		fmt.Fprintf(text, "  %-8s %s\n%s%s\n", f.Severity, place, indent, f.Seen)
	} else {
		fmt.Fprintf(text, "  %-8s %s\n", f.Severity, f.Seen)
	}
	fmt.Fprintf(text, "%s%s\n", indent, f.Remedy)
	if n := len(f.Others); n > 0 {
		more := ""
		if n > mostOthers {
			more = fmt.Sprintf(" and %d more", n-mostOthers)
		}
		fmt.Fprintf(text, "%sThe same at %s%s.\n", indent, strings.Join(f.Others[:min(n, mostOthers)], ", "), more)
	}
	text.WriteByte('\n')
}

func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func count(n int, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "s"):
		return fmt.Sprintf("%d %ses", n, word)
	}
	return fmt.Sprintf("%d %ss", n, word)
}
