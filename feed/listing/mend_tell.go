package listing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/late"
	"feedmill/feed/markup"
)

// Outgrown is the error of selectors that the page has outlived: they found its articles once, and now they do not.
type Outgrown struct {
	// Why says what they miss.
	Why string
	// Mend is what would find the articles; nil when nothing was found, and None says why.
	Mend *Mend
	None error
}

// Short is the error in one line, without the selectors.
func (o *Outgrown) Short() string {
	if o.Mend == nil {
		return fmt.Sprintf("%s; what was published stays (other selectors were looked for by the articles that are known, but %v)", o.Why, o.None)
	}
	return fmt.Sprintf("%s; the page has changed; what was published stays; other selectors find %s on it, %d of them known from before: "+
		"feedmill repair FEED shows them, and writes them with --apply", o.Why, articleCount(len(o.Mend.Taken.Articles)), o.Mend.Known)
}

// Error is [Outgrown.Short], and below it the selectors as they are written in the configuration.
func (o *Outgrown) Error() string {
	if o.Mend == nil {
		return o.Short()
	}
	return o.Short() + "; or put these in the place of the old ones:\n" + strings.TrimRight(o.Mend.Block("      "), "\n")
}

// Judge says whether selectors still do on a page what they did when k was remembered. taken and missed are what [Take]
// returned for them. Where they do not, the error is an [*Outgrown] of class Unreadable; else it is missed.
func (k Known) Judge(ctx context.Context, page *markup.Page, old Selectors, env field.Env, taken Taken, missed error) error {
	why := ""
	if short, ok := errors.AsType[*Missed](missed); ok && k.Listed > 0 {
		why = fmt.Sprintf("%s: the selector %q finds nothing any more", short.Word, short.Selector)
	} else if missed != nil {
		return missed
	} else if why = k.Broken(taken.Articles); why == "" {
		return nil
	}
	outgrown := &Outgrown{Why: why}
	m, err := k.Repair(ctx, page, old, env)
	if err != nil {
		if outgrown.None = err; missed != nil {
			outgrown.Why = missed.Error()
		}
	} else {
		outgrown.Mend = &m
	}
	return feed.Classify(feed.Unreadable, outgrown)
}

// Block returns the selectors with a comment for each word that was lost.
func (m Mend) Block(indent string) string { return m.block(indent, m.Lost) }

// Block returns items and fields as they are written below page: in the configuration, each line behind indent.
func (s Selectors) Block(indent string) string { return s.block(indent, nil) }

func (s Selectors) block(indent string, lost []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sitems: %s\n%sfields:\n", indent, Scalar(s.Items.String()), indent)
	for _, word := range field.Words {
		if rules := s.Fields.Of(word); len(rules) > 0 {
			fmt.Fprintf(&b, "%s  %s: %s\n", indent, word, onOneLine(rules))
		}
		if slices.Contains(lost, word) {
			fmt.Fprintf(&b, "%s  # %s is not found on the changed page\n", indent, word)
		}
	}
	return b.String()
}

// onOneLine returns the rules of a word on one line of YAML.
func onOneLine(rules field.Rules[markup.Selector]) string {
	all := make([]string, len(rules))
	for i := range rules {
		all[i] = ruleText(&rules[i])
	}
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// ruleText returns one rule: its selector alone where it has nothing else.
func ruleText(r *field.Rule[markup.Selector]) string {
	var parts []string
	add := func(word, value string) {
		if value != "" {
			parts = append(parts, word+": "+Scalar(value))
		}
	}
	add("select", r.Select.String())
	add("attr", r.Attr)
	add("regex", textOf(r.Regex))
	if r.Replace != nil {
		parts = append(parts, "replace: "+Scalar(*r.Replace))
	}
	add("format", string(r.Format))
	add("locale", textOf(r.Locale))
	add("timezone", textOf(r.Timezone))
	add("default", r.Default)
	add("template", r.Template.String())
	add("as", string(r.As))
	if len(parts) == 1 && !r.Select.IsZero() {
		return Scalar(r.Select.String())
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// textOf is the text of a value as it was written.
func textOf(v interface{ MarshalText() ([]byte, error) }) string {
	text, err := v.MarshalText()
	if err != nil {
		return ""
	}
	return string(text)
}

var (
	// plainScalar is text that YAML takes as it stands, also within brackets.
	plainScalar = late.Regexp(`^(?:\.$|\.?[A-Za-z]|[(/])[^\x00-\x1f\x7f"'#,\[\]{}&*!|%@` + "`" + `\\]*(@[a-z-]+)?$`)
	// wordScalar is text that YAML takes for something else.
	wordScalar = late.Regexp(`(?i)^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$`)
)

// Scalar writes a text as a value in YAML, alone or within brackets.
func Scalar(text string) string {
	switch {
	case strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }):
		return strconv.QuoteToASCII(text)
	case plainScalar().MatchString(text) && !wordScalar().MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, " "):
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
