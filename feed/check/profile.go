package check

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// Profile is an aggregator with rules of its own, beyond those of the formats. The zero value asks for nothing.
type Profile string

// The profiles. Their rules are those that can be told from the feed itself: nobody here measures pictures or asks a site.
const (
	// MSN is the MSN Partner Hub, formerly Microsoft Start: its "Feed content specifications" and "Feed item metadata
	// requirements" (helpcenter.microsoftstart.com/kb/feed-specifications, support.microsoft.com). It takes feeds of one
	// language over https, and articles with a body, a web address, a title of 20 to 150 characters without HTML, and a
	// date of less than a year ago.
	MSN Profile = "msn"
	// Flipboard's rules are those of its "RSS spec" for publishers (about.flipboard.com/rss-spec): a feed in RSS with a
	// language, at least 20 items and the whole text; articles with a picture, an author and 300 characters or more.
	Flipboard Profile = "flipboard"
	// Feedly refuses nothing that is a feed. It shows the first large picture of the content, so that an article's image
	// goes to the top of it (third parties' advice; Feedly's own elements are unknown to the feed validator, and are not
	// written).
	Feedly Profile = "feedly"
)

// Profiles are all there are.
var Profiles = []Profile{MSN, Flipboard, Feedly}

// rules are what one aggregator asks for; a zero value asks for nothing.
type rules struct {
	formats    []string // one of them must be there
	secure     bool     // https only, for feed and articles
	language   bool     // of the feed
	whole      bool     // content: full
	items      int      // the least number that the feed may hold
	title      [2]int   // the least and greatest length of a title, in characters
	plainTitle bool     // no HTML in it
	text       int      // the least length of an article's text, in characters
	age        time.Duration
	picture    bool
	author     bool
}

func (p Profile) rules() rules {
	switch p {
	case MSN:
		return rules{
			formats: []string{"rss", "atom"}, secure: true, language: true, whole: true,
			title: [2]int{20, 150}, plainTitle: true, text: 1, age: 365 * 24 * time.Hour,
		}
	case Flipboard:
		return rules{formats: []string{"rss"}, language: true, whole: true, items: 20, text: 300, picture: true, author: true}
	case Feedly:
		return rules{formats: []string{"rss", "atom"}}
	}
	return rules{}
}

// LeadImage reports whether the aggregator looks for an article's picture at the top of the content.
func (p Profile) LeadImage() bool { return p == Feedly }

// MaxAge is how long after its publication the aggregator takes an article; 0 is for ever.
func (p Profile) MaxAge() time.Duration { return p.rules().age }

// Dress is what an aggregator may ask of a feed as a whole.
type Dress struct {
	Base     string // the site's base address
	Language string
	Content  string // full, teaser or none
	Formats  []string
	Articles int // the most that the live documents hold by number
	Hours    int // for which they hold all
}

// Feed says, in a sentence each, what the aggregator would not take about the feed and what to write instead.
func (p Profile) Feed(d Dress) []string {
	r := p.rules()
	var wrong []string
	ask := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, string(p)+" "+fmt.Sprintf(format, args...))
		}
	}
	ask(r.formats == nil || slices.ContainsFunc(r.formats, func(f string) bool { return slices.Contains(d.Formats, f) }),
		"reads %s; add it to formats", strings.Join(r.formats, " or "))
	ask(!r.secure || strings.HasPrefix(d.Base, "https://"), "reads feeds over https only, and base_url is %s", d.Base)
	ask(!r.language || d.Language != "", "must know the language of the feed; write one such as language: en")
	ask(!r.whole || d.Content == "full", "wants whole articles, not content: %s; write content: full", d.Content)
	ask(d.Articles >= r.items || d.Hours > 0, "wants at least %d articles in a feed; raise limit to that", r.items)
	return wrong
}

// Article says why the aggregator would refuse an article: as it is shown, with the title that the documents bear and the
// feed's author if it names none. Empty: it would not. The same article is refused for ever, but for its age.
func (p Profile) Article(a feed.Article, asOf time.Time) string {
	r := p.rules()
	title := utf8.RuneCountInString(a.Title)
	switch {
	case r.title[0] > 0 && (title < r.title[0] || title > r.title[1]):
		return fmt.Sprintf("its title has %s; %s takes %d to %d", characterCount(title), p, r.title[0], r.title[1])
	case r.plainTitle && tags.MatchString(a.Title):
		return fmt.Sprintf("its title holds HTML, which %s does not take", p)
	case r.secure && !strings.HasPrefix(a.Link, "https://"):
		return fmt.Sprintf("its link %s is not https, which %s wants", a.Link, p)
	case r.age > 0 && !a.Published.After(asOf.Add(-r.age)):
		return fmt.Sprintf("it was published %s; %s takes nothing that is %d days old", a.Published.UTC().Format(time.DateOnly), p, r.age/(24*time.Hour))
	case r.author && len(a.Authors) == 0:
		return fmt.Sprintf("it names no author, and %s wants one; write author: below the feed for those without", p)
	case r.picture && !hasPicture(a):
		return fmt.Sprintf("it has no picture, and %s wants one", p)
	}
	if r.text == 0 {
		return ""
	}
	content := cmp.Or(a.Content, clean.Markdown(a.Markdown))
	switch n := utf8.RuneCountInString(clean.PlainText(content)); {
	case n == 0:
		return fmt.Sprintf("it has no text, and %s wants the whole article", p)
	case n < r.text:
		return fmt.Sprintf("its text has %s; %s wants %d or more", characterCount(n), p, r.text)
	}
	return ""
}

func characterCount(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// tags finds what a reader of HTML takes for an element, in text that is none.
var tags = regexp.MustCompile(`</?[a-zA-Z][^<>]*>`)

func hasPicture(a feed.Article) bool {
	return a.Image.URL != "" || strings.Contains(a.Content, "<img ") ||
		slices.ContainsFunc(a.Enclosures, func(e feed.Enclosure) bool { return strings.HasPrefix(e.Type, "image/") })
}
