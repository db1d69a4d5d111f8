package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
	"feedmill/feed/late"
)

//go:embed pages
var pages embed.FS

// pageFiles are the files that pages are made of. Each may be overridden by a theme.
var pageFiles = []string{"layout.html", "index.html", "feed.html", "article.html", "style.css"}

// ours is the theme that holds where none is given. It is only read.
var ours = func() *Theme {
	t, err := newTheme("", nil)
	if err != nil {
		panic(err) // our own templates, compiled in
	}
	return t
}()

// Theme is how pages look: templates and a style sheet of somebody's own in the place of ours. A nil Theme is ours.
//
// index.html, feed.html and article.html are the pages; layout.html defines what they share: "head", "foot",
// "subscribe" (the documents of a feed), "tags", and "listed", an article on the page of a feed; style.css stands in every page.
// A file that a theme has not, and a definition that its layout.html has not, are ours. They are html/template: what they
// show is escaped for its place. view.go has all that they are given: "listed" gets an articleView, the pages a page.
// Besides Go's functions there are style (the sheet), type (a format's type attribute), rfc3339, day and minute (a time),
// and names (of authors). None of them reads anything.
type Theme struct {
	dir       string
	templates *template.Template
	css       string
	digest    string
}

// ErrTheme is in every error of the files of a theme.
var ErrTheme = errors.New("theme")

// mostTheme bounds the size of a theme's file.
const mostTheme = 1 << 20

// NewTheme reads a theme out of a folder, whose name dir stands in errors, and makes every page of it once. Errors are of
// class Refused and name file and line.
func NewTheme(dir string, files fs.FS) (*Theme, error) {
	t, err := newTheme(dir, files)
	if err != nil {
		return nil, err
	}
	err = t.rehearse()
	if own := Fault(err); own != nil {
		err = own
	}
	return t, err
}

// Fault is what is wrong with a theme, with file and line, and without the name of the page that it fails at; nil when err
// is not of a theme's making.
func Fault(err error) error {
	if own, ok := errors.AsType[*fault](err); ok {
		return feed.Classify(feed.Refused, own)
	}
	return nil
}

// fault is an error in a file of a theme.
type fault struct{ text string }

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return ErrTheme }

func newTheme(dir string, files fs.FS) (*Theme, error) {
	t := &Theme{dir: dir}
	root := template.New("pages").Funcs(template.FuncMap{
		"style":   func() template.CSS { return template.CSS(t.css) }, //nolint:gosec // the operator's sheet, or ours
		"type":    typeAttribute,
		"rfc3339": func(t time.Time) string { return t.Format(time.RFC3339) },
		"day":     func(t time.Time) string { return t.Format(time.DateOnly) },
		"minute":  func(t time.Time) string { return t.Format("2006-01-02 15:04") },
		"zone":    func(t time.Time) string { return t.Format("MST") },
		"names":   names,
	})
	if err := t.read(root, pages, "pages/", pageFiles); err != nil {
		return nil, err
	}
	if files == nil {
		t.templates = root
		return t, nil
	}
	own, err := overrides(dir, files)
	if err == nil {
		err = t.read(root, files, "", own)
	}
	t.templates = root
	return t, err
}

// overrides are the files of a theme.
func overrides(dir string, files fs.FS) ([]string, error) {
	all, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("%w: cannot read the folder %s: %w", ErrTheme, dir, err))
	}
	var own []string
	for _, entry := range all {
		name := entry.Name()
		switch {
		case slices.Contains(pageFiles, name):
			own = append(own, name)
		case strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".css"):
			return nil, feed.Classify(feed.Refused, fmt.Errorf("%w %s: there is no page %s; a theme may have %s", ErrTheme, dir, name, strings.Join(pageFiles, ", ")))
		}
	}
	if len(own) == 0 {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("%w %s: there is no file of a theme in it; it may have %s", ErrTheme, dir, strings.Join(pageFiles, ", ")))
	}
	return own, nil
}

// read parses files over those that were parsed before.
func (t *Theme) read(root *template.Template, from fs.FS, folder string, list []string) error {
	sum := sha256.New()
	for _, name := range list {
		text, err := readBounded(from, folder+name)
		if err != nil {
			return feed.Classify(feed.Refused, fmt.Errorf("%w %s: %s: %w", ErrTheme, t.dir, name, err))
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		if name == "style.css" {
			t.css = smaller(string(text))
		} else if _, err := root.New(name).Parse(string(text)); err != nil {
			return t.explain(err)
		}
	}
	t.digest += base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12])
	return nil
}

func readBounded(from fs.FS, name string) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, mostTheme+1))
	if err == nil && len(text) > mostTheme {
		err = errors.New("it is larger than 1 MB")
	}
	return text, err
}

var (
	cssComment = late.Regexp(`(?s)/\*.*?\*/`)
	cssBlanks  = late.Regexp(`\s*\n\s*`)
)

// smaller leaves out comments and indentation: the sheet stands in every page.
func smaller(css string) string {
	return strings.TrimSpace(cssBlanks().ReplaceAllString(cssComment().ReplaceAllString(css, ""), "\n")) + "\n"
}

// MarshalText gives a digest, so that what was made with another theme is known to differ.
func (t *Theme) MarshalText() ([]byte, error) { return []byte(t.or().digest), nil }

func (t *Theme) or() *Theme { return cmp.Or(t, ours) }

func (t *Theme) write(w io.Writer, name string, data any) error {
	t = t.or()
	if err := t.templates.ExecuteTemplate(w, name, data); err != nil {
		return t.explain(err)
	}
	return nil
}

func (t *Theme) execute(name, address string, p page, modified time.Time) (feed.Document, error) {
	var b bytes.Buffer
	if err := t.write(&b, name, p); err != nil {
		return feed.Document{}, fmt.Errorf("render page %q: %w", address, err)
	}
	return feed.NewDocument(address, feed.TypeHTML, modified, b.Bytes()), nil
}

// explain says of an error of a template in which file and line it is.
func (t *Theme) explain(err error) error {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "html/"), "template: ")
	text = strings.TrimPrefix(text, "template:")
	if t.dir == "" {
		return fmt.Errorf("pages: %s", text)
	}
	return feed.Classify(feed.Refused, &fault{fmt.Sprintf("%v %s/%s", ErrTheme, t.dir, text)})
}
