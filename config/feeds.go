package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/schedule"
	"feedmill/feed/setting"
)

// feedDefaults are the values a feed takes where it writes none.
type feedDefaults struct {
	schedule string
	formats  formats
	limit    Limit
	keep     Keep
	content  string
	guard    Guard
}

// feedDefaults puts the words below defaults over the built-in values.
func (l *loader) feedDefaults(words defaultWords) feedDefaults {
	d := feedDefaults{
		schedule: defaultSchedule,
		formats:  formats{words: []string{"rss", "atom", "json"}},
		limit:    Limit{Articles: defaultArticles},
		content:  defaultContent,
		guard:    Guard{Shrink: defaultShrink, ReleaseAfter: defaultRelease},
	}
	if words.Schedule.State == good {
		if l.schedule(words.Schedule, l.config.Location) != nil {
			d.schedule = words.Schedule.Value
		}
	}
	d.formats = l.formats(words.Formats, d.formats)
	d.limit = l.limit(words.Limit, d.limit)
	d.keep = l.keep(words.Keep, d.keep, d.limit)
	if words.Content != "" {
		d.content = string(words.Content)
	}
	d.guard = l.guard(words.Guard.Value, d.guard)
	return d
}

// feeds takes the feeds of one file, and the blocks that make many.
func (l *loader) feeds(words feedEntries, w *walk) {
	for _, entry := range words {
		if strings.ContainsAny(entry.Key, "{}") {
			if w.leave.each(l, entry.At) {
				l.block(entry, w)
			}
			continue
		}
		entry.Key = w.leave.key(entry.Key)
		if problem := keyProblem(entry.Key); problem != "" {
			l.report(entry.At, "%s", problem)
		} else if first, ok := l.keys[entry.Key]; ok {
			l.twice(entry.Key, entry.At, first)
		} else {
			l.keys[entry.Key] = entry.At
		}
		if entry.Value.node == nil || !entry.Value.read(w) && entry.Value.Value == nil {
			continue
		}
		feedWords := entry.Value.Value
		if feedWords.Each.State != missing {
			l.report(feedWords.Each.At, "makes a feed of every row, but the key names no column; write one such as teams/{team}")
		}
		w.leave.confine(feedWords)
		l.config.Feeds = append(l.config.Feeds, l.feed(entry.Key, entry.At, feedWords))
	}
}

func (l *loader) feed(key string, at place, words *feedWords) Feed {
	location := l.config.Location
	if words.Timezone.Location != nil {
		location = words.Timezone.Location
	}
	f := Feed{
		Key:         key,
		Title:       string(words.Title),
		Description: string(words.Description),
		Link:        string(words.Link),
		Language:    string(words.Language),
		Author:      l.author(words.Author),
		Image:       string(words.Image),
		Icon:        string(words.Icon),
		Rights:      string(words.Rights),
		Tags:        texts(words.Tags),
		Location:    location,
		Schedule:    l.feedSchedule(key, words.Schedule, location),
		Limit:       l.limit(words.Limit, l.defaults.limit),
		Content:     string(words.Content),
		Guard:       l.guard(words.Guard.Value, l.defaults.guard),
		Sources:     l.sources(at, words.Source),
		Parents:     l.parents(key, words.Source.Value),
		Filters:     filters(words.Filters),
		Access:      l.access(words.Access),
		Profile:     string(words.Profile.or("")),
		Facets:      texts(words.Facets),
		Ended:       words.Ended.Value.in(location),
		File:        at.file,
		Line:        at.line,
	}
	l.formats(words.Formats, l.defaults.formats).put(&f.Formats, &f.FileNames)
	f.Keep = l.keep(words.Keep, l.defaults.keep, f.Limit)
	f.Outputs = l.feedOutputs(words.Outputs, f.Access != nil)
	l.openly(words, f)
	if f.Title == "" {
		f.Title = key
	}
	if f.Content == "" {
		f.Content = l.defaults.content
	}
	l.dress(f, Edition{Content: f.Content, Formats: f.Formats, Limit: f.Limit, Profile: f.Profile}, words.Profile, words.Formats, at)
	f.Editions = l.editions(f, words.Editions)
	l.nameFiles(key, f.FileNames, words.Formats, at)
	return f
}

// reserved are segments that feedmill's own addresses begin with.
var reserved = []string{"a", "archive", "hub", "media", "opml", "tag"}

// keyProblem says why a feed's key cannot be its address; empty when it can.
func keyProblem(key string) string {
	for s := range strings.SplitSeq(key, "/") {
		switch {
		case !segmentPattern.MatchString(s):
			return `a feed's key is its address: names of a-z, 0-9, - and _, each beginning with a letter or digit, joined by "/", such as world or teams/north`
		case slices.Contains(reserved, s):
			return fmt.Sprintf("%s is taken for addresses of feedmill's own, as are %s; choose another key", s, strings.Join(reserved, ", "))
		}
	}
	return ""
}

func (l *loader) author(written word[authorWords]) feed.Person {
	words := written.Value
	read := written.State == good || words.Email.State != missing || words.URL.State != missing
	if read && words.Name.State == missing {
		l.report(written.At, "has no name; write author: {name: News Desk}")
	}
	return feed.Person{Name: string(words.Name.or("")), Email: string(words.Email.or("")), URL: string(words.URL.or(""))}
}

