package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	gofeed "github.com/mmcdole/gofeed/json"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// readJSON reads a JSON Feed (jsonfeed.org, versions 1 and 1.1), item by item, so that one that is wrong costs nothing
// but itself.
func readJSON(text string, w where) (Feed, error) {
	b := builder{where: w}
	top, err := object(text)
	if err != nil {
		mended := mendJSON(text)
		if top, err = object(mended); err != nil {
			return Feed{}, explainJSON(text, err)
		}
		b.feed.Lenient = true
	}
	items := json.NewDecoder(bytes.NewReader(top["items"]))
	begin, _ := items.Token() // nothing at all is no list either
	isList := begin == json.Delim('[')
	delete(top, "items")
	var channel gofeed.Feed
	fit(top, &channel)
	if !isList || channel.Version == "" && channel.Title == "" && channel.HomePageURL == "" && channel.FeedURL == "" {
		return Feed{}, &NotFeed{Kind: JSON}
	}
	b.jsonChannel(channel)
	for b.seen < maxItems && items.More() {
		var raw json.RawMessage
		if err := items.Decode(&raw); err != nil {
			return Feed{}, fmt.Errorf("the document is no valid JSON: %w", err)
		}
		b.jsonItem(raw, itemPlace{number: b.seen + 1})
	}
	return b.finish()
}

// object reads a JSON object without looking into its members.
func object(text string) (map[string]json.RawMessage, error) {
	var top map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &top)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, &NotFeed{Kind: JSON} // a list, or nothing
	}
	return top, err
}

func explainJSON(text string, err error) error {
	if errors.As(err, new(*NotFeed)) {
		return err
	}
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return fmt.Errorf("the document is no JSON: %w", err)
	}
	if syntax.Offset >= int64(len(strings.TrimRight(text, " \t\n"))) {
		return errors.New("the document is truncated: its JSON ends in the middle; the transfer broke off or the site's program died while it wrote")
	}
	line := 1 + strings.Count(text[:syntax.Offset], "\n")
	return fmt.Errorf("the document is no valid JSON: line %d: %w", line, syntax)
}

// fit decodes members into a struct of gofeed. Members of a wrong type are left out and named.
func fit(members map[string]json.RawMessage, into any) (wrong []string) {
	whole, err := json.Marshal(members)
	if err != nil || json.Unmarshal(whole, into) == nil {
		return nil // what was read came from a document: it can be written
	}
	for name, raw := range members {
		one, err := json.Marshal(map[string]json.RawMessage{name: raw})
		if err != nil || json.Unmarshal(one, into) != nil {
			wrong = append(wrong, name)
			delete(members, name)
		}
	}
	if whole, err = json.Marshal(members); err == nil {
		err = json.Unmarshal(whole, into)
	}
	if err != nil {
		wrong = append(wrong, "members")
	}
	slices.Sort(wrong)
	return wrong
}

func (b *builder) jsonChannel(f gofeed.Feed) {
	b.feed.Format = "JSON Feed"
	if i := strings.LastIndex(f.Version, "/"); i >= 0 && len(f.Version) < 60 {
		b.feed.Format = clean.Line("JSON Feed " + f.Version[i+1:])
	}
	b.feed.Title = clean.Line(f.Title)
	b.feed.Description = clean.Line(f.Description)
	b.feed.Link = absolute(clean.Line(f.HomePageURL), b.base)
	b.feed.Self = absolute(clean.Line(f.FeedURL), b.base)
	b.feed.Language = language(f.Language)
	b.authors = b.jsonPeople(f.Authors, f.Author)
}

func (b *builder) jsonItem(raw json.RawMessage, at itemPlace) {
	var item gofeed.Item
	if raw[0] != '{' {
		b.add(feed.Article{}, at, errors.New("it is no object"))
		return
	}
	if len(raw) <= maxField && json.Unmarshal(raw, &item) == nil {
		b.add(b.jsonArticle(item), at, nil)
		return
	}
	members, err := membersOf(raw)
	if err != nil {
		b.add(feed.Article{}, at, err)
		return
	}
	item = gofeed.Item{}
	wrong := fit(members, &item)
	a := b.jsonArticle(item)
	if len(wrong) > 0 {
		b.problem(at, a.Title, fmt.Errorf("lacks its %s, of a type that the format does not allow", strings.Join(wrong, ", ")))
	}
	b.add(a, at, nil)
}

