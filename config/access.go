package config

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"feedmill/feed/setting"
)

// maxReaders bounds a file of readers, in bytes.
const maxReaders = 1 << 20

// The bounds of a token. A shorter one can be guessed.
const (
	minToken = 16
	maxToken = 128
)

// access takes the readers of a feed. A feed with the word is private even if something is wrong below it.
func (l *loader) access(written word[accessWords]) *Access {
	if written.State == missing {
		return nil
	}
	words := written.Value
	list := readerList{loader: l, access: &Access{}, names: map[string]place{}, tokens: map[string]place{}}
	switch {
	case written.State == refused:
	case words.File.State != missing && words.Readers.State != missing:
		l.report(words.File.At, "stands beside readers; write the one or the other")
	case words.File.State != missing:
		list.file(words.File)
	case words.Readers.State != missing:
		for _, entry := range words.Readers.Value {
			list.add(entry.At, entry.Value.At, entry.Key, entry.Value.Value)
		}
	default:
		l.report(written.At, `names nobody; write access: {readers: {alice: "${ALICE_TOKEN}"}}, or {file: readers.csv}`)
	}
	return list.access
}

// readerList gathers the readers of one feed.
type readerList struct {
	*loader
	access        *Access
	names, tokens map[string]place
}

// add takes one reader, whose name and token stand at these places. No message shows the token.
func (rs *readerList) add(nameAt, at place, name string, token setting.Secret) {
	if strings.TrimSpace(name) == "" || strings.ContainsFunc(name, unicode.IsControl) {
		rs.report(nameAt, "a reader needs a name, on one line; it is for you, to know whom to take out")
		return
	}
	if first, ok := rs.names[name]; ok {
		rs.report(nameAt, "there is already a reader %s, on line %d", name, first.line)
		return
	}
	rs.names[name] = nameAt
	if problem := tokenProblem(token.Reveal()); problem != "" {
		rs.report(at, "the token of %s %s; `openssl rand -hex 16` makes a good one", name, problem)
		return
	}
	if first, ok := rs.tokens[token.Reveal()]; ok {
		rs.report(at, "the token of %s is also that of the reader on line %d, who could not be taken out alone; give each one of their own", name, first.line)
		return
	}
	rs.tokens[token.Reveal()] = nameAt
	rs.access.Readers = append(rs.access.Readers, Reader{Name: name, Token: token})
}

// tokenProblem says why a token cannot be one; empty when it can. It may stand in an address as it is, and in a Bearer
// field: what has to be escaped is mistyped sooner or later.
func tokenProblem(token string) string {
	switch {
	case token == "":
		return "is empty"
	case len(token) < minToken:
		return fmt.Sprintf("has fewer than %d characters and could be guessed", minToken)
	case len(token) > maxToken:
		return fmt.Sprintf("has more than %d characters", maxToken)
	case strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") != "":
		return "may hold letters a-z, digits and - . _ ~ only, so that it can stand in an address as it is"
	}
	return ""
}

// file takes readers from a CSV file: name,token in each line, the same words as a heading if need be, # before a remark.
func (rs *readerList) file(written word[string]) {
	data, file, ok := rs.read(written)
	if !ok {
		return
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	for first := true; ; first = false {
		record, err := r.Read()
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			rs.report(place{file: file, line: broken.Line, column: broken.Column}, "is not CSV: %v", broken.Err)
		}
		if err != nil {
			return
		}
		line, column := r.FieldPos(0)
		at := place{file: file, line: line, column: column}
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		switch {
		case len(record) != 2:
			rs.report(at, "has %d fields; write name,token", len(record))
		case first && slices.Equal(record, []string{"name", "token"}):
		default:
			rs.add(at, at, record[0], setting.Secret(record[1]))
		}
	}
}

// read returns what is in the file of readers, and the file as the operator would name it.
func (rs *readerList) read(written word[string]) (data []byte, shown string, ok bool) {
	if written.State != good {
		return nil, "", false
	}
	path, shown := written.Value, written.Shown
	if !filepath.IsAbs(path) {
		if path == shown {
			shown = filepath.Join(filepath.Dir(rs.config.Files[0]), path)
		}
		path = filepath.Join(rs.config.Dir, path)
	}
	data, err := readUpTo(path, maxReaders)
	if err != nil {
		rs.report(written.At, "%s cannot be read: %v", written.Shown, reason(err))
		return nil, "", false
	}
	return data, shown, true
}

// openly checks a feed's access against where it goes and what is said of it.
func (l *loader) openly(words *feedWords, f Feed) {
	switch {
	case f.Access != nil && words.Public.or(false):
		l.report(words.Public.At, "stands beside access; take out the one or the other")
	case f.Access == nil && words.Public.State == good && !words.Public.Value:
		l.report(words.Public.At, `is false, but without access: everybody may read the feed; write access: {readers: {alice: "${ALICE_TOKEN}"}}`)
	case f.Access != nil && l.config.Server == nil && len(f.Outputs) == 0 && words.Outputs.State == missing:
		l.report(words.Access.At, "makes the feed private, and there is neither a server nor an output with private: true: the feed would go nowhere")
	}
	l.letters(words, f)
}

// letters checks that mail, which was sent to somebody, is shown to everybody only if the operator says so.
func (l *loader) letters(words *feedWords, f Feed) {
	if words.Access.State != missing || words.Public.State != missing {
		return
	}
	for i, s := range f.Sources {
		if s.Mailbox != nil {
			l.report(words.Source.Value[i].At, `reads a mailbox, and everybody could read what was sent to it; write access: {readers: {alice: "${ALICE_TOKEN}"}} for this feed, or public: true if it is meant for everybody`)
			return
		}
	}
}

// secret checks that no feed shows everybody what it takes from a private one.
func (l *loader) secret(references []reference) {
	private := map[string]bool{}
	for _, f := range l.config.Feeds {
		private[f.Key] = f.Access != nil
	}
	for _, r := range references {
		if private[r.parent] && !private[r.child] {
			l.report(r.at, "feed %s is private, and %s would show its articles to everybody; write access: for %s too, or take this source out",
				r.parent, r.child, r.child)
		}
	}
}

// secluded checks the last output against those before it: none that may hold private feeds lies where everybody reads,
// and none that everybody reads among private feeds.
func (l *loader) secluded(at place) {
	last := len(l.config.Outputs) - 1
	this := l.config.Outputs[last]
	for _, other := range l.config.Outputs[:last] {
		if this.Private != other.Private && l.overlap(this, other) {
			l.report(at, "writes into the same folder as output %s, or one below the other, and only one of them is private: true; write them apart", other.Name)
			return
		}
	}
}

// overlap reports whether two outputs write into one folder, or one below the other.
func (l *loader) overlap(a, b Output) bool {
	switch {
	case a.File != nil && b.File != nil:
		mine, theirs := l.folder(a.File.Dir), l.folder(b.File.Dir)
		return within(mine, theirs) || within(theirs, mine)
	case a.S3 != nil && b.S3 != nil:
		mine, theirs := a.S3.Address(), b.S3.Address()
		return strings.HasPrefix(mine, theirs) || strings.HasPrefix(theirs, mine)
	}
	return false
}

// folder is the absolute path of a folder of the configuration.
func (l *loader) folder(dir string) string {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(l.config.Dir, dir)
	}
	return filepath.Clean(dir)
}

// within reports whether path is dir or lies below it.
func within(path, dir string) bool {
	below, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(below)
}
