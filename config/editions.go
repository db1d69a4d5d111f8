package config

import (
	"fmt"
	"slices"
	"strings"

	"feedmill/feed/check"
)

// dressed is an edition whose address is to be compared with those of feeds.
type dressed struct {
	feed, name string
	at         place
}

// editions takes the other dresses of a feed. What they do not write is the feed's.
func (l *loader) editions(f Feed, words entries[*editionWords]) []Edition {
	var list []Edition
	for _, entry := range words {
		switch {
		case !segmentPattern.MatchString(entry.Key):
			l.report(entry.At, "an edition's name is part of its address: a-z, 0-9, - and _, beginning with a letter or digit, such as full")
		case slices.Contains(reserved, entry.Key):
			l.report(entry.At, "%s is taken for addresses of feedmill's own, as are %s; choose another name", entry.Key, strings.Join(reserved, ", "))
		default:
			l.dressed = append(l.dressed, dressed{f.Key, entry.Key, entry.At})
		}
		if entry.Value != nil {
			list = append(list, l.edition(f, entry.Key, entry.At, entry.Value))
		}
	}
	return list
}

func (l *loader) edition(f Feed, name string, at place, words *editionWords) Edition {
	e := Edition{
		Name:    name,
		Content: string(words.Content),
		Limit:   l.limit(words.Limit, f.Limit),
		Profile: string(words.Profile.or("")),
		Access:  l.access(words.Access),
	}
	// What a news sitemap says is the same in any dress: the feed's is enough.
	inherited := slices.DeleteFunc(slices.Clone(f.Formats), func(s string) bool { return s == newsSitemap })
	l.formats(words.Formats, formats{words: inherited}).put(&e.Formats, &e.FileNames)
	l.nameFiles(f.Key+"/"+name, e.FileNames, words.Formats, at)
	if e.Content == "" {
		e.Content = f.Content
	}
	e.Outputs = l.feedOutputs(words.Outputs, e.Access != nil || f.Access != nil)
	if words.Outputs.State == missing {
		e.Outputs = slices.DeleteFunc(e.Outputs, func(name string) bool { return !slices.Contains(f.Outputs, name) })
	}
	if e.Access != nil && l.config.Server == nil && len(e.Outputs) == 0 && words.Outputs.State == missing {
		l.report(words.Access.At, "makes the edition private, and there is neither a server nor an output with private: true that the feed goes to: it would go nowhere")
	}
	for _, written := range words.Filters {
		if written.Value.Dedupe != nil {
			l.report(written.At, "dedupe compares articles with each other, but an edition looks at each by itself; write it below the filters of the feed")
		}
		if written.Value.FullText != nil {
			l.report(written.At, "full_text fetches the page of an article when that comes in, before any document is made; write it below the filters of the feed, and content: teaser where less is to be shown")
		}
		e.Filters = append(e.Filters, written.Value.Kinds)
	}
	if len(e.Formats) == 0 && words.Formats.State == missing {
		at.path += ".formats"
		l.report(at, "is missing, and the feed has none but %s; write one such as formats: [rss]", newsSitemap)
	}
	l.dress(f, e, words.Profile, words.Formats, at)
	return e
}

// dress checks that the words of a feed or an edition suit its profile, and that what it has to name is known.
func (l *loader) dress(f Feed, e Edition, profile word[profileWord], formats word[[]formatWord], at place) {
	for _, problem := range check.Profile(e.Profile).Feed(check.Dress{
		Base: l.config.BaseURL, Language: f.Language, Content: e.Content, Formats: e.Formats,
		Articles: e.Limit.Articles, Hours: e.Limit.Hours,
	}) {
		l.report(profile.At, "%s", problem)
	}
	if slices.Contains(e.Formats, newsSitemap) && f.Language == "" {
		if formats.State == good {
			at = formats.At
		}
		l.report(at, "a %s names the language of the publication; write one such as language: en below the feed", newsSitemap)
	}
}

// apartFromFeeds checks that no edition lies where a feed does.
func (l *loader) apartFromFeeds() {
	for _, e := range l.dressed {
		address := e.feed + "/" + e.name
		if first, ok := l.keys[address]; ok {
			l.report(e.at, "the edition %s of the feed %s would have the address of the feed %s, in %s on line %d; give one of them another name",
				e.name, e.feed, address, first.file, first.line)
		}
	}
}

// newsSitemap is the format that is no feed.
const newsSitemap = "news-sitemap"

// profileWord is an aggregator whose rules are known.
type profileWord string

func (p *profileWord) UnmarshalText(text []byte) error {
	if string(text) == "apple-podcasts" {
		return fmt.Errorf("the profile apple-podcasts %s", notYet)
	}
	*p = profileWord(text)
	return choose(text, texts(check.Profiles)...)
}
