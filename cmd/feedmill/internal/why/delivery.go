package why

import (
	"context"
	"slices"
	"strings"

	"feedmill/config"
	"feedmill/feed/store"
)

// outlet is an output as a feed uses it.
type outlet struct {
	name     string
	editions []string // that it takes, "" for the feed's own documents; none: it is to have nothing
	target   string
	received int64            // the last release
	history  []store.Handover // the last deliveries, the oldest first
	trouble  string           // why the last one failed
}

// outlets are the outputs of the configuration as the feed uses them.
func (t *Teller) outlets(ctx context.Context, s subject) ([]outlet, error) {
	received, err := s.Delivered(ctx)
	if err != nil {
		return nil, err
	}
	history, err := s.Handovers(ctx)
	if err != nil {
		return nil, err
	}
	wrong, err := t.conditions(ctx, s)
	if err != nil {
		return nil, err
	}
	var all []outlet
	for _, o := range t.Config.Outputs {
		one := outlet{name: o.Name, editions: takes(s.words, o.Name)}
		ours := func(name string) bool { return strings.HasPrefix(name, o.Name+" ") } // a target stands behind the name
		for name, release := range received {
			if ours(name) && release >= one.received {
				one.received, one.target = release, strings.TrimPrefix(name, o.Name+" ")
			}
		}
		for _, h := range history {
			if h.Output == o.Name+" "+one.target {
				one.history = append(one.history, h)
			}
		}
		for _, c := range wrong {
			if name, ok := strings.CutPrefix(c.Subject, "output "); ok && (ours(name) || name == o.Name) {
				one.trouble = "failed since " + s.show(c.Since) + ": " + c.Text
			}
		}
		if len(one.editions) > 0 || one.received > 0 {
			all = append(all, one)
		}
	}
	return all, nil
}

// takes are the editions of a feed that an output gets.
func takes(f *config.Feed, output string) []string {
	var editions []string
	if slices.Contains(f.Outputs, output) {
		editions = append(editions, "")
	}
	for _, e := range f.Editions {
		if slices.Contains(e.Outputs, output) {
			editions = append(editions, e.Name)
		}
	}
	return editions
}

// delivered tells which outputs received the article, and when.
func (t *Teller) delivered(ctx context.Context, s subject, row store.Article) error {
	if row.Number == 0 {
		return nil
	}
	outlets, err := t.outlets(ctx, s)
	if err != nil {
		return err
	}
	var lines [][]string
	for _, o := range outlets {
		lines = append(lines, []string{o.name, o.target, o.when(s, row)})
	}
	if t.Config.Server != nil {
		lines = append(lines, []string{"server", t.Config.Server.Listen, "at once, while feedmill run runs"})
	}
	section(t.Out, "Delivered", lines)
	return nil
}

// when says when the output received an article first, and when as it is now.
func (o outlet) when(s subject, row store.Article) string {
	first := slices.IndexFunc(o.history, func(h store.Handover) bool { return !h.At.Before(row.Released) })
	current := slices.IndexFunc(o.history, func(h store.Handover) bool { return h.Revision >= row.Revision })
	var text string
	switch {
	case len(o.editions) == 0:
		return "it takes nothing of this feed any more"
	case o.received == 0 || first < 0 && len(o.history) > 0:
		text = "not yet"
	case len(o.history) == 0:
		text = "it has it; when is not known: an earlier feedmill brought it"
	case first == 0 && o.history[0].Release > 1:
		text = s.show(o.history[0].At) + " or before"
	default:
		text = s.show(o.history[first].At)
	}
	switch {
	case first < 0:
	case current < 0:
		text += "; its last change not yet"
	case current != first:
		text += ", as it is now " + s.show(o.history[current].At)
	}
	if o.trouble != "" {
		text += "; " + o.trouble
	}
	return text
}
