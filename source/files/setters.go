package files

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// setRaw sets a text as it was written, line ends included.
func setRaw(to *string, as string, v value) error {
	if v.kind != scalar {
		return problem(v.line, "%s is %s; write one text", as, v.describe())
	}
	*to = v.text
	return nil
}

// setText sets a text of one line.
func setText(to *string, as string, v value) error {
	if err := setRaw(to, as, v); err != nil {
		return err
	}
	*to = clean.Line(*to)
	return nil
}

func setTitle(to *string, as string, v value) error {
	if err := setRaw(to, as, v); err != nil {
		return err
	}
	*to = clean.Title(*to)
	return nil
}

func setSlug(to *string, as string, v value) error {
	if err := setRaw(to, as, v); err != nil {
		return err
	}
	s := clean.Slug(*to)
	if s == "" {
		return problem(v.line, "%s %q holds no letter or digit; write something like  peace-talks", as, v.text)
	}
	*to = s
	return nil
}

// setPublished also takes Jekyll's  published: false.
func (d *draft) setPublished(as string, v value) error {
	if b, ok := boolOf(v); ok && plainWord(as) == "published" {
		if !b {
			d.raise(feed.Draft)
		}
		return nil
	}
	return d.setTime(&d.article.Published, as, v)
}

func (d *draft) setTime(to *time.Time, as string, v value) error {
	if v.kind != scalar {
		return problem(v.line, "%s is %s; write one date, like  2026-11-24 06:00", as, v.describe())
	}
	t, err := clean.Date(v.text, d.loc)
	if err != nil {
		return problem(v.line, "%s: %w", as, err)
	}
	*to = t
	return nil
}

// setTags adds the tags to those that other words gave.
func setTags(to *[]string, as string, v value) error {
	texts := []value{v}
	switch v.kind {
	case table:
		return problem(v.line, "%s is %s; write a list, like  [politics, europe]", as, v.describe())
	case list:
		texts = v.items
	case scalar:
		texts = nil
		for t := range strings.SplitSeq(v.text, ",") {
			texts = append(texts, textValue(v.line, t))
		}
	}
	for _, t := range texts {
		if t.kind == list || t.kind == table {
			return problem(t.line, "%s holds %s; write a list of texts, like  [politics, europe]", as, t.describe())
		}
		tag := strings.TrimPrefix(clean.Line(t.text), "#")
		if tag != "" && !slices.ContainsFunc(*to, func(s string) bool { return strings.EqualFold(s, tag) }) {
			*to = append(*to, tag)
		}
	}
	return nil
}

func (d *draft) setLanguage(as string, v value) error {
	if v.kind != scalar {
		return problem(v.line, "%s is %s; write one tag, like  en  or  pt-BR", as, v.describe())
	}
	tag, ok := languageTag(v.text)
	if !ok { // a slip that keeps no article from its readers
		d.note(fmt.Sprintf("%s %q is not a language tag like en or pt-BR and was left out", as, v.text))
		return nil
	}
	d.article.Language = tag
	return nil
}

func languageTag(s string) (string, bool) {
	tag, err := language.Parse(strings.TrimSpace(s))
	if err != nil || tag == language.Und {
		return "", false
	}
	return tag.String(), true
}

func (d *draft) setStatus(as string, v value) error {
	switch strings.ToLower(strings.TrimSpace(v.text)) {
	case "draft":
		d.raise(feed.Draft)
	case "withdrawn":
		d.raise(feed.Withdrawn)
	case "ready", "published":
	default:
		return problem(v.line, "%s %q is not known; write draft, ready or withdrawn", as, v.text)
	}
	return nil
}

func (d *draft) setDraft(as string, v value) error {
	var is bool
	if err := setBool(&is, as, v); err != nil {
		return err
	}
	if is {
		d.raise(feed.Draft)
	}
	return nil
}

// raise lets the more careful of two words win: what is withdrawn stays so, what is a draft is not published because
// another word says it is ready.
func (d *draft) raise(s feed.Status) {
	if d.article.Status != feed.Withdrawn {
		d.article.Status = s
	}
}

func setBool(to *bool, as string, v value) error {
	b, ok := boolOf(v)
	if !ok {
		return problem(v.line, "%s must be true or false", as)
	}
	*to = b
	return nil
}

func boolOf(v value) (is, ok bool) {
	if v.kind != scalar {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(v.text)) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}
