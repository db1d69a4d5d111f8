package listing

import (
	"math"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed/late"
)

// marks count, for the spots before each one, what tells an article: dates, pictures, and links that could be titles. The
// difference of two of them is what stands between.
type marks struct {
	dates, images, titles []int32
}

func (s *survey) marks(leads []lead) marks {
	n := len(s.spots) + 1
	m := marks{dates: make([]int32, n), images: make([]int32, n), titles: make([]int32, n)}
	for _, l := range leads {
		if !l.inline && (l.heading || l.runes >= 25) && l.article >= 0.5 {
			m.titles[l.at+1] = 1
		}
	}
	for i := range s.spots {
		switch {
		case isPicture(s.spots[i].node):
			m.images[i+1] = 1
		case s.spots[i].text < 120 && isDate(s.spots[i].node):
			m.dates[i+1] = 1
		}
		m.dates[i+1] += m.dates[i]
		m.images[i+1] += m.images[i]
		m.titles[i+1] += m.titles[i]
	}
	return m
}

func isPicture(n *html.Node) bool {
	return n.DataAtom == atom.Img || n.DataAtom == atom.Picture || strings.Contains(attr(n, "style"), "background-image")
}

// dateText matches texts with a date in them, as far as digits can tell.
var dateText = late.Regexp(`\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|(?:19|20)\d\d年|\b\d+ ?(?:second|minute|hour|day|week|month|year)s? ago\b|\bvor \d+ |\bil y a \d+|\bhace \d+|` +
	`(?i:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}\b)`)

// mayBeDate sorts out most texts at little cost: a date has a digit with 19 or 20, a stroke or a capitalised word beside it,
// or a word for ago.
func mayBeDate(s string) bool {
	word := byte(' ') // the first letter of the word before
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if word >= 'A' && word <= 'Z' || i+1 < len(s) && (s[i:i+2] == "19" || s[i:i+2] == "20" || strings.IndexByte("./-", s[i+1]) >= 0) {
				return true
			}
		case c != ' ' && (i == 0 || s[i-1] == ' '):
			word = c
		}
	}
	return strings.Contains(s, " ago") || strings.Contains(s, "vor ") || strings.Contains(s, "il y a") || strings.Contains(s, "hace ")
}

// isDate reports whether an element shows a date.
func isDate(n *html.Node) bool {
	if n.DataAtom == atom.Time || hasAttr(n, "datetime") {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && len(c.Data) < 400 && mayBeDate(c.Data) && dateText().MatchString(c.Data) {
			return true
		}
	}
	return false
}

// rate scores a group: how sure it is that its links are the page's articles.
func (s *survey) rate(g *cluster, m marks) {
	n := float64(len(g.leads))
	var title, heading, inline, article, below, dates, images, prose, crowd, weight, text, linked float64
	titles := map[string]bool{}
	var at [regions]int
	for i, l := range g.leads {
		titles[l.title] = true
		title += titleLike(l)
		heading += one(l.heading)
		inline += one(l.inline)
		article += l.article
		below += one(l.below)
		root, end := g.heads[i], g.tails[i]
		dates += one(m.dates[end] > m.dates[root])
		images += one(m.images[end] > m.images[root])
		crowd += float64(max(0, m.titles[end]-m.titles[root]-1))
		all, inLinks := s.textAndLinked(g, i)
		text += float64(all)
		linked += float64(inLinks)
		prose += one(all-inLinks > 50)
		p := s.spots[l.at].place
		at[p]++
		weight += p.weight()
	}
	for p, count := range at {
		if count > at[g.place] {
			g.place = region(p)
		}
	}
	page := float64(max(1, s.spots[s.body].text))
	unique := float64(len(titles)) / n
	quality := 0.35 + 0.5*heading/n + 0.45*dates/n + 0.3*prose/n + 0.15*images/n + 0.5*article/n + 0.3*below/n + 1.0*min(1, text/page)
	many := math.Log2(1+min(n, 40)) / math.Log2(1+12)
	g.score = g.trust * quality * many * (title / n) * unique * unique * (weight / n) * (1 - 0.8*inline/n) / (1 + 0.5*crowd/n) *
		(0.55 + 0.45*min(alike(dates/n), alike(heading/n)))
}

// alike is 1 where nearly all or hardly any have something, and 0 where half have it.
func alike(share float64) float64 { return min(1, math.Abs(2*share-1)/0.8) }

// titleLike rates the text of a link from 0 to 1 by its length. Scripts without spaces need fewer signs.
func titleLike(l lead) float64 {
	runes := float64(l.runes)
	if len(l.title) > 2*l.runes {
		runes *= 2.2
	}
	if l.below && runes >= 3 {
		runes = max(runes, 16) // whatever it is called, it is a part of this page
	}
	switch words := float64(strings.Count(l.title, " ") + 1); {
	case l.runes == 0 || !hasLetter(l.title) && !l.below:
		return 0.03
	case runes < 4:
		return 0.05
	case runes < 12:
		return 0.15 + 0.03*runes*min(words, 2)/2
	case runes < 25:
		return 0.5 + 0.04*(runes-12)
	case runes <= 200:
		return 1
	default:
		return 0.6
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
