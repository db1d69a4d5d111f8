package filter

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Env is what filters must know besides the articles.
type Env struct {
	// Now is the moment that age counts from.
	Now time.Time
	// Source returns the title of the source that article i of the input came from; an article that names its own origin
	// (feed.Article.Source) is of that. Nil: the others have none.
	Source func(i int) string
	// Known reports whether an article of the feed other than a, met in an earlier refresh, has this value in a field of
	// dedupe, in the form that [Key.Of] gives it. Of an article that came in again it must answer no for its own values.
	// Nil: nothing is known.
	Known func(a feed.Article, field Key, value string) bool
	// Page returns article i of the input, which has become a, with what its page adds to it. The error is [ErrWaits] while the
	// page is not there, and another one when there never will be one: then the article stays as it is. Nil: there are no
	// pages.
	Page func(i int, a feed.Article) (feed.Article, error)
}

// Action is what a filter did.
type Action string

// What a filter did with an article, or with all of them.
const (
	Dropped Action = "dropped"
	Changed Action = "changed"
	Failed  Action = "failed"  // it could not be decided or done; the article stays as it was
	Waiting Action = "waiting" // its page is not there yet: it left the chain
	Emptied Action = "emptied" // a filter dropped every article that reached it
)

// Verdict is what one filter did with one article. A filter that let an article through unchanged gives none.
type Verdict struct {
	Article int    // index in the input; -1 when all are meant
	Filter  int    // the filter's place in the list, from 1
	Kind    string // the filter's word
	Action  Action
	Why     string // the pattern, expression or words that did it
	Err     error  // what went wrong when Action is Failed; nil otherwise
}

// String returns the verdict as a line of a report: "dropped by filter 2 (drop content: sponsored)".
func (v Verdict) String() string {
	filter := fmt.Sprintf("filter %d (%s)", v.Filter, strings.TrimSpace(v.Kind+" "+v.Why))
	switch v.Action {
	case Failed:
		return fmt.Sprintf("kept as it is by %s: %v", filter, v.Err)
	case Emptied:
		return filter + " dropped every article that reached it"
	case Waiting:
		return "waits for its page at " + filter
	default:
		return string(v.Action) + " by " + filter
	}
}

// Apply sends articles through the chain: each filter sees all that those before it let through, in their order. It
// returns the articles that stay and a verdict for everything that was done, by filter and then by article; one that waits
// for its page is not among them. The only
// error is that of ctx; then nothing is to be taken from the batch.
//
// A hundred articles of 4 KB take about 44 ms through all eight filters. By itself an article costs keep by title 2 µs,
// where 3 µs, dedupe 4 µs, strip 115 µs, and drop by content 120 µs, most of it to read the plain text (BenchmarkChain, one
// core of a busy server).
func (c Chain) Apply(ctx context.Context, articles []feed.Article, env Env) (kept []feed.Article, trace []Verdict, err error) {
	items := make([]*item, len(articles))
	for i, a := range articles {
		items[i] = &item{Article: a, given: a, index: i, source: a.Source.Title}
		if a.Source.Title == "" && env.Source != nil {
			items[i].source = env.Source(i)
		}
	}
	for i, l := range c.links {
		dropped := 0
		step := l.start(env)
		stay := items[:0]
		for _, it := range items {
			if err := ctx.Err(); err != nil {
				return nil, nil, fmt.Errorf("filter articles: %w", err)
			}
			done := step.apply(ctx, it)
			switch done.action {
			case Dropped:
				dropped++
			case Waiting:
			default:
				stay = append(stay, it)
			}
			if done.action != "" {
				trace = append(trace, Verdict{it.index, i + 1, l.kind, done.action, done.why, done.err})
			}
		}
		if items = stay; len(items) == 0 && dropped > 0 {
			trace = append(trace, Verdict{Article: -1, Filter: i + 1, Kind: l.kind, Action: Emptied, Why: l.describe()})
			break
		}
	}
	if err := ctx.Err(); err != nil { // a step that ctx stopped may have given up halfway
		return nil, nil, fmt.Errorf("filter articles: %w", err)
	}
	for _, it := range items {
		if it.edited {
			it.Content = clean.HTML(it.Content)
		}
		kept = append(kept, it.Article)
	}
	return kept, trace, nil
}

// outcome is what a step did with one article; the zero value: it stays as it is.
type outcome struct {
	action Action
	why    string
	err    error
}

func failed(why string, err error) outcome { return outcome{Failed, why, err} }

// item is one article on its way through the chain.
type item struct {
	feed.Article
	given  feed.Article // as it came in
	index  int
	source string

	edited  bool   // a filter changed the content
	plain   string // what text returned
	hasText bool
}

// html returns the content as HTML, from whatever form it is in.
func (it *item) html() string {
	if it.Content == "" && it.Markdown != "" {
		return clean.Markdown(it.Markdown)
	}
	return it.Content
}

// text returns the content as plain text.
func (it *item) text() string {
	if !it.hasText {
		it.plain, it.hasText = clean.PlainText(it.html()), true
	}
	return it.plain
}

// setHTML changes the content. An article in Markdown is one in HTML from then on.
func (it *item) setHTML(content string) {
	it.Content, it.Markdown = content, ""
	it.edited, it.hasText = true, false
}

// setMarkdown changes the content of an article in Markdown.
func (it *item) setMarkdown(content string) {
	it.Markdown, it.hasText = content, false
}

// author returns the names of the authors.
func (it *item) author() string {
	names := make([]string, len(it.Authors))
	for i, p := range it.Authors {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

// short cuts what a trace shows.
func short(s string) string {
	const most = 120
	s = clean.Line(s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return s
}
