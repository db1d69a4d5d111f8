package files

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/markup"
)

// maxSize bounds what is taken for an article, in bytes. A longer file is a mistake (a database dump, a film), and no
// feed reader would take it.
const maxSize = 16 << 20

// read makes an article of the bytes of one file. Name is the file's slash-separated path; its extension decides how
// the bytes are understood: .md and .markdown are Markdown, .html, .htm and .xhtml are HTML, everything else is plain
// text. Dates that name no zone are in loc.
//
// The article has everything but Key and Modified, which are the caller's. The error is a [*feed.Problem] of class
// unreadable that names the file, the line where one is known, and what to do.
//
// A Markdown file of 4 KB with front matter takes 40 µs on two cores of an EPYC that others kept busy (load 2 to 3), a
// third of what goldmark alone takes to convert it; a newsroom's text of 5.5 KB takes 130 µs (BenchmarkReadMarkdown,
// BenchmarkReadText).
func read(name string, data []byte, loc *time.Location) (feed.Article, error) {
	a, err := readArticle(name, data, loc)
	if err == nil {
		return a, nil
	}
	p, ok := errors.AsType[*feed.Problem](err)
	if !ok {
		p = &feed.Problem{Err: err}
	}
	return feed.Article{}, &feed.Problem{Where: name, Line: p.Line, Err: feed.Classify(feed.Unreadable, p.Err)}
}

// problem is an error at a line of the file; read adds the file's name and the class.
func problem(line int, format string, args ...any) error {
	return &feed.Problem{Line: line, Err: fmt.Errorf(format, args...)}
}

func readArticle(name string, data []byte, loc *time.Location) (feed.Article, error) {
	if err := refuse(data); err != nil {
		return feed.Article{}, err
	}
	format := formatOf(name)
	declared := ""
	if format == formatHTML {
		declared = markup.Charset(data, "")
	}
	text, err := clean.Decode(data, declared)
	if err != nil {
		return feed.Article{}, problem(0, "the file %w; save the article as plain text, Markdown or HTML in UTF-8", err)
	}
	m, err := splitMatter(text)
	if err != nil {
		return feed.Article{}, err
	}
	d := draft{loc: loc, matter: true}
	if err := d.setAll(m.pairs); err != nil {
		return feed.Article{}, err
	}
	d.matter = false
	switch format {
	case formatMarkdown:
		err = d.readMarkdown(m)
	case formatHTML:
		err = d.readHTML(m)
	default:
		err = d.readText(m)
	}
	if err != nil {
		return feed.Article{}, err
	}
	return d.finish(name), nil
}

// format is how the bytes of a file are understood.
type format int

const (
	formatText format = iota
	formatMarkdown
	formatHTML
)

func formatOf(name string) format {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown":
		return formatMarkdown
	case ".html", ".htm", ".xhtml":
		return formatHTML
	}
	return formatText
}

// refuse names the files that cannot be articles, by their first bytes.
func refuse(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return problem(0, "the file is empty; write the article into it or remove it")
	}
	if len(data) > maxSize {
		return problem(0, "the file has %d MB, an article at most %d MB; is this an article?", len(data)>>20, maxSize>>20)
	}
	for _, k := range foreign {
		if bytes.HasPrefix(data, []byte(k.start)) {
			return problem(0, "the file is %s; save the article as plain text, Markdown or HTML", k.what)
		}
	}
	return nil
}

// foreign lists the files that land in article folders most often without being text.
var foreign = []struct{ start, what string }{
	{"%PDF-", "a PDF"},
	{"PK\x03\x04", "a Word, OpenDocument or ZIP file"},
	{"\xd0\xcf\x11\xe0", "an old Word file"},
	{`{\rtf`, "rich text (RTF)"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"GIF8", "a picture"},
	{"ID3", "an audio file"},
	{"\x1f\x8b", "a compressed file"},
}

// finish fills what the author left open and notes it for the report.
func (d *draft) finish(name string) feed.Article {
	a := &d.article
	if a.Slug == "" {
		a.Slug = slugOf(name)
	}
	if a.Slug == "" {
		a.Slug = clean.Slug(a.Title)
	}
	a.Content = clean.Chars(a.Content)
	if a.Markdown == "" {
		d.noteCounts()
	}
	if a.Published.IsZero() {
		d.note("no date (the date of the file is used)")
	}
	a.Notes = d.notes
	for _, p := range d.places {
		a.Trace.Add(p.word, p.place)
	}
	return d.article
}

// noteCounts notes how many paragraphs and headings were understood, so that whoever dropped the file sees at a glance
// whether it was read as meant.
func (d *draft) noteCounts() {
	paragraphs, headings := countElements(d.article.Content)
	counts := []string{plural(paragraphs, "paragraph")}
	if headings > 0 {
		counts = append(counts, plural(headings, "heading"))
	}
	d.notes = append(counts, d.notes...)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// countElements counts the paragraphs and headings in HTML that clean or a renderer has written, which is why looking
// for start tags is enough.
func countElements(content string) (paragraphs, headings int) {
	for {
		i := strings.IndexByte(content, '<')
		if i < 0 || i+2 >= len(content) {
			return paragraphs, headings
		}
		content = content[i+1:]
		switch {
		case content[0] == 'p' && (content[1] == '>' || content[1] == ' '):
			paragraphs++
		case content[0] == 'h' && content[1] >= '1' && content[1] <= '6':
			headings++
		}
	}
}

// slugOf makes the last part of an address of a file's name: without extension and without the date that many name
// their files by. A file called index is named by its folder, as site generators do.
func slugOf(name string) string {
	base := path.Base(name)
	if ext := path.Ext(base); isExtension(ext) {
		base = strings.TrimSuffix(base, ext)
	}
	if dir := path.Base(path.Dir(name)); strings.EqualFold(base, "index") && dir != "." && dir != "/" {
		base = dir
	}
	base = strings.ToLower(base)
	if s := clean.Slug(trimDates(base)); s != "" {
		return s
	}
	return clean.Slug(base)
}

// isExtension tells .txt and .mp3 from the rest of a name such as "v1.2 notes".
func isExtension(ext string) bool {
	if len(ext) < 2 || len(ext) > 9 {
		return false
	}
	letters := false
	for _, r := range ext[1:] {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			letters = true
		case r < '0' || r > '9':
			return false
		}
	}
	return letters
}

// trimDates takes a date such as 2026-11-24, 2026_11_24 or 20261124 off both ends of a name.
func trimDates(s string) string {
	if n := dateLength(s); n > 0 && n < len(s) && !isDigit(s[n]) {
		s = strings.TrimLeftFunc(s[n:], isSeparator)
	}
	for _, n := range []int{10, 8} {
		if i := len(s) - n; i > 0 && dateLength(s[i:]) == n && !isDigit(s[i-1]) {
			return strings.TrimRightFunc(s[:i], isSeparator)
		}
	}
	return s
}

// dateLength returns the length of the date that s begins with, 0 if it begins with none.
func dateLength(s string) int {
	if s == "" || !isDigit(s[0]) {
		return 0
	}
	for _, layout := range []string{"2006-01-02", "2006_01_02", "2006.01.02", "20060102"} {
		if len(s) >= len(layout) {
			if t, err := time.Parse(layout, s[:len(layout)]); err == nil && t.Year() >= 1900 {
				return len(layout)
			}
		}
	}
	return 0
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isSeparator(r rune) bool {
	return r != utf8.RuneError && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}
