package mill

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"feedmill/feed/render"
)

// refusals are the articles that an edition looked at and does not show, so that each is read and named once. They are kept
// in the feed's memory, and hold for the rules they were found by.
type refusals struct {
	Rules   string
	Dropped versions // by a filter
	Refused versions // by the profile
}

// versions are states of articles: positions with the revision of each.
type versions map[int64]int64

func (vs versions) has(v render.Version) bool {
	revision, ok := vs[v.Position]
	return ok && revision == v.Revision
}

func (vs versions) add(v render.Version) { vs[v.Position] = v.Revision }

// refusalsKey is what refusals are kept under in the memory that bears the edition's name.
const refusalsKey = "left out"

func memoryOf(e Edition) string { return "edition " + e.Channel.Edition }

func (r *refresh) recallRefusals(ctx context.Context, e Edition) (refusals, error) {
	rules, err := json.Marshal([]any{e.Filters, e.Profile, e.Channel.Author})
	if err != nil {
		return refusals{}, fmt.Errorf("digest the rules of edition %s: %w", e.Channel.Name(), err)
	}
	memory, err := r.ledger.Memory(ctx, r.state.Serial, memoryOf(e))
	if err != nil {
		return refusals{}, err
	}
	var known refusals
	if err := json.Unmarshal(memory[refusalsKey], &known); err != nil || known.Rules != string(rules) {
		known = refusals{Rules: string(rules)} // all is looked at anew
	}
	return known, nil
}

func (r *refresh) rememberRefusals(ctx context.Context, choices []*choice) error {
	memory := map[string]map[string][]byte{}
	for _, c := range choices {
		if maps.Equal(c.now.Dropped, c.before.Dropped) && maps.Equal(c.now.Refused, c.before.Refused) {
			continue
		}
		value, err := json.Marshal(c.now)
		if err != nil {
			return fmt.Errorf("remember what edition %s leaves out: %w", c.Channel.Name(), err)
		}
		memory[memoryOf(c.Edition)] = map[string][]byte{refusalsKey: value}
	}
	if len(memory) == 0 {
		return nil
	}
	return r.ledger.Remember(ctx, r.state.Serial, memory)
}
