package daemon

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"feedmill/source/sourcetest"
)

// agency is a site that publishes at even distances and lists its newest articles in an RSS feed. In the course of time it
// goes over to https, moves to another host, and is built anew with other ids and decorated links.
type agency struct {
	*years
	name    string
	gap     time.Duration
	listed  int
	stories []*story
	first   time.Time // when the first one appeared
	held    int       // how often it was in trouble when it was asked
}

// publish makes the stories of a span of time that has not come yet.
func (a *agency) publish(until time.Time) {
	for {
		n := len(a.stories)
		at := a.first.Add(time.Duration(n)*a.gap + 7*time.Minute)
		if at.After(until) {
			return
		}
		s := a.truth.add(&story{marker: fmt.Sprintf("mark-%s-%05d", a.name, n), feed: a.name, number: n})
		s.turn(at, appears)
		if n%9 == 4 {
			s.turn(at.Add(5*time.Hour), edited)
		}
		a.stories = append(a.stories, s)
	}
}

// era is how the site looks at a moment.
func (a *agency) era() (base string, rebuilt bool) {
	switch elapsed := a.now.Sub(a.begin); {
	case elapsed < a.length/5:
		return "http://" + a.name + ".example", false
	case elapsed < a.length*2/5:
		return "https://" + a.name + ".example", false
	case elapsed < a.length*3/5:
		return "https://www." + a.name + "-news.example", false
	default:
		return "https://www." + a.name + "-news.example", true
	}
}

func (a *agency) document() string {
	base, rebuilt := a.era()
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>The %s</title><link>%s/</link><description>News</description>`+"\n", a.name, base)
	left := a.listed
	for i := len(a.stories) - 1; i >= 0 && left > 0; i-- {
		s := a.stories[i]
		m := s.at(a.now)
		if m.life == "" {
			continue
		}
		left--
		link := fmt.Sprintf("%s/articles/%d", base, s.number)
		id := link // which moves with it
		if rebuilt {
			id = fmt.Sprintf("tag:%s,2027:%d", a.name, s.number)
			link += "?utm_source=rss"
		}
		title := fmt.Sprintf("Article %d of the %s", s.number, a.name)
		if m.edits > 0 && s.number%2 == 0 {
			title += ", with more"
		}
		b.WriteString("<item>\n")
		element(&b, "title", title)
		element(&b, "link", link)
		element(&b, `guid isPermaLink="false"`, id)
		element(&b, "pubDate", s.when(appears).Format(time.RFC1123Z))
		element(&b, "description", "<p>"+text(s, m)+"</p>")
		b.WriteString("</item>\n")
	}
	b.WriteString("</channel></rss>\n")
	return b.String()
}

// old is the feed as another generator made it, with ids of its own.
func (a *agency) old() string {
	return regexp.MustCompile(`articles/(\d+)</guid>`).ReplaceAllString(a.document(), "?p=$1</guid>")
}

// text is what an article says.
func text(s *story, m moment) string {
	return fmt.Sprintf("The word is %s, in edition %d.%d. The river rose by a metre overnight, and it is still rising.", s.marker, m.edits, m.touches)
}

// troubles are when the site is not itself, in hundredths of the years: each time for one visit.
var troubles = map[int]func(now time.Time) string{15: emptied, 28: strange, 49: emptied, 72: strange, 94: strange}

func emptied(time.Time) string {
	return `<rss version="2.0"><channel><title>News</title><link>http://x.example/</link><description>News</description></channel></rss>`
}

// strange is another site in the place of this one.
func strange(now time.Time) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Buy now</title><link>http://shop.example/</link><description>Bargains</description>`)
	for i := range 40 {
		fmt.Fprintf(&b, "<item><title>Watch %[1]d</title><link>http://shop.example/%[1]d</link><pubDate>%[2]s</pubDate></item>", i, now.Add(-time.Duration(i)*time.Minute).Format(time.RFC1123Z))
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// trouble is what the site answers instead of its own feed, if anything.
func (a *agency) trouble() string {
	for at, answer := range troubles {
		from := a.begin.Add(a.length * time.Duration(at) / 100)
		if !a.now.Before(from) && a.now.Before(from.Add(a.poll)) {
			return answer(a.now)
		}
	}
	return ""
}

// ServeHTTP answers at the present host; at former ones it says where that is.
func (a *agency) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base, _ := a.era()
	if _, host, _ := strings.Cut(base, "://"); r.Host != host {
		sourcetest.Redirect(http.StatusMovedPermanently, base+"/feed")(w, r)
		return
	}
	body := a.trouble()
	if body == "" {
		body = a.document()
	} else {
		a.held++
	}
	sourcetest.Conditional(sourcetest.RSS, body)(w, r)
}
