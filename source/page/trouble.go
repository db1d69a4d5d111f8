package page

import (
	"errors"
	"fmt"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/listing"
)

// unreadable says of an answer that gave no articles what it is and what to do.
func (p *Page) unreadable(err error, answer fetch.Answer) error {
	class := feed.ClassOf(err)
	if answer.Wall != "" {
		class = feed.Refused
		err = &blocked{answer.Wall, "the articles"}
	}
	return feed.Classify(class, fmt.Errorf("read %s: %w", place(p.config.URL, answer.URL), p.advised(err)))
}

// advised leaves out the advice to render a page that is rendered.
func (p *Page) advised(err error) error {
	if missed, ok := errors.AsType[*listing.Missed](err); ok && p.config.Render {
		rendered := *missed
		rendered.Rendered = true
		return &rendered
	}
	return err
}

// place names the address asked for and the one that it led to.
func place(asked, came string) string {
	where := fetch.Shown(asked)
	if other := fetch.Shown(came); came != "" && other != where {
		where += " (which leads to " + other + ")"
	}
	return where
}

// blocked is the error of a page that stands before the one that was asked for.
type blocked struct{ wall, instead string }

func (b *blocked) Error() string {
	return "it shows " + b.wall + " instead of " + b.instead + ": it keeps programs out; ask whoever runs it to let the user_agent of feedmill in, " +
		"try cookies or headers under fetch:, or look for a feed of the site"
}

func (p *Page) quarantined() error {
	return feed.Classify(feed.Internal, fmt.Errorf("read %s: reading this page ended feedmill %d times; it is left alone until the address "+
		"gives another one; write a smaller max_body under fetch: if memory is short, and report it", fetch.Shown(p.config.URL), deadly))
}

// mostTold bounds the problems of one fetch that are told.
const mostTold = 20

// placed puts the page in front of problems.
func (p *Page) placed(problems []error) []error {
	var all []error
	for _, err := range problems[:min(len(problems), mostTold)] {
		all = append(all, &feed.Problem{Where: fetch.Shown(p.config.URL), Err: err})
	}
	return all
}
