package field

import (
	"encoding"
	"errors"
	"fmt"
	"strings"

	"feedmill/feed/markup"
)

// Selector is a language in which values are chosen.
type Selector interface {
	encoding.TextMarshaler
	fmt.Stringer
	IsZero() bool
}

// Rule is one way to find the value of a word: what is chosen, then made text and mended in the order of its words. A single
// text stands for Select.
type Rule[S Selector] struct {
	// Select chooses. Without it the value is made by Attr, Template or Default alone.
	Select S `yaml:"select" json:"select,omitzero"`
	// Attr takes this attribute of what was chosen; without Select, of the item itself.
	Attr string `yaml:"attr" json:"attr,omitempty"`
	// Regex takes its first group, or all that it matches, of each value; a value that it does not match is none. Content
	// is matched as HTML, all else as text on one line.
	Regex Regex `yaml:"regex" json:"regex,omitzero"`
	// Replace is put for every match of Regex instead; $1 is a group, $$ a dollar sign. Values without a match stay.
	Replace *string `yaml:"replace" json:"replace,omitempty"`
	// Format is how a date is written, as Go writes it: 2 January 2006. Without it all usual forms are read.
	Format Format `yaml:"format" json:"format,omitzero"`
	// Locale is the language of a date: its months with Format, and whether 03/04/2026 is in March or April.
	Locale Locale `yaml:"locale" json:"locale,omitzero"`
	// Timezone is the zone of dates that name none, instead of the feed's.
	Timezone Zone `yaml:"timezone" json:"timezone,omitzero"`
	// Default is the value where the rule finds none.
	Default string `yaml:"default" json:"default,omitempty"`
	// Template makes the value of {value}, what was found, and of other words of the article: {title}, {published:2006}.
	Template Template `yaml:"template" json:"template,omitzero"`
	// As says what content is written in: html, markdown or text. html when empty.
	As As `yaml:"as" json:"as,omitempty"`
}

// Rules are the rules of one word. The first that gives a value counts.
type Rules[S Selector] []Rule[S]

// Validate reports in one sentence what of a rule does not go together.
func (r Rule[S]) Validate() error {
	switch {
	case r.Select.IsZero() && r.Attr == "" && r.Default == "" && r.Template.IsZero():
		return errors.New("says nothing about where the value comes from; write select, attr, template or default")
	case r.Attr != "" && strings.ContainsAny(r.Attr, " @[].#\"'"):
		return fmt.Errorf("attr %q is no name of an attribute; write one such as href", r.Attr)
	case r.Replace != nil && r.Regex.IsZero():
		return errors.New("replace needs a regex beside it that says what is replaced")
	}
	if r.Replace != nil {
		if err := r.Regex.pattern.CheckReplacement(*r.Replace); err != nil {
			return fmt.Errorf("replace %w", err)
		}
	}
	return nil
}

// dated reports whether the rule has words that are for dates only, and which.
func (r Rule[S]) dated() string {
	switch {
	case !r.Format.IsZero():
		return "format"
	case !r.Locale.IsZero():
		return "locale"
	case !r.Timezone.IsZero():
		return "timezone"
	}
	return ""
}

// place says in a few words where the rule reads.
func (r Rule[S]) place() string {
	switch {
	case !r.Select.IsZero() && r.Attr != "":
		return r.Select.String() + "@" + r.Attr
	case !r.Select.IsZero():
		return r.Select.String()
	case r.Attr != "":
		return "@" + r.Attr
	case !r.Template.IsZero():
		return "template " + r.Template.String()
	}
	return "default"
}

// Finder chooses in one item what a selector finds, of which the attribute attr is taken unless it is "". With the zero
// selector it is the item itself.
type Finder[S Selector] func(s S, attr string) ([]markup.Match, error)
