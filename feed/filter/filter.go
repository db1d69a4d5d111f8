// Package filter decides which of the articles that came in a feed takes, and mends them on the way: keep, drop, where,
// set, replace, strip, full_text, summary and dedupe, in the order in which the configuration lists them.
//
// A filter looks at articles and at nothing else: no network, no files, no clock, no memory of its own. What it must know
// besides comes in [Env], the pages of full_text too: an article whose page is not there yet leaves the chain, and goes
// through it anew when it is. It never changes an article in the caller's slice, and it never fails a batch because of one
// article: what cannot be decided stays, and the trace says so.
//
// Selectors of strip see the content as it is given, so classes matter only in content that was not yet cleaned. Content
// that a filter changed has gone through [clean.HTML] when it comes out; other content comes out as it came in.
//
// A new filter is one file with its words and a step, one field in [Kinds] and one line in its steps.
package filter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"feedmill/feed"
)

// Kinds is the table of filters: one pointer field a filter, exactly one of them set. The yaml tag is the filter's word.
type Kinds struct {
	// Keep lets only articles through whose fields all match.
	Keep *Fields `yaml:"keep"`
	// Drop takes out articles whose fields all match.
	Drop *Fields `yaml:"drop"`
	// Where lets only articles through for which an expression is true.
	Where *Expression `yaml:"where"`
	// Set gives every article the same words.
	Set *Set `yaml:"set"`
	// Replace replaces text in one field.
	Replace *Replace `yaml:"replace"`
	// Strip removes what CSS selectors find from the content.
	Strip *Selectors `yaml:"strip" words:"single"`
	// FullText takes the article from the page that its link leads to.
	FullText *FullText `yaml:"full_text"`
	// Summary makes the summary of the beginning of the content.
	Summary *Summary `yaml:"summary"`
	// Dedupe lets one of several articles through that are equal in any of the fields.
	Dedupe *Keys `yaml:"dedupe" words:"single"`
}

// step is one filter at work. It may change the article in it, whose slices it replaces and never writes into; what it
// did is the answer.
type step interface {
	apply(ctx context.Context, it *item) outcome
}

// config is the words of one filter.
type config interface {
	Validate() error
	// describe says in a few words what the filter looks for or does.
	describe() string
	// start makes the step for one run over articles.
	start(env Env) step
}

// chosen returns the one filter that is set.
func (k Kinds) chosen() (kind string, c config, err error) {
	count := 0
	choose := func(name string, set bool, choice config) {
		if set {
			kind, c = name, choice
			count++
		}
	}
	choose("keep", k.Keep != nil, match{k.Keep, true})
	choose("drop", k.Drop != nil, match{k.Drop, false})
	choose("where", k.Where != nil, k.Where)
	choose("set", k.Set != nil, k.Set)
	choose("replace", k.Replace != nil, k.Replace)
	choose("strip", k.Strip != nil, k.Strip)
	choose("full_text", k.FullText != nil, k.FullText)
	choose("summary", k.Summary != nil, k.Summary)
	choose("dedupe", k.Dedupe != nil, k.Dedupe)
	switch count {
	case 1:
		return kind, c, nil
	case 0:
		return "", nil, errors.New("names no filter; there are keep, drop, where, set, replace, strip, full_text, summary and dedupe")
	default:
		return "", nil, fmt.Errorf("has %d filters in one entry; write an entry for each", count)
	}
}

// Chain is the filters of a feed in their order. It may be used by many goroutines at once; the zero value lets
// everything through.
type Chain struct {
	links []link
	kinds []Kinds
}

type link struct {
	config
	kind string
}

// New makes a chain. The error names the filter that cannot work, counted from 1.
func New(kinds []Kinds) (Chain, error) {
	var c Chain
	var errs []error
	for i, k := range kinds {
		kind, chosen, err := k.chosen()
		if err == nil {
			err = chosen.Validate()
		}
		if err != nil {
			errs = append(errs, feed.Classify(feed.Refused, fmt.Errorf("%s: %w", strings.TrimSpace(fmt.Sprintf("filter %d %s", i+1, kind)), err)))
			continue
		}
		if k.FullText != nil && c.FullText() != nil {
			errs = append(errs, feed.Classify(feed.Refused, fmt.Errorf("filter %d full_text: stands here a second time; the page of an article is read once", i+1)))
		}
		c.links, c.kinds = append(c.links, link{chosen, kind}), append(c.kinds, k)
	}
	if len(errs) > 0 {
		return Chain{}, errors.Join(errs...)
	}
	return c, nil
}

// Len is how many filters the chain has.
func (c Chain) Len() int { return len(c.links) }

// Describe says in a few words each what the filters of the chain look for or do: "drop content: sponsored".
func (c Chain) Describe() []string {
	words := make([]string, len(c.links))
	for i, l := range c.links {
		words[i] = strings.TrimSpace(l.kind + " " + l.describe())
	}
	return words
}

// Empty reports whether the chain has no filter.
func (c Chain) Empty() bool { return len(c.links) == 0 }

// Ages reports whether a filter's answer about the same article may change with time.
func (c Chain) Ages() bool {
	return slices.ContainsFunc(c.kinds, func(k Kinds) bool { return k.Where != nil && k.Where.age })
}

// MarshalJSON writes the words of the filters, by which one chain is told from another.
func (c Chain) MarshalJSON() ([]byte, error) { return json.Marshal(c.kinds) }
