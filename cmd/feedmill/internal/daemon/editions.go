package daemon

import (
	"fmt"
	"slices"

	"feedmill/config"
	"feedmill/feed/check"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/render"
)

// editions opens the editions of a feed whose own channel is main.
func editions(main render.Channel, cf config.Feed) ([]mill.Edition, error) {
	var opened []mill.Edition
	for _, e := range cf.Editions {
		filters, err := filter.New(e.Filters)
		if err != nil {
			return nil, fmt.Errorf("edition %s: %w", e.Name, err)
		}
		ch := main
		ch.Edition, ch.Others, ch.Facets = e.Name, nil, false
		ch.FileNames = fileNames(e.FileNames)
		ch.Formats, ch.Content, ch.MaxSize = formats(e.Formats), render.Content(e.Content), int64(e.Limit.Size)
		profile := check.Profile(e.Profile)
		ch.LeadImage = profile.LeadImage()
		opened = append(opened, mill.Edition{
			Channel: ch, Limit: mill.Limit{Articles: e.Limit.Articles, Hours: e.Limit.Hours}, Filters: filters, Profile: profile,
		})
	}
	return opened, nil
}

func formats(words []string) []render.Format {
	var list []render.Format
	for _, w := range words {
		list = append(list, render.Format(w))
	}
	return list
}

func fileNames(words map[string]string) map[render.Format]string {
	if len(words) == 0 {
		return nil
	}
	names := map[render.Format]string{}
	for format, name := range words {
		names[render.Format(format)] = name
	}
	return names
}

// partly is an output as a feed uses it: it takes the feed's documents and those of its editions, or some of them. One that
// takes none loses what it was given of the editions when it took them.
func partly(out mill.Output, cf config.Feed, name string) mill.Output {
	out.Editions = []string{}
	if slices.Contains(cf.Outputs, name) {
		out.Editions = append(out.Editions, "")
	}
	for _, e := range cf.Editions {
		if slices.Contains(e.Outputs, name) {
			out.Editions = append(out.Editions, e.Name)
		}
	}
	return out
}

func privateEditions(cf config.Feed) map[string]*config.Access {
	private := map[string]*config.Access{}
	for _, e := range cf.Editions {
		if e.Access != nil {
			private[cf.Key+"/"+e.Name] = e.Access
		}
	}
	return private
}
