package listing

import (
	"context"

	"golang.org/x/net/html"

	"feedmill/feed/clean"
	"feedmill/feed/field"
	"feedmill/feed/markup"
)

// finding makes selectors for a group and reads the page by them. It reports false when none could be worked out, or when
// they give something else than the group.
func (s *survey) finding(ctx context.Context, page *markup.Page, g *cluster, env field.Env) (Finding, bool) {
	if !g.fit() {
		return Finding{}, false
	}
	f := Finding{Way: g.way}
	if f.Way == "" {
		f.Way = ByStructure
	}
	items := s.nodes(g.roots)
	like := s.like(g)
	choice, ok := ItemSelector(page.Root, items, like)
	if !ok && g.is != nil { // a few that stand elsewhere do no harm
		choice, ok = ItemSelector(page.Root, items, func(n *html.Node) bool { return like(n) || g.is(n) })
		ok = ok && 10*len(choice.Nodes) <= 12*len(items)
	}
	if !ok {
		items = s.narrow(g)
		like = s.like(g)
		if choice, ok = ItemSelector(page.Root, items, like); !ok {
			return Finding{}, false
		}
	}
	if f.Items.UnmarshalText([]byte(choice.Selector)) != nil {
		return Finding{}, false
	}
	some := g.sample()
	items = s.nodes(some.roots)
	for _, c := range s.columns(some, env.Now) {
		rules, ok := s.rules(some, items, c)
		if !ok && c.word == "title" && g.titles == nil {
			rules, ok = s.rules(some, items, s.column("title", some, linkTextCell))
		}
		if !ok && (c.word == "title" || c.word == "link") {
			return Finding{}, false
		}
		if ok {
			set(&f.Fields, c.word, rules)
		}
	}
	return f, f.take(ctx, page, env) && f.gives(s, g)
}

// narrow makes the links themselves the items, for a page whose items have no name of their own.
func (s *survey) narrow(g *cluster) []*html.Node {
	g.roots, g.heads, g.tails, g.flat = make([]int32, len(g.leads)), make([]int32, len(g.leads)), make([]int32, len(g.leads)), false
	g.titles = nil
	for i, l := range g.leads {
		g.roots[i], g.heads[i], g.tails[i] = l.at, l.at, s.spots[l.at].end
	}
	return s.nodes(g.roots)
}

// take reads the page by the selectors of a finding. It reports false when they do not fit.
func (f *Finding) take(ctx context.Context, page *markup.Page, env field.Env) bool {
	taken, err := Take(ctx, page, f.Items, f.Fields, env)
	f.Articles = taken.Articles
	return err == nil
}

// gives reports whether the articles of a group are there, up to a tenth. Those that look as they do may be there too.
func (f *Finding) gives(s *survey, g *cluster) bool {
	links := make(map[string]bool, len(f.Articles))
	whole := 0
	for _, a := range f.Articles {
		links[bareAddress(a.Link)] = true
		whole += int(one(a.Link != "" && a.Title != ""))
	}
	both := 0
	for _, l := range g.leads {
		href, _ := clean.Link(attr(s.spots[l.at].node, "href"), s.to.base.String()) // as fields read it
		both += int(one(links[bareAddress(href)]))
	}
	return 10*both >= 9*min(len(g.leads), mostItems) && 10*whole >= 9*len(f.Articles)
}

func (s *survey) nodes(at []int32) []*html.Node {
	nodes := make([]*html.Node, len(at))
	for i, a := range at {
		nodes[i] = s.spots[a].node
	}
	return nodes
}

// like tells what else an item selector may match: elements that look as the items do, which are articles that were not
// counted, such as one that an earlier item leads to already, or nothing that gives an article.
func (s *survey) like(g *cluster) func(*html.Node) bool {
	shapes := map[looking]bool{}
	for _, root := range g.roots {
		shapes[s.spots[root].kind[1]] = true
	}
	shaped := map[*html.Node]bool{}
	for i := range s.spots {
		if shapes[s.spots[i].kind[1]] {
			shaped[s.spots[i].node] = true
		}
	}
	return func(n *html.Node) bool { return shaped[n] }
}

// rules makes the rules of one word: one, else one for each kind of element that holds it.
func (s *survey) rules(g *cluster, items []*html.Node, c column) (field.Rules[markup.Selector], bool) {
	const most = 3
	if r, ok := s.rule(g, items, c); ok {
		return field.Rules[markup.Selector]{r}, true
	}
	byTag := map[string][]spotted{}
	var tags []string
	for i, cell := range c.cells {
		if cell.node == nil {
			continue
		}
		tag := cell.node.Data + "@" + cell.attr
		if byTag[tag] == nil {
			byTag[tag] = make([]spotted, len(c.cells))
			tags = append(tags, tag)
		}
		byTag[tag][i] = cell
	}
	if len(tags) < 2 || len(tags) > most {
		return nil, false
	}
	var rules field.Rules[markup.Selector]
	for _, tag := range tags {
		r, ok := s.rule(g, items, column{c.word, byTag[tag]})
		if !ok {
			return nil, false
		}
		rules = append(rules, r)
	}
	return rules, true
}

// rule makes the rule of one word.
func (s *survey) rule(g *cluster, items []*html.Node, c column) (field.Rule[markup.Selector], bool) {
	var r field.Rule[markup.Selector]
	attribute, regex := "", ""
	values := make([]*html.Node, len(c.cells))
	for i, cell := range c.cells {
		values[i] = cell.node
		if cell.node != nil {
			attribute, regex = cell.attr, cell.regex
		}
	}
	text, ok := selectorFor(items, values, attribute)
	if !ok {
		text, ok = firstOfEach(items, values, attribute, c.word == "title" || c.word == "summary" || c.word == "author")
	}
	if !ok && g.flat {
		text, ok = s.besides(g, values, attribute)
	}
	if !ok || r.Select.UnmarshalText([]byte(text)) != nil || regex != "" && r.Regex.UnmarshalText([]byte(regex)) != nil {
		return r, false
	}
	return r, true
}

// selectorFor is the selector of values inside of items.
func selectorFor(items, values []*html.Node, attribute string) (string, bool) {
	same := true
	for i, v := range values {
		same = same && (v == nil || v == items[i])
	}
	if same {
		if attribute == "" {
			return ".", true
		}
		return "@" + attribute, true
	}
	choice, ok := FieldSelector(items, values, attribute)
	if !ok && attribute == "href" {
		choice, ok = FieldSelector(items, values, "") //
	}
	return choice.Selector, ok
}

// set gives a word its rules.
func set(f *Fields, word string, rules field.Rules[markup.Selector]) {
	switch word {
	case "title":
		f.Title = rules
	case "link":
		f.Link = rules
	case "published":
		f.Published = rules
	case "summary":
		f.Summary = rules
	case "image":
		f.Image = rules
	case "author":
		f.Author = rules
	}
}
