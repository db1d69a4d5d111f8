package mill

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"feedmill/feed"
	"feedmill/feed/store"
)

// added is what a page added to an article. It is kept, so that the page is never fetched again: when the list says
// something else of the article, the same is added to that.
type added struct {
	Over []string `json:"over,omitempty"` // the words that the page has instead of the list
	Fill []string `json:"fill,omitempty"` // the words that the list did not have
	// Page holds those words.
	Page feed.Article `json:"page"`
	// Failed says why the article is without its page for good. Nothing was added then.
	Failed string `json:"failed,omitempty"`
}

// fixed are the words that no page changes: by them an article is recognised, or they are about the list.
var fixed = []string{"ID", "Key", "Slug", "Link", "Source", "Status", "Modified", "Notes"}

// difference is what makes listed whole.
func difference(listed, whole feed.Article) added {
	var d added
	before, after, kept := reflect.ValueOf(listed), reflect.ValueOf(whole), reflect.ValueOf(&d.Page).Elem()
	for i := range before.NumField() {
		name := before.Type().Field(i).Name
		switch {
		case slices.Contains(fixed, name), reflect.DeepEqual(before.Field(i).Interface(), after.Field(i).Interface()):
			continue
		case before.Field(i).IsZero():
			d.Fill = append(d.Fill, name)
		default:
			d.Over = append(d.Over, name)
		}
		kept.Field(i).Set(after.Field(i))
	}
	return d
}

// to returns the article with what the page adds to it.
func (d added) to(a feed.Article) feed.Article {
	target, page := reflect.ValueOf(&a).Elem(), reflect.ValueOf(d.Page)
	for i := range target.NumField() {
		name := target.Type().Field(i).Name
		if slices.Contains(d.Over, name) || slices.Contains(d.Fill, name) && target.Field(i).IsZero() {
			target.Field(i).Set(page.Field(i))
		}
	}
	return a
}

// stored is the form in the store.
func (d added) stored(position int64, step string) (store.Page, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return store.Page{}, fmt.Errorf("encode page of an article: %w", err)
	}
	return store.Page{Position: position, Step: step, Body: body}, nil
}

// recallAdded reads what the store has of the articles' pages, by position and step.
func recallAdded(pages []store.Page) (map[int64]map[string]added, error) {
	all := map[int64]map[string]added{}
	for _, p := range pages {
		var d added
		if err := json.Unmarshal(p.Body, &d); err != nil {
			return nil, fmt.Errorf("read page of an article: %w", err)
		}
		if all[p.Position] == nil {
			all[p.Position] = map[string]added{}
		}
		all[p.Position][p.Step] = d
	}
	return all, nil
}
