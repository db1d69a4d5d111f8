package filter

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Set gives every article the words that are written, in place of its own. A word may be written empty, which takes it
// away. Ids, links and dates belong to one article each and cannot be set.
type Set struct {
	Title   *string `yaml:"title"`
	Author  *Author `yaml:"author" words:"short"`
	Summary *string `yaml:"summary"`
	// Content is HTML.
	Content  *string  `yaml:"content"`
	Tags     []string `yaml:"tags" words:"single"`
	Language *string  `yaml:"language"`
	// Image is the address of the lead image; Caption and Credit belong to it.
	Image   *string `yaml:"image"`
	Caption *string `yaml:"caption"`
	Credit  *string `yaml:"credit"`
}

// Author is the author that every article gets. An empty name takes the authors away.
type Author struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
	URL   string `yaml:"url"`
}

// Validate reports in one sentence what cannot be set.
func (s Set) Validate() error {
	switch {
	case s.describe() == "":
		return errors.New("names no word; write one such as  language: en")
	case s.Title != nil && clean.Line(*s.Title) == "":
		return errors.New("title is empty, but every article needs one")
	}
	if s.Language != nil && *s.Language != "" {
		if _, ok := languageTag(*s.Language); !ok {
			return fmt.Errorf("language %q is not a language; write a tag such as en, de-AT or uk", *s.Language)
		}
	}
	if s.Image != nil && *s.Image != "" {
		if _, err := clean.URL(*s.Image, ""); err != nil {
			return fmt.Errorf("image %w", err)
		}
	}
	if s.Author != nil {
		return s.Author.validate()
	}
	return nil
}

func (a Author) validate() error {
	if clean.Line(a.Name) == "" && a.Email+a.URL != "" {
		return errors.New("author has no name; write one beside its email or url")
	}
	if m, err := mail.ParseAddress(a.Email); a.Email != "" && (err != nil || m.Address != a.Email) {
		return fmt.Errorf("author has the email %q, which is no mail address; write one such as desk@example.org", a.Email)
	}
	if _, err := clean.URL(a.URL, ""); a.URL != "" && err != nil {
		return fmt.Errorf("author has the url %w", err)
	}
	return nil
}

func languageTag(s string) (string, bool) {
	tag, err := language.Raw.Parse(s)
	return tag.String(), err == nil && tag != language.Und
}

func (s Set) describe() string {
	var words []string
	for _, w := range []struct {
		name  string
		value *string
	}{
		{"title", s.Title}, {"summary", s.Summary}, {"content", s.Content}, {"language", s.Language}, {"image", s.Image},
		{"caption", s.Caption}, {"credit", s.Credit},
	} {
		if w.value != nil {
			words = append(words, fmt.Sprintf("%s: %s", w.name, *w.value))
		}
	}
	if s.Author != nil {
		words = append(words, "author: "+s.Author.Name)
	}
	if s.Tags != nil {
		words = append(words, "tags: "+strings.Join(s.Tags, ", "))
	}
	return short(strings.Join(words, ", "))
}

func (s Set) start(Env) step { return giving{s, s.describe()} }

type giving struct {
	Set
	why string
}

func (s giving) apply(_ context.Context, it *item) outcome {
	changed := false
	put := func(to *string, value *string, tidy func(string) string) {
		if value == nil {
			return
		}
		if v := tidy(*value); v != *to {
			*to, changed = v, true
		}
	}
	put(&it.Title, s.Title, clean.Line)
	put(&it.Summary, s.Summary, clean.Line)
	put(&it.Image.URL, s.Image, tidyURL)
	put(&it.Image.Caption, s.Caption, clean.Line)
	put(&it.Image.Credit, s.Credit, clean.Line)
	put(&it.Language, s.Language, tidyLanguage)
	if s.Content != nil && it.html() != *s.Content {
		it.setHTML(*s.Content)
		changed = true
	}
	if s.Tags != nil && !slices.Equal(it.Tags, s.tags()) {
		it.Tags, changed = s.tags(), true
	}
	if s.Author != nil && !slices.Equal(it.Authors, s.Author.people()) {
		it.Authors, changed = s.Author.people(), true
	}
	if !changed {
		return outcome{}
	}
	return outcome{action: Changed, why: s.why}
}

func tidyURL(s string) string {
	u, err := clean.URL(s, "")
	if err != nil {
		return ""
	}
	return u
}

func tidyLanguage(s string) string {
	tag, ok := languageTag(s)
	if !ok {
		return ""
	}
	return tag
}

// tags returns a list of its own for each article.
func (s Set) tags() []string {
	var tags []string
	for _, t := range s.Tags {
		if t = clean.Line(t); t != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

func (a Author) people() []feed.Person {
	if clean.Line(a.Name) == "" {
		return nil
	}
	return []feed.Person{{Name: clean.Line(a.Name), Email: a.Email, URL: tidyURL(a.URL)}}
}