// membersOf returns the members of an item that is unusual, if it is not too unusual.
func membersOf(raw json.RawMessage) (map[string]json.RawMessage, error) {
	const most = 1000 // the format has 17
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	if len(members) > most {
		return nil, fmt.Errorf("it has more than %d members", most)
	}
	for name, value := range members {
		if len(value) > maxField {
			return nil, fmt.Errorf("its %s holds more than %d MB", strconv.Quote(clean.Summary(name, 40)), maxField>>20)
		}
	}
	return members, nil
}

func (b *builder) jsonArticle(item gofeed.Item) feed.Article {
	a := feed.Article{
		ID:        clean.Line(item.ID),
		Link:      bare(firstOf(absolute(clean.Line(item.URL), b.base), absolute(clean.Line(item.ExternalURL), b.base))),
		Title:     clean.Line(item.Title),
		Summary:   strings.TrimSpace(clean.Chars(item.Summary)),
		Content:   strings.TrimSpace(clean.Resolve(clean.Chars(item.ContentHTML), clean.Base(item.ContentHTML, b.base))),
		Authors:   b.jsonPeople(item.Authors, item.Author),
		Language:  language(item.Language),
		Published: b.moment(item.DatePublished),
		Updated:   b.moment(item.DateModified),
		Image:     feed.Image{URL: firstOf(absolute(clean.Line(item.Image), b.base), absolute(clean.Line(item.BannerImage), b.base))},
	}
	for _, said := range [...]struct {
		word, from string
		is         bool
	}{
		{"id", "id", a.ID != ""}, {"title", "title", a.Title != ""}, {"link", "url", a.Link != ""}, {"summary", "summary", a.Summary != ""},
		{"published", "date_published", !a.Published.IsZero()}, {"updated", "date_modified", !a.Updated.IsZero()},
		{"content", "content_html", a.Content != ""}, {"content", "content_text", a.Content == "" && item.ContentText != ""},
	} {
		if said.is {
			a.Trace.Add(said.word, said.from)
		}
	}
	if a.Content == "" {
		a.Content = fromPlain(item.ContentText)
	}
	if a.Link == "" && strings.Contains(a.ID, "://") {
		a.Link = bare(absolute(a.ID, ""))
	}
	for _, tag := range item.Tags {
		if tag = clean.Line(tag); tag != "" && !slices.Contains(a.Tags, tag) && len(a.Tags) < 500 {
			a.Tags = append(a.Tags, tag)
		}
	}
	if item.Attachments != nil {
		for _, file := range *item.Attachments {
			if to := absolute(clean.Line(file.URL), b.base); to != "" {
				a.Enclosures = addEnclosure(a.Enclosures, enclosure(to, file.MimeType, strconv.FormatInt(file.SizeInBytes, 10), ""))
			}
		}
	}
	return a
}

// jsonPeople reads authors, or the single author of version 1.
func (b *builder) jsonPeople(many []*gofeed.Author, one *gofeed.Author) []feed.Person {
	if len(many) == 0 {
		many = []*gofeed.Author{one}
	}
	var people []feed.Person
	for _, p := range many {
		if p != nil {
			people = addPerson(people, named(feed.Person{Name: clean.Line(p.Name), URL: absolute(clean.Line(p.URL), b.base)}))
		}
	}
	return people
}

// mendJSON escapes the raw line ends and tabs that stand in strings and takes out commas in front of a closing bracket.
// Nothing is closed that was left open.
func mendJSON(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\' && i+1 < len(text):
			out.WriteByte(c)
			i++
			c = text[i]
		case inString && c == '\n':
			out.WriteString(`\n`)
			continue
		case inString && c == '\t':
			out.WriteString(`\t`)
			continue
		case c == '"':
			inString = !inString
		case c == ',' && !inString:
			if next := strings.TrimLeft(text[i+1:], " \t\n"); next != "" && (next[0] == ']' || next[0] == '}') {
				continue
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}
