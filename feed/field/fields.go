package field

import (
	"fmt"
	"slices"
	"strings"
)

// Fields are the words of an article with their rules. A word without rules is left empty. The zero value has none.
type Fields[S Selector] struct {
	ID         Rules[S] `yaml:"id" words:"single short" json:"id,omitempty"`
	Title      Rules[S] `yaml:"title" words:"single short" json:"title,omitempty"`
	Link       Rules[S] `yaml:"link" words:"single short" json:"link,omitempty"`
	Published  Rules[S] `yaml:"published" words:"single short" json:"published,omitempty"`
	Updated    Rules[S] `yaml:"updated" words:"single short" json:"updated,omitempty"`
	Expires    Rules[S] `yaml:"expires" words:"single short" json:"expires,omitempty"`
	Author     Rules[S] `yaml:"author" words:"single short" json:"author,omitempty"`
	Summary    Rules[S] `yaml:"summary" words:"single short" json:"summary,omitempty"`
	Content    Rules[S] `yaml:"content" words:"single short" json:"content,omitempty"`
	Tags       Rules[S] `yaml:"tags" words:"single short" json:"tags,omitempty"`
	Image      Rules[S] `yaml:"image" words:"single short" json:"image,omitempty"`
	Caption    Rules[S] `yaml:"caption" words:"single short" json:"caption,omitempty"`
	Credit     Rules[S] `yaml:"credit" words:"single short" json:"credit,omitempty"`
	Language   Rules[S] `yaml:"language" words:"single short" json:"language,omitempty"`
	Status     Rules[S] `yaml:"status" words:"single short" json:"status,omitempty"`
	Correction Rules[S] `yaml:"correction" words:"single short" json:"correction,omitempty"`
	Minor      Rules[S] `yaml:"minor" words:"single short" json:"minor,omitempty"`
	Pin        Rules[S] `yaml:"pin" words:"single short" json:"pin,omitempty"`
	Audio      Rules[S] `yaml:"audio" words:"single short" json:"audio,omitempty"`
}

// Words are the words of an article that fields can have, in their order.
var Words = [...]string{
	"id", "title", "link", "published", "updated", "expires", "author", "summary", "content", "tags", "image", "caption", "credit",
	"language", "status", "correction", "minor", "pin", "audio",
}

// Of returns the rules of a word, nil when it has none.
func (f *Fields[S]) Of(word string) Rules[S] {
	all := [...]Rules[S]{
		f.ID, f.Title, f.Link, f.Published, f.Updated, f.Expires, f.Author, f.Summary, f.Content, f.Tags, f.Image, f.Caption, f.Credit,
		f.Language, f.Status, f.Correction, f.Minor, f.Pin, f.Audio,
	}
	if i := slices.Index(Words[:], word); i >= 0 {
		return all[i]
	}
	return nil
}

// IsZero reports whether no word has rules.
func (f Fields[S]) IsZero() bool {
	return !slices.ContainsFunc(Words[:], func(word string) bool { return len(f.Of(word)) > 0 })
}

// Validate reports in one sentence what of the fields does not go together. The sentence begins with the word.
func (f Fields[S]) Validate() error {
	for _, word := range Words {
		for _, r := range f.Of(word) {
			if dated := r.dated(); dated != "" && !isDate(word) {
				return fmt.Errorf("%s has a %s, which is for dates only: published, updated, expires", word, dated)
			}
			if r.As != "" && word != "content" {
				return fmt.Errorf("%s has the word as, which is for content only", word)
			}
		}
	}
	return f.rings()
}

// rings reports templates that name each other in a ring.
func (f Fields[S]) rings() error {
	const looking, done = 1, 2
	state := map[string]int{}
	var trail []string
	var visit func(word string) error
	visit = func(word string) error {
		switch state[word] {
		case done:
			return nil
		case looking:
			ring := strings.Join(trail[slices.Index(trail, word):], " → ")
			return fmt.Errorf("%s has a template that leads back to itself: %s → %s", word, ring, word)
		}
		state[word], trail = looking, append(trail, word)
		for _, r := range f.Of(word) {
			for _, other := range r.Template.words() {
				if err := visit(other); err != nil {
					return err
				}
			}
		}
		state[word], trail = done, trail[:len(trail)-1]
		return nil
	}
	for _, word := range Words {
		if err := visit(word); err != nil {
			return err
		}
	}
	return nil
}

func isDate(word string) bool { return word == "published" || word == "updated" || word == "expires" }
