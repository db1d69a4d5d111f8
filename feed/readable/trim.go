package readable

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/late"
)

// block is a piece of the text that readers see as one: a paragraph, a heading, an item of a list.
type block struct {
	node   *html.Node
	text   string
	linked float64 // how much of the text is links, from 0 to 1
	media  bool    // it holds a picture, a film or a frame
}

// trim takes off a found text what readers do not take for it: above it the title once more, the authors, the date and the
// way there; between its paragraphs links to other articles and marks of advertisements; below it lists that point on.
func trim(root *html.Node, titles []string, authors []feed.Person) {
	t := trimming{titles: map[string]bool{}, authors: authors}
	for _, title := range titles {
		t.titles[letters(title)] = true
	}
	delete(t.titles, "")
	for _, b := range blocks(root) {
		if isLabel(b.text) {
			t.drop(b)
			continue
		}
		t.blocks = append(t.blocks, b)
	}
	begun := 0 // paragraphs of prose that were seen
	opened := false
	for i, b := range t.blocks {
		switch {
		case b.isProse():
			begun++
		case begun < opening && i < front && t.isFront(b):
			t.drop(b)
		case isHeading(b.node):
			opened = true
			if others().MatchString(b.text) {
				t.dropList(i)
			}
		case begun == 0 && !opened && b.linked > 0.8:
			t.drop(b) // the way there
		case isPointer(b) || isCall(b):
			t.drop(b)
			t.dropList(i)
		}
	}
}

// opening is within how many paragraphs of prose the author and the date stand; the first one may be a caption.
const opening = 3

// front is among how many blocks they are looked for.
const front = 60

// dropList drops a block that points at other articles, with those behind it that are nothing but links.
func (t *trimming) dropList(at int) {
	end := at + 1
	for end < len(t.blocks) && t.blocks[end].linked > 0.7 && !isHeading(t.blocks[end].node) {
		end++
	}
	if end == at+1 && end < len(t.blocks) && isHeading(t.blocks[at].node) {
		return // a heading of the article's own that begins in the same way
	}
	for _, b := range t.blocks[at:end] {
		t.drop(b)
	}
}

type trimming struct {
	titles  map[string]bool // what may stand above the text as its title, as letters
	authors []feed.Person
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

// isEmpty reports whether an element holds nothing to see. One with very many children is not looked through.
func isEmpty(n *html.Node) bool {
	const most = 50
	seen := 0
	for c := range n.ChildNodes() {
		if seen++; seen > most || c.Type == html.ElementNode && c.DataAtom != atom.Br || c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return true
}

// proseWords is how many words a paragraph has at least, and proseRunes how many characters one in a script without spaces.
const (
	proseWords = 12
	proseRunes = 80
)

func (b block) isProse() bool {
	return b.linked < 0.5 && utf8.RuneCountInString(b.text) >= proseRunes && (len(strings.Fields(b.text)) >= proseWords || !strings.Contains(b.text, " "))
}

// isFront reports whether a block above the prose is no part of it: the title, an author, a date, an address.
func (t *trimming) isFront(b block) bool {
	s := b.text
	if s == "" {
		return false
	}
	if t.titles[letters(s)] || isDateline(s) || isAddress(s) {
		return true
	}
	if _, ok := clean.Byline(s); ok {
		return true
	}
	return slices.ContainsFunc(t.authors, func(p feed.Person) bool { return strings.EqualFold(withoutBy(s), p.Name) })
}

func isAddress(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.Contains(s, " ")
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
	return pointer().MatchString(b.text) || b.linked > 0.95 && shouts(b.text)
}

var (
	// pointer matches what paragraphs that point at other articles begin with.
	pointer = late.Regexp(`(?i)^[\W_]*(?:read (?:more|also|next|this)|see (?:also|more)|also (?:read|see|on \S+)|more(?: on| from)?(?: \S+){0,3}|related(?: \S+){0,2}|recommended(?: \S+){0,2}|` +
		`you (?:may|might) (?:also )?(?:like|be interested in)|don(?:'|’)?t miss|watch(?: also| now)?|in pictures|lesen sie auch|mehr zum thema|à? ?lire aussi|lea? también|leia (?:também|mais)|leggi anche|lees ook|läs också|читайте также)\s*(?:[:|–—>»]|$)`)
	// others matches the headings of lists of other articles.
	others = late.Regexp(`(?i)^[\W_]*(?:related|read (?:more|next)|more (?:from|on|stories|news|like this)|you (?:may|might) (?:also )?(?:like|be interested)|don(?:'|’)?t miss|recommended|most (?:read|popular)|trending|popular|latest|` +
		`mehr zum thema|das könnte sie|lesen sie auch|à? ?lire aussi|sur le même sujet|le[ae]? también|leia (?:também|mais)|leggi anche|lees ook|läs också|читайте также)\b`)
)

// call matches paragraphs that ask readers to follow or to subscribe.
var call = late.Regexp(`(?i)^[\W_]*(?:follow (?:us|me|him|her|them|@|\S+ (?:\S+ )?on )|subscribe (?:to|now|here)|sign up (?:for|to|here)|get (?:the |our |your |all the )?(?:latest|breaking|daily|free|newsletter)|like us on|download (?:the|our) app|have a tip|join our|to stay up to date|abonnieren sie|abonnez-vous|suscríbase|suscríbete|assine)\b`)

func isCall(b block) bool {
	return b.linked > 0 && utf8.RuneCountInString(b.text) < 250 && call().MatchString(b.text)
}

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
var label = late.Regexp(`(?i)^[\W_]*(?:advertisement|advert|ad|sponsored(?: content)?|story continues below(?: advertisement)?|continue reading(?: below| the main story)?|article continues(?: after| below).*|` +
	`anzeige|werbung|publicité|publicidad|publicidade|reklama|реклама|skip advert|share(?: this)?(?: (?:article|story|post|page))?|print(?: this)?|e-?mail(?: this)?|tweet|pin it|whatsapp|facebook|twitter|comments?|tags?|` +
	`subscribe|sign up|sign in|log in|read more|more|loading|close|this slideshow requires javascript|skip to (?:main )?content)[\W_]*$`)

func isLabel(s string) bool { return len(s) < 80 && label().MatchString(s) }

// isDateline reports whether a line is a date, or an authors' line with one.
func isDateline(s string) bool {
	if utf8.RuneCountInString(s) > longestByline {
		return false
	}
	if _, err := clean.WildDate(s, nil, time.Unix(0, 0)); err == nil {
		return true
	}
	isSentence := strings.HasSuffix(s, ".") && !strings.HasSuffix(strings.ToLower(s), "m.")
	return !isSentence && dateline().MatchString(s)
}

// dateline matches lines that begin with a word for publishing, or are a name and a date.
var dateline = late.Regexp(`(?i)^[\W_]*(?:(?:last )?(?:updated|published|posted|modified|created|publicado|actualizado|publié|mis à jour|veröffentlicht|aktualisiert|pubblicato|atualizado)\b.{0,40}\d.*|` +
	`(?:by|von|par|por|di)\s.*\b(?:19|20)\d\d\b.*|.{0,40}\b\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\b.{0,25}\b(?:19|20)\d\d\b.*|.{0,40}\b(?:19|20)\d\d\b.{0,15}\b\d{1,2}[:.h]\d{2}\b.{0,25}|(?:by|von|par|por|di)\s.*\b\d{1,2}/\d{1,2}/\d{2}\b.*)$`)

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
