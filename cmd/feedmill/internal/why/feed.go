package why

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"feedmill/config"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// What a feed's answer names, at most.
const (
	mostNewest  = 10
	mostWaiting = 20
	mostDropped = 10
	mostHeld    = 10
)

// feed tells of a feed what its articles are told of, in short.
func (t *Teller) feed(ctx context.Context, all []subject, key string) error {
	i := slices.IndexFunc(all, func(s subject) bool { return s.words.Key == key })
	if i < 0 {
		_, err := fmt.Fprintf(t.Out, "%s: nothing is known of it yet; feedmill run or feedmill build %s reads its sources\n", key, key)
		return err
	}
	s := all[i]
	summaries, err := t.Records.Summaries(ctx)
	if err != nil {
		return err
	}
	wrong, err := t.conditions(ctx, s)
	if err != nil {
		return err
	}
	about := summaries[key]
	fmt.Fprintf(t.Out, "%s: %s\n  %s published, the last %s · refreshed %s", key, s.words.Title,
		count(int(about.Articles), "article"), s.show(about.LastNew), s.show(about.Refreshed))
	if !about.Due.IsZero() {
		fmt.Fprintf(t.Out, " · due %s", s.show(about.Due))
	}
	fmt.Fprintln(t.Out)
	for _, c := range wrong {
		if !strings.Contains(c.Subject, " ") {
			fmt.Fprintf(t.Out, "  %s since %s: %s\n", c.Kind, s.show(c.Since), c.Text)
		}
	}
	if s.Outdated() {
		fmt.Fprintln(t.Out, "  its documents were not made since its articles changed")
	}
	if err := t.sources(ctx, s, wrong, about); err != nil {
		return err
	}
	if err := t.lately(ctx, s); err != nil {
		return err
	}
	if err := t.unfit(ctx, s); err != nil {
		return err
	}
	if err := t.heldBack(ctx, s); err != nil {
		return err
	}
	if err := t.leftOut(ctx, s, ""); err != nil {
		return err
	}
	return t.outputs(ctx, s)
}

// sources tells how each source was when it was last read.
func (t *Teller) sources(ctx context.Context, s subject, wrong []store.Condition, about store.Summary) error {
	var lines [][]string
	for i := range s.words.Sources {
		words := &s.words.Sources[i]
		habit, err := s.Habit(ctx, &s.feed.Sources[i])
		if err != nil {
			return err
		}
		outcome := "well"
		_, files := s.feed.Sources[i].Source.(examiner)
		switch {
		case about.Refreshed.IsZero():
			outcome = "not read yet"
		case habit.Size > 0 && !files: // of which it is told only what changed
			outcome = "well; " + count(habit.Size, "article") + " when it was last read"
		}
		var children [][]string
		for _, c := range wrong {
			switch name, ok := strings.CutPrefix(c.Subject, "source "); {
			case !ok:
			case name == words.Name:
				outcome = troubleOf(s, c)
			case strings.HasPrefix(name, words.Name+" "):
				children = append(children, []string{"", strings.TrimPrefix(name, words.Name+" "), troubleOf(s, c)})
			}
		}
		lines = append(append(lines, []string{words.Name, words.Origin(), outcome}), children...)
	}
	section(t.Out, "Sources", lines)
	return nil
}

func troubleOf(s subject, c store.Condition) string {
	return fmt.Sprintf("%s since %s, %s: %s", c.Kind, s.show(c.Since), count(c.Times, "time"), c.Text)
}

// lately tells of the newest articles, of those that wait and of those that filters dropped.
func (t *Teller) lately(ctx context.Context, s subject) error {
	latest, err := s.Latest(ctx, looksNear)
	if err != nil {
		return err
	}
	waiting, err := s.Waiting(ctx)
	if err != nil {
		return err
	}
	var newest, dropped, other [][]string
	for _, row := range latest {
		switch row.State {
		case store.Live:
			newest = append(newest, []string{s.show(row.Published), name(row), s.from(row)})
		case store.Dropped:
			dropped = append(dropped, []string{name(row), row.Reason, s.from(row)})
		case store.Withdrawn, store.Expired:
			other = append(other, []string{name(row), s.Why(row)})
		}
	}
	slices.SortStableFunc(newest, func(a, b []string) int { return strings.Compare(b[0], a[0]) })
	var waits [][]string
	for _, row := range waiting {
		waits = append(waits, []string{name(row), s.Why(row), s.from(row)})
	}
	section(t.Out, "Newest", first(newest, mostNewest))
	section(t.Out, "Waiting", first(waits, mostWaiting))
	section(t.Out, "Dropped by filters", first(dropped, mostDropped))
	section(t.Out, "Taken out", first(other, mostDropped))
	return nil
}

// first are the first lines, and how many more there are.
func first(lines [][]string, most int) [][]string {
	if len(lines) <= most {
		return lines
	}
	return append(slices.Clone(lines[:most]), []string{fmt.Sprintf("… and %d more", len(lines)-most)})
}

// from is the source of an article in a few words.
func (s subject) from(row store.Article) string {
	source, listed := s.Source(row)
	switch {
	case row.Key != "" && !strings.HasPrefix(row.Key, "~"):
		return row.Key
	case listed != "":
		return listed
	case source != nil && len(s.words.Sources) > 1:
		return source.Name
	}
	return ""
}

// heldBack tells what is not believed.
func (t *Teller) heldBack(ctx context.Context, s subject) error {
	batches, err := s.Withheld(ctx)
	if err != nil {
		return err
	}
	var lines [][]string
	for _, b := range batches {
		lines = append(lines, []string{b.Source, fmt.Sprintf("since %s, %s in a row: %s", s.show(b.First), count(b.Times, "time"), b.Reason)})
		lines = append(lines, first(called(b), mostHeld)...)
	}
	section(t.Out, "Held; feedmill accept "+s.words.Key+" believes it", lines)
	return nil
}

func called(b mill.Withheld) [][]string {
	var lines [][]string
	for _, a := range b.Articles {
		lines = append(lines, []string{"", name(store.Article{Said: a, Key: a.Key, Link: a.Link, Given: a.ID})})
	}
	for _, key := range b.Gone {
		lines = append(lines, []string{"", key + " is gone"})
	}
	return lines
}

// outputs tells what each output has of the feed since when.
func (t *Teller) outputs(ctx context.Context, s subject) error {
	outlets, err := t.outlets(ctx, s)
	if err != nil {
		return err
	}
	var lines [][]string
	for _, o := range outlets {
		lines = append(lines, []string{o.name, o.target, o.has(s)})
	}
	if t.Config.Server != nil {
		lines = append(lines, []string{"server", t.Config.Server.Listen, "all of it, while feedmill run runs" + readersOf(s.words)})
	}
	section(t.Out, "Outputs", lines)
	return nil
}

func readersOf(f *config.Feed) string {
	if f.Access == nil {
		return ""
	}
	return ", for its " + count(len(f.Access.Readers), "reader")
}

// has says which of the feed's releases an output holds.
func (o outlet) has(s subject) string {
	text := "nothing yet"
	switch {
	case len(o.editions) == 0:
		text = "takes nothing of it any more"
	case o.received == 0:
	case o.received == s.Released():
		text = "all, as it is now"
	default:
		text = "an older state"
	}
	if n := len(o.history); n > 0 {
		text += ", since " + s.show(o.history[n-1].At)
	}
	if o.trouble != "" {
		text += "; " + o.trouble
	}
	return text
}
