package json

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"feedmill/feed"
	"feedmill/feed/fetch"
	"feedmill/feed/parse"
)

// unreadable says of an answer that gave no articles what it is and what to do.
func (j *JSON) unreadable(err error, body []byte, answer fetch.Answer) error {
	class := feed.ClassOf(err)
	switch {
	case answer.Wall != "":
		class, err = feed.Refused, fmt.Errorf("it shows %s instead of JSON: write the key or password that it wants under fetch: (headers, auth), "+
			"or ask whoever runs it to let the user_agent of feedmill in", answer.Wall)
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		class, err = instead(body, answer)
	}
	return feed.Classify(class, fmt.Errorf("read %s: %w", place(j.config.URL, answer.URL), err))
}

// instead says what markup is that came instead of JSON.
func instead(body []byte, answer fetch.Answer) (feed.Class, error) {
	found, err := parse.Parse(body, answer.Type, answer.URL, nil, time.Time{})
	if err == nil {
		return feed.Unreadable, fmt.Errorf("it is a feed (%s), not JSON; write feed instead of json", found.Format)
	}
	other, ok := errors.AsType[*parse.NotFeed](err)
	if !ok {
		return feed.Unreadable, errors.New("it is markup, not JSON; look whether the address has changed")
	}
	titled := ""
	if other.Title != "" {
		titled = fmt.Sprintf(" (“%s”)", other.Title)
	}
	switch other.Kind {
	case parse.XML:
		return feed.Unreadable, fmt.Errorf("it is XML that begins with <%s>, not JSON; look whether the address has another form, such as ?format=json", other.Root)
	case parse.Login, parse.Challenge:
		return feed.Refused, fmt.Errorf("it is a page that keeps programs out%s, not JSON; write the key or password that it wants under fetch: (headers, auth)", titled)
	}
	return feed.Unreadable, fmt.Errorf("it is a web page%s, not JSON; look whether the address has changed, or whether it wants a key under fetch: headers", titled)
}

// place names the address asked for and the one that it led to.
func place(asked, came string) string {
	where := fetch.Shown(asked)
	if other := fetch.Shown(came); came != "" && other != where {
		where += " (which leads to " + other + ")"
	}
	return where
}

// mostTold bounds the problems of one fetch that are told.
const mostTold = 20

// placed puts the address in front of problems.
func (j *JSON) placed(problems []error) []error {
	var all []error
	for _, err := range problems[:min(len(problems), mostTold)] {
		where := fetch.Shown(j.config.URL)
		if item, ok := errors.AsType[*feed.Problem](err); ok {
			where, err = where+" "+item.Where, item.Err
		}
		all = append(all, &feed.Problem{Where: where, Err: err})
	}
	return all
}
