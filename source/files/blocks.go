package files

import (
	"slices"
	"strings"
)

// block is a part of a plain text that becomes one element.
type block struct {
	kind  blockKind
	lines []string
}

type blockKind int

const (
	paragraph blockKind = iota
	heading
	verse // short lines that stay lines
	bullets
	numbers
	rule
	note // where the text comes from
)

// blocksOf understands the lines below the title.
func blocksOf(lines []line, title string) []block {
	lines = dropTitle(lines, title)
	lines = dropEndMarks(lines)
	lines, source := cutNote(lines)
	lines = dropEndMarks(lines)
	lines = unwrap(markUnderlined(lines))
	g := grouper{lines: joinDatelines(lines)}
	g.interview = isInterview(g.lines)
	blocks := g.group()
	if len(source) > 0 {
		n := block{kind: note}
		for _, l := range unwrap(source) {
			n.lines = append(n.lines, l.text)
		}
		blocks = append(blocks, n)
	}
	return blocks
}

// without returns the lines that keep allows; a line after one that went stands where that one stood.
func without(lines []line, keep func(i int) bool) []line {
	kept := make([]line, 0, len(lines))
	gap := false
	for i, l := range lines {
		if !keep(i) {
			gap = gap || l.gap
			continue
		}
		l.gap = l.gap || gap
		gap = false
		kept = append(kept, l)
	}
	return kept
}

func dropTitle(lines []line, title string) []line {
	return without(lines, func(i int) bool { return !sameText(lines[i].text, title) })
}

// dropEndMarks takes -30-, ### or * * * off the end. Text that follows such a mark (notes to editors) keeps it as a
// rule.
func dropEndMarks(lines []line) []line {
	for len(lines) > 0 {
		last := lines[len(lines)-1]
		if !isEndMark(last.text) && !isRule(last.text) {
			break
		}
		lines = lines[:len(lines)-1]
	}
	return lines
}

// The lines, and the columns of each, that are still the last block: a list of sources, not a section of the article
// that begins with that word.
const (
	maxNoteLines = 30
	maxNoteWidth = 300
)

// cutNote splits the last block off when it names the sources. A note that says nothing but the title was emptied
// before, and is dropped.
func cutNote(lines []line) (body, source []line) {
	start := len(lines)
	for i := len(lines) - 1; i >= max(0, len(lines)-maxNoteLines); i-- {
		l := lines[i]
		if isEndMark(l.text) || isRule(l.text) || columns(l.text) > maxNoteWidth {
			break
		}
		m := noteWord().FindStringSubmatch(l.text)
		if m != nil && (m[1] == "" || start == i+1 || start == len(lines) && isOneBlock(lines[i:])) {
			start = i
		}
		if m != nil && m[1] == "" {
			break
		}
	}
	if m := lines[start:]; len(m) == 1 && !strings.Contains(m[0].text, " ") {
		return lines[:start], nil
	}
	return lines[:start], lines[start:]
}

// isOneBlock reports whether no blank line parts the lines.
func isOneBlock(lines []line) bool {
	return !slices.ContainsFunc(lines[1:], func(l line) bool { return l.gap })
}

// markUnderlined makes a short line above a drawn one a heading.
func markUnderlined(lines []line) []line {
	for i := 1; i < len(lines); i++ {
		if isUnderline(lines[i]) && isShort(lines[i-1].text) && itemOf(lines[i-1].text) == noItem && (lines[i-1].gap || i == 1) {
			lines[i-1].heading = true
		}
	}
	return without(lines, func(i int) bool { return i == 0 || !lines[i-1].heading })
}

// joinDatelines puts a dateline that stands alone before the report it belongs to.
func joinDatelines(lines []line) []line {
	for i := 0; i+1 < len(lines); i++ {
		if endsInDateline(lines[i].text) && !isRule(lines[i+1].text) {
			lines[i+1].text = lines[i].text + " " + lines[i+1].text
			lines[i].text = ""
		}
	}
	return without(lines, func(i int) bool { return lines[i].text != "" })
}