// feedSchedule parses a feed's schedule. Only explicit times of the feed itself start on time; all others are spread.
func (l *loader) feedSchedule(key string, written word[string], location *time.Location) feed.Schedule {
	if written.State == good {
		s := l.schedule(written, location)
		if s != nil && l.may != nil && schedule.Shortest(s) < fastest {
			l.report(written.At, "ticks more often than once a minute, which this file may not; write @every 1m or longer")
		}
		if s != nil && strings.HasPrefix(strings.TrimSpace(written.Value), "@every") {
			s = schedule.Spread(s, key)
		}
		return s
	}
	s, err := l.parsed(l.defaults.schedule, location)
	if err != nil {
		return nil // reported where it was written
	}
	return schedule.Spread(s, key)
}

// fastest is how often a feed of a file that is not fully trusted may be refreshed at most.
const fastest = time.Minute

// parsed parses what many feeds share once.
func (l *loader) parsed(spec string, location *time.Location) (feed.Schedule, error) {
	name := spec + "\x00" + location.String()
	if s := l.schedules[name]; s != nil {
		return s, nil
	}
	s, err := schedule.Parse(spec, location)
	if err == nil && l.schedules != nil {
		l.schedules[name] = s
	}
	return s, err
}

// schedule parses a schedule and reports what is wrong with it.
func (l *loader) schedule(written word[string], location *time.Location) feed.Schedule {
	s, err := l.parsed(written.Value, location)
	switch {
	case err == nil:
		return s
	case written.Shown != written.Value:
		l.report(written.At, `%q does not hold a schedule; it takes five fields, @hourly, or @every 10m`, written.Shown)
	default:
		l.report(written.At, "%v", err)
	}
	return nil
}

// The bounds of limit. Below the smallest size not even one article of a usual length fits.
const (
	maxArticles = 100_000
	maxHours    = 10 * 366 * 24
	minSize     = 10 << 10
)

// limit puts the written words over the inherited ones.
func (l *loader) limit(written word[limitWords], inherited Limit) Limit {
	words, before := written.Value, len(l.problems)
	limit := Limit{
		Articles: words.Articles.or(inherited.Articles),
		Hours:    words.Hours.or(inherited.Hours),
		Size:     words.Size.or(inherited.Size),
	}
	if limit.Articles < 0 || limit.Articles > maxArticles {
		l.report(words.Articles.At, "takes a number of articles from 1 to %d", maxArticles)
	} else if limit.Articles == 0 && limit.Hours == 0 && words.Hours.State != refused {
		l.report(written.At, "0 articles and no hours: the feed would be empty; write at least 1")
	}
	if limit.Hours < 0 || limit.Hours > maxHours {
		l.report(words.Hours.At, "takes a number of hours from 0 to %d", maxHours)
	}
	if limit.Size > 0 && limit.Size < minSize {
		l.report(words.Size.At, "is too small for a feed; write at least 10KB, or 0 for no bound")
	}
	if len(l.problems) > before {
		return inherited
	}
	return limit
}

// keep puts the written words over the inherited ones. What is shown must be kept.
func (l *loader) keep(written word[keepWords], inherited Keep, limit Limit) Keep {
	words, before := written.Value, len(l.problems)
	keep := Keep{Count: words.Count.or(inherited.Count), Age: time.Duration(words.Age.or(setting.Duration(inherited.Age)))}
	switch {
	case keep.Count < 0:
		l.report(words.Count.At, "takes a number of articles, or 0 to keep all")
	case keep.Count > 0 && keep.Count < limit.Articles && words.Count.State == good:
		l.report(words.Count.At, "fewer articles would be kept than are shown; write at least %d, the feed's limit", limit.Articles)
	}
	switch {
	case keep.Age < 0:
		l.report(words.Age.At, "takes a time such as 365d, or 0 to keep all")
	case keep.Age > 0 && keep.Age < time.Duration(limit.Hours)*time.Hour && words.Age.State == good:
		l.report(words.Age.At, "articles would be kept for a shorter time than they are shown; write at least %dh, the feed's limit", limit.Hours)
	}
	if len(l.problems) > before {
		return inherited
	}
	if keep.Count > 0 {
		keep.Count = max(keep.Count, limit.Articles) // an inherited bound does not cut what is shown
	}
	return keep
}

// feedOutputs returns the names of the outputs a feed goes to: all of them unless it names some; of a private feed, all
// that may hold one.
func (l *loader) feedOutputs(written word[[]word[segment]], private bool) []string {
	var all, open, chosen []string
	for _, o := range l.config.Outputs {
		all = append(all, o.Name)
		if o.Private || !private {
			open = append(open, o.Name)
		}
	}
	if written.State != good {
		return open
	}
	for _, name := range written.Value {
		switch {
		case slices.Contains(open, string(name.Value)):
			chosen = append(chosen, string(name.Value))
		case slices.Contains(all, string(name.Value)):
			l.report(name.At, "this feed has access: and is private, but everybody may read what is in output %s; write private: true there if it is not so, or leave it out here", name.Shown)
		case len(all) == 0:
			l.report(name.At, "there is no output %q, for there are no outputs; write them below outputs:", name.Shown)
		default:
			l.report(name.At, "there is no output %q; there are %s", name.Shown, strings.Join(all, ", "))
		}
	}
	if len(written.Value) == 0 && l.config.Server == nil {
		l.report(written.At, "is empty and there is no server: the feed would go nowhere; name an output")
	}
	return slices.DeleteFunc(open, func(name string) bool { return !slices.Contains(chosen, name) })
}

func filters(words []filterWords) []filter.Kinds {
	var list []filter.Kinds
	for _, w := range words {
		list = append(list, w.Kinds)
	}
	return list
}

func texts[T ~string](values []T) []string {
	var list []string
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}
