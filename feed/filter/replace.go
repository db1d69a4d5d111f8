package filter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/setting"
)

// Replace replaces every occurrence of a pattern in one field.
type Replace struct {
	// Field is title, summary, content, author, tags or link. Content is the markup as it stands (HTML, or Markdown in an
	// article that was written in it); tags and author names are looked at one by one, and one that becomes empty is
	// taken away.
	Field ReplaceField `yaml:"field"`
	// Pattern is words or /a regular expression/.
	Pattern setting.Pattern `yaml:"pattern"`
	// With is put in its place; empty removes it. For a regular expression $1 and ${name} are its groups, $$ is a $.
	With string `yaml:"with"`
}

// ReplaceField is a field in which text can be replaced.
type ReplaceField string

// UnmarshalText reads the name of a field.
func (f *ReplaceField) UnmarshalText(text []byte) error {
	switch word := ReplaceField(text); word {
	case "title", "summary", "content", "author", "tags", "link":
		*f = word
		return nil
	}
	return fmt.Errorf("%q cannot be replaced in; write title, summary, content, author, tags or link", text)
}

// Validate reports missing words, and a replacement that names a group which the pattern has not.
func (r Replace) Validate() error {
	var field ReplaceField
	switch {
	case r.Field == "":
		return errors.New("field is missing; write one such as  field: title")
	case field.UnmarshalText([]byte(r.Field)) != nil:
		return fmt.Errorf("field %w", field.UnmarshalText([]byte(r.Field)))
	case r.Pattern.IsZero():
		return errors.New("pattern is missing; write the text to replace, or /a regular expression/")
	}
	if err := r.Pattern.CheckReplacement(r.With); err != nil {
		return fmt.Errorf("with %q does not fit: %w", r.With, err)
	}
	return nil
}

func (r Replace) describe() string {
	return short(fmt.Sprintf("%s: %s with %q", r.Field, r.Pattern, r.With))
}

func (r Replace) start(Env) step { return replacing{r, r.describe()} }

type replacing struct {
	Replace
	why string
}

func (r replacing) apply(_ context.Context, it *item) outcome {
	changed, err := r.replace(it)
	switch {
	case err != nil:
		return failed(r.why, err)
	case changed:
		return outcome{action: Changed, why: r.why}
	default:
		return outcome{}
	}
}

// replace changes the article's field, or gives an error and leaves it.
func (r replacing) replace(it *item) (changed bool, err error) {
	switch r.Field {
	case "title":
		return r.line(&it.Title, notEmpty)
	case "summary":
		return r.line(&it.Summary, nil)
	case "link":
		return r.line(&it.Link, webAddress)
	case "tags":
		tags, err := r.list(it.Tags)
		changed = err == nil && !slices.Equal(tags, it.Tags)
		if changed {
			it.Tags = tags
		}
		return changed, err
	case "author":
		return r.authors(it)
	default:
		return r.content(it)
	}
}

func (r replacing) line(to *string, check func(string) error) (changed bool, err error) {
	got, err := r.Pattern.Replace(*to, r.With)
	if err != nil || got == *to {
		return false, err
	}
	got = clean.Line(got)
	if check != nil {
		if err := check(got); err != nil {
			return false, err
		}
	}
	changed = got != *to
	*to = got
	return changed, nil
}

func notEmpty(title string) error {
	if title == "" {
		return errors.New("nothing of the title would be left")
	}
	return nil
}

func webAddress(link string) error {
	if _, err := clean.URL(link, ""); err != nil {
		return fmt.Errorf("the new link %w", err)
	}
	return nil
}

func (r replacing) list(from []string) ([]string, error) {
	var to []string
	for _, s := range from {
		if _, err := r.line(&s, nil); err != nil {
			return nil, err
		}
		if s != "" {
			to = append(to, s)
		}
	}
	return to, nil
}

func (r replacing) authors(it *item) (changed bool, err error) {
	var authors []feed.Person
	for _, p := range it.Authors {
		if _, err := r.line(&p.Name, nil); err != nil {
			return false, err
		}
		if p.Name != "" {
			authors = append(authors, p)
		}
	}
	if slices.Equal(authors, it.Authors) {
		return false, nil
	}
	it.Authors = authors
	return true, nil
}

func (r replacing) content(it *item) (changed bool, err error) {
	from, put := it.Content, it.setHTML
	if from == "" {
		from, put = it.Markdown, it.setMarkdown
	}
	got, err := r.Pattern.Replace(from, r.With)
	if err != nil || got == from {
		return false, err
	}
	put(got)
	return true, nil
}
