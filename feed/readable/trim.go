package readable

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
)

// block is a piece of the text that readers see as one: a paragraph, a heading, an item of a list.
type block struct {
	node   *html.Node
	text   string
	linked float64 // how much of the text is links, from 0 to 1
	media  bool    // it holds a picture, a film or a frame
}

// trim takes off a found text what readers do not take for it: above it the title once more, the authors, the date and the
// way there; between its paragraphs links to other articles and marks of advertisements; below it lists of links.
func trim(root *html.Node, a feed.Article) {
	t := trimming{article: a}
	for _, b := range blocks(root) {
		if isLabel(b.text) {
			t.drop(b)
			continue
		}
		t.blocks = append(t.blocks, b)
	}
	first, last := t.span()
	if first < 0 {
		return
	}
	for _, b := range t.blocks[:first] {
		if t.isFront(b) {
			t.drop(b)
		}
	}
	for _, b := range t.blocks[first:last] {
		if isPointer(b) {
			t.drop(b)
		}
	}
	t.end(t.blocks[last+1:])
}

type trimming struct {
	article feed.Article
	blocks  []block
}

func (t *trimming) drop(b block) {
	if !b.media {
		dropWithParents(b.node)
	}
}

// dropWithParents detaches a node, and the elements that it alone filled.
func dropWithParents(n *html.Node) {
	for {
		p := n.Parent
		detach(n)
		if p == nil || p.Parent == nil || !isEmpty(p) {
			return
		}
		n = p
	}
}

func isEmpty(n *html.Node) bool {
	for c := range n.ChildNodes() {
		if c.Type == html.ElementNode && c.DataAtom != atom.Br || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// span tells where the prose begins and ends among the blocks; -1 when there is none.
func (t *trimming) span() (first, last int) {
	first, last = -1, -1
	for i, b := range t.blocks {
		if b.isProse() {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// proseWords is how many words a paragraph has at least, and proseRunes how many characters one in a script without spaces.
const (
	proseWords = 12
	proseRunes = 80
)

func (b block) isProse() bool {
	return b.linked < 0.5 && utf8.RuneCountInString(b.text) >= proseRunes && (len(strings.Fields(b.text)) >= proseWords || !strings.Contains(b.text, " "))
}

// isFront reports whether a block above the prose is no part of it: the title, an author, a date, a link.
func (t *trimming) isFront(b block) bool {
	s := b.text
	switch {
	case s == "":
		return false
	case sameLine(s, t.article.Title), b.linked > 0.8, isDateline(s):
		return true
	}
	if people, ok := clean.Byline(s); ok && len(people) > 0 {
		return true
	}
	for _, p := range t.article.Authors {
		if strings.EqualFold(withoutBy(s), p.Name) {
			return true
		}
	}
	return false
}

// end drops what stands below the last paragraph of prose and is links, or a heading of nothing.
func (t *trimming) end(rest []block) {
	empty := true // nothing stands below
	for i := len(rest) - 1; i >= 0; i-- {
		b := rest[i]
		if b.media || b.text != "" && b.linked <= 0.7 && !(empty && isHeading(b.node)) {
			empty = false
			continue
		}
		t.drop(b)
	}
}

func isHeading(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// isPointer reports whether a paragraph between others is only a link to another article, and says so by a word before it
// or by its capitals.
func isPointer(b block) bool {
	if b.linked < 0.6 || b.node.DataAtom == atom.Li || utf8.RuneCountInString(b.text) > 200 {
		return false
	}
	return pointer.MatchString(b.text) || b.linked > 0.95 && shouts(b.text)
}

// pointer matches the words by which articles point at others.
var pointer = regexp.MustCompile(`(?i)^[\W_]*(?:read (?:more|also|next|this|on)|see (?:also|more)|also (?:read|see|on)|more(?: on| from| like this)?:|related(?: stor(?:y|ies)| articles?| content)?\b|` +
	`you (?:may|might) (?:also )?like|don'?t miss|watch(?: also| now|:)|click here|recommended|lesen sie auch|mehr zum thema|lire aussi|à lire aussi|leer también|lea también|leia também|leggi anche|lees ook|läs också|читайте также)`)

// shouts reports whether a text is in capitals.
func shouts(s string) bool {
	upper := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			upper++
		}
	}
	return upper >= 8
}

// label matches lines that belong to the page: marks of advertisements and buttons.
var label = regexp.MustCompile(`(?i)^[\W_]*(?:advertisement|advert|ad|sponsored(?: content)?|story continues below(?: advertisement)?|continue reading(?: below| the main story)?|article continues(?: after| below).*|` +
	`anzeige|werbung|publicité|publicidad|publicidade|reklama|реклама|skip advert|share(?: this)?(?: (?:article|story|post|page))?|print(?: this)?|e-?mail(?: this)?|tweet|pin it|whatsapp|facebook|twitter|comments?|tags?|` +
	`subscribe|sign up|sign in|log in|read more|more|loading|close|this slideshow requires javascript|skip to (?:main )?content)[\W_]*$`)

func isLabel(s string) bool { return len(s) < 80 && label.MatchString(s) }

// isDateline reports whether a line is a date, or an authors' line with one.
func isDateline(s string) bool {
	if utf8.RuneCountInString(s) > longestByline {
		return false
	}
	if _, err := clean.WildDate(s, nil, time.Unix(0, 0)); err == nil {
		return true
	}
	return dateline.MatchString(s)
}

// dateline matches lines that begin with a word for publishing, or are a name and a date.
var dateline = regexp.MustCompile(`(?i)^[\W_]*(?:(?:last )?(?:updated|published|posted|modified|created|publicado|actualizado|publié|mis à jour|veröffentlicht|aktualisiert|pubblicato|atualizado)(?: (?:on|at|by|in|le|el|em|am|il))?\b[\s:].*\d|` +
	`(?:by|von|par|por|di)\s.*\b(?:19|20)\d\d\b.*|.{0,40}\b\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\b.{0,25}\b(?:19|20)\d\d\b.*|.{0,40}\b(?:19|20)\d\d\b.{0,15}\b\d{1,2}[:.h]\d{2}\b.{0,25})$`)

func sameLine(a, b string) bool { return letters(a) != "" && letters(a) == letters(b) }

// letters are the letters and digits of a text, in small letters: what is left when it is set in another type.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