// grouper makes blocks of lines each of which is a paragraph, a heading, an item or a verse.
type grouper struct {
	lines     []line
	interview bool
	blocks    []block
}

func (g *grouper) group() []block {
	for i := 0; i < len(g.lines); {
		n, kind := g.at(i)
		b := block{kind: kind}
		for _, l := range g.lines[i : i+n] {
			b.lines = append(b.lines, l.text)
		}
		g.blocks = append(g.blocks, b)
		i += n
	}
	return g.blocks
}

// at says what begins at line i and how many lines it has.
func (g *grouper) at(i int) (int, blockKind) {
	l := g.lines[i]
	if isRule(l.text) || isEndMark(l.text) {
		return 1, rule
	}
	if l.heading {
		return 1, heading
	}
	if n := g.items(i); n > 1 {
		if itemOf(l.text) == bullet {
			return n, bullets
		}
		return n, numbers
	}
	if n := g.verses(i); n > 1 {
		return n, verse
	}
	if g.isHeading(i) {
		return 1, heading
	}
	return 1, paragraph
}

// items counts the items of one list from line i on; blank lines may stand between them.
func (g *grouper) items(i int) int {
	kind := itemOf(g.lines[i].text)
	n := 0
	for kind != noItem && i+n < len(g.lines) && itemOf(g.lines[i+n].text) == kind {
		n++
	}
	return n
}

// verses counts the short lines from line i on that belong together: a whole block of them of which most do not
// end a sentence, or, inside a larger block, those without closing punctuation.
func (g *grouper) verses(i int) int {
	if n := g.stanza(i); n > 0 {
		return n
	}
	n := 0
	for (n == 0 || g.follows(i+n)) && i+n < len(g.lines) && g.isOpen(i+n) {
		n++
	}
	return n
}

// stanza counts the lines of the block that begins at line i if all are short and two of three do not end a sentence.
func (g *grouper) stanza(i int) int {
	if !g.lines[i].gap || !g.isPlain(i) {
		return 0
	}
	n, open := 0, 0
	for n == 0 || g.follows(i+n) {
		if !endsSentence(g.lines[i+n].text) {
			open++
		}
		n++
	}
	if open*3 < n*2 || i+n < len(g.lines) && !g.lines[i+n].gap {
		return 0
	}
	return n
}

// follows reports a short plain line in the same block as the one before.
func (g *grouper) follows(i int) bool {
	return i < len(g.lines) && !g.lines[i].gap && g.isPlain(i)
}

// isPlain reports a short line that is nothing in particular.
func (g *grouper) isPlain(i int) bool {
	l := g.lines[i]
	return isShort(l.text) && !l.heading && !isRule(l.text) && !isEndMark(l.text) && itemOf(l.text) == noItem && !g.isSpeech(l.text)
}

// isOpen reports a line that looks like a heading.
func (g *grouper) isOpen(i int) bool {
	l := g.lines[i]
	return isHeadingLike(l.text) && !isRule(l.text) && !isEndMark(l.text) && !g.isSpeech(l.text)
}

func (g *grouper) isSpeech(s string) bool {
	return g.interview && speaker().MatchString(s)
}

// isHeading reports whether line i, which stands alone, has something below it to be the heading of.
func (g *grouper) isHeading(i int) bool {
	if !g.isOpen(i) || i+1 == len(g.lines) {
		return false
	}
	next := g.lines[i+1]
	if isRule(next.text) || isEndMark(next.text) || next.heading {
		return false
	}
	return !g.isOpen(i+1) || g.items(i+1) > 1 || g.verses(i+1) > 1
}

// opening is the text for a summary: the first paragraph, or whatever there is.
func opening(blocks []block) string {
	for _, kinds := range [][]blockKind{{paragraph}, {verse, bullets, numbers}} {
		for _, b := range blocks {
			if slices.Contains(kinds, b.kind) {
				return strings.Join(b.lines, " ")
			}
		}
	}
	return ""
}
