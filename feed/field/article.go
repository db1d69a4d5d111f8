package field

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// Env is what articles are made with.
type Env struct {
	// Base is what addresses are relative to, absolute.
	Base string
	// Location is the zone of dates that name none; nil is UTC.
	Location *time.Location
	// Now is what relative dates are relative to.
	Now time.Time
	// Relative, when set, is called for each date that is relative to Now, such as 3 hours ago: read again it would be
	// another.
	Relative func()
}

// Problem is a word of an article that could not be read.
type Problem struct {
	Word string
	Err  error
}

func (p *Problem) Error() string { return p.Word + ": " + p.Err.Error() }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Article makes an article of what find chooses. Words that could not be read are left empty and returned as problems,
// each a [*Problem]. Content is HTML as it was found, with absolute addresses; it is not yet safe to show.
func (f *Fields[S]) Article(ctx context.Context, find Finder[S], env Env) (feed.Article, []error) {
	m := maker[S]{ctx: ctx, fields: f, find: find, env: env, done: map[string]bool{}}
	for _, word := range Words {
		m.make(word)
	}
	return m.article, m.problems
}

// maker makes one article.
type maker[S Selector] struct {
	ctx      context.Context
	fields   *Fields[S]
	find     Finder[S]
	env      Env
	article  feed.Article
	done     map[string]bool
	problems []error
}

// make sets a word by the first of its rules that gives a value, and does so once. What words its templates name are made
// before it.
func (m *maker[S]) make(word string) {
	if m.done[word] {
		return
	}
	m.done[word] = true
	var failed error
	for _, r := range m.fields.Of(word) {
		set, err := m.apply(word, &r)
		if set {
			m.article.Trace.Add(word, r.place())
			return
		}
		if failed == nil {
			failed = err
		}
	}
	if failed != nil {
		m.problems = append(m.problems, &Problem{word, failed})
	}
}

// apply sets a word by one rule. It reports false when the rule gives no value, with an error when it gives one that
// cannot be used.
func (m *maker[S]) apply(word string, r *Rule[S]) (bool, error) {
	values, err := m.values(word, r)
	if len(values) > 0 {
		var set bool
		if set, err = m.set(word, settings{values, r.As, r.Format, r.Locale, r.Timezone}); set {
			return true, nil
		}
	}
	if r.Default == "" {
		return false, err
	}
	values = []markup.Match{markup.TextMatch(r.Default)}
	return m.set(word, settings{values, r.As, r.Format, r.Locale, r.Timezone})
}

// settings are the values of a word with the words of the rule that found them.
type settings struct {
	values []markup.Match
	as     As
	format Format
	locale Locale
	zone   Zone
}

// values are what a rule finds, mended.
func (m *maker[S]) values(word string, r *Rule[S]) (found []markup.Match, err error) {
	if !r.Select.IsZero() || r.Attr != "" {
		if found, err = m.find(r.Select, r.Attr); err != nil && len(found) == 0 {
			return nil, err
		}
		if found = spread(found); joins(word) {
			found = markup.Outermost(found)
		}
	}
	if !r.Regex.IsZero() {
		if found, err = m.mend(word, r, found); err != nil {
			return nil, err
		}
	}
	if r.Template.IsZero() {
		return found, nil
	}
	if len(found) == 0 && r.Template.names(valueName) {
		return nil, nil
	}
	text, ok := r.Template.expand(func(p part) string { return m.named(word, r.As, found, p) })
	if !ok {
		return nil, nil
	}
	return []markup.Match{markup.TextMatch(text)}, nil
}

// joins reports whether the values of a word are joined to one text.
func joins(word string) bool {
	switch word {
	case "title", "summary", "content", "caption", "credit", "correction":
		return true
	}
	return false
}

// spread makes the elements of lists in JSON values of their own, as several matches of a selector are.
func spread(found []markup.Match) []markup.Match {
	var all []markup.Match
	for _, v := range found {
		if list, ok := v.JSON.([]any); ok && v.Node == nil {
			for _, e := range list {
				if e != nil {
					all = append(all, markup.JSONMatch(v.Page, e))
				}
			}
			continue
		}
		all = append(all, v)
	}
	return all
}

// mend applies the regular expression of a rule.
func (m *maker[S]) mend(word string, r *Rule[S], found []markup.Match) ([]markup.Match, error) {
	var mended []markup.Match
	for _, v := range found {
		text := m.plain(word, v, len(found) == 1)
		if r.Replace == nil {
			part, ok := r.Regex.pattern.Find(text)
			if !ok {
				continue
			}
			text = part
		} else {
			var err error
			if text, err = r.Regex.pattern.Replace(text, *r.Replace); err != nil {
				return nil, err
			}
		}
		if strings.TrimSpace(text) != "" {
			mended = append(mended, markup.TextMatch(text))
		}
	}
	return mended, nil
}

// plain is the text of a value for a word: its HTML for content, its address for what is one, else its text.
func (m *maker[S]) plain(word string, v markup.Match, alone bool) string {
	switch {
	case word == "content":
		return v.HTML(alone)
	case word == "link" || word == "audio":
		if address := v.Address(); address != "" {
			return address
		}
	case word == "image":
		if address := v.Image(); address != "" {
			return address
		}
	case isDate(word):
		return dateText(v)
	}
	return v.Text()
}

// named is the text of a name in a template of a word.
func (m *maker[S]) named(word string, as As, found []markup.Match, p part) string {
	asHTML := word == "content" && (as == "" || as == HTML)
	if p.name == valueName {
		texts := make([]string, len(found))
		for i, v := range found {
			texts[i] = m.plain(word, v, len(found) == 1)
		}
		return strings.Join(texts, " ")
	}
	text := m.word(p)
	if asHTML && p.name != "content" {
		text = html.EscapeString(text)
	}
	return text
}

// word is a word of the article as text.
func (m *maker[S]) word(p part) string {
	m.make(p.name)
	return Word(&m.article, p.name, p.layout)
}

// address makes an address absolute.
func (m *maker[S]) address(s string) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(strings.ToLower(s)), "javascript:") {
		return "", errors.New("the address is a script, not a page; choose another element or attribute")
	}
	return clean.Link(s, m.env.Base)
}

func notUsable(what, text string) error {
	const most = 80
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return fmt.Errorf("%q is no %s", text, what)
}
