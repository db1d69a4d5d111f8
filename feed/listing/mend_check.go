package listing

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/net/html"
)

// check reads the page with the new selectors and compares what comes out with what is known.
func (g *guess) check() (Mend, error) {
	m := Mend{Changed: g.changed, Lost: g.lost, Listed: g.known.Listed}
	m.Fields = g.fields
	if err := m.Items.UnmarshalText([]byte(g.choice.Selector)); err != nil {
		return Mend{}, fmt.Errorf("read the selector that was worked out: %w", err)
	}
	var err error
	if m.Taken, err = Take(g.ctx, g.page, m.Items, m.Fields, g.env); err != nil {
		return Mend{}, err
	}
	if len(m.Taken.Articles) < m.Taken.Items {
		return Mend{}, errors.New("an article would be empty")
	}
	titles, err := g.compare(&m)
	if err != nil {
		return Mend{}, err
	}
	if err := g.sound(m); err != nil {
		return Mend{}, err
	}
	whole := min(1, float64(m.Known)/float64(max(1, min(g.known.Listed, mostKnown))))
	m.Confidence = (0.5 + whole/2) * titles
	if g.choice.Position {
		m.Confidence *= 0.7
	}
	return m, nil
}

// compare counts the known articles that come out as they were, and returns which part of them have the same title.
func (g *guess) compare(m *Mend) (titles float64, err error) {
	byNode := map[*html.Node]int{}
	for i, item := range m.Taken.Found {
		byNode[item.Node] = i
	}
	same := 0
	for i, n := range g.items {
		at, found := byNode[n]
		if !found {
			return 0, errors.New("the selector for the items misses articles that are known")
		}
		before, now := g.known.Articles[g.articles[i]].Values, &m.Taken.Articles[at]
		for _, word := range []string{"id", "link"} {
			if before[word] != "" && !g.same(word, valueOf(word, now), before[word]) {
				return 0, fmt.Errorf("the %s of a known article would change", word)
			}
		}
		switch {
		case before["title"] == "" || g.same("title", now.Title, before["title"]):
			same++
		case g.shows(n, g.known.Articles[g.articles[i]].Raw["title"]):
			return 0, errors.New("the title of a known article would change")
		}
	}
	m.Known = len(g.items)
	titles = float64(same) / float64(m.Known)
	if titles < share("title") {
		return 0, errors.New("the titles of known articles would change")
	}
	return titles, nil
}

// shows reports whether an item still has the texts of a word.
func (g *guess) shows(item *html.Node, texts []string) bool {
	f := &finds{nodes: map[way][][]*html.Node{}, items: 1}
	g.searchTexts(f, 0, item, texts)
	return len(f.ways) > 0
}

// sound reports what speaks against a mend besides its known articles.
func (g *guess) sound(m Mend) error {
	listed := 0
	for _, a := range g.known.Articles {
		if a.Listed {
			listed++
		}
	}
	present := bits.OnesCount64(g.below[g.page.Root])
	switch {
	case m.Known < needed(listed) || present-m.Known > max(1, present/10):
		return fmt.Errorf("no list was found with more than %d of the %s that are on the page and known", m.Known, articleCount(present))
	case g.onlyTwice():
		return errors.New("only those of the known articles are in a list that the page showed in another place too, such as the most read")
	case len(m.Taken.Articles)-m.Known > 3*m.Known+10:
		return fmt.Errorf("the selectors would find %d articles, of which only %d are known", len(m.Taken.Articles), m.Known)
	}
	links := map[string]bool{}
	for _, a := range m.Taken.Articles {
		switch {
		case g.mustHave("title") && a.Title == "":
			return errors.New("an article would have no title")
		case g.mustHave("link") && a.Link == "":
			return errors.New("an article would have no link")
		case a.Link != "" && links[place(a.Link, "")]:
			return errors.New("two articles would have the same link")
		}
		links[place(a.Link, "")] = true
	}
	return nil
}

// onlyTwice reports whether all articles found are such as the page showed in a second place, and many others were not.
func (g *guess) onlyTwice() bool {
	listed, once := 0, 0
	for _, a := range g.known.Articles {
		if a.Listed {
			listed++
			if !a.Twice {
				once++
			}
		}
	}
	for _, i := range g.articles {
		if a := g.known.Articles[i]; a.Listed && !a.Twice {
			return false
		}
	}
	return once*4 >= listed
}
