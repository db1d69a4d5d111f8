package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"feedmill/feed"
)

// reportName is the file that tells the authors what became of theirs.
const reportName = "_feedmill.txt"

// Report writes what became of each file into _feedmill.txt in the folder before the first wildcard, one line a file, if
// the configuration asks for it:
//
//	trump-putin-call.txt: published, 18 paragraphs, 5 headings
//
// Lines of files that are not among the outcomes stay as long as the file is there. The report is replaced as a whole,
// and only when it says something else than before. One source a folder should write a report.
func (f *Files) Report(ctx context.Context, outcomes []feed.Outcome) error {
	if !f.config.Report || len(outcomes) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	name := filepath.Join(f.base, reportName)
	before, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.reportError(err)
	}
	lines := map[string]string{}
	for key, text := range reportLines(string(before)) {
		if _, err := os.Lstat(filepath.Join(f.base, filepath.FromSlash(key))); err == nil {
			lines[key] = text
		}
	}
	for _, o := range outcomes {
		lines[strings.TrimPrefix(o.Key, f.prefix)] = describe(o)
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&b, "%s: %s\n", reportKey(key), lines[key])
	}
	if b.String() == string(before) {
		return nil
	}
	if err := replace(name, b.String()); err != nil {
		return f.reportError(err)
	}
	return nil
}

func (f *Files) reportError(err error) error {
	class := feed.Unavailable
	if errors.Is(err, fs.ErrPermission) {
		class = feed.Refused
	}
	return feed.Classify(class, fmt.Errorf("write the report in %s: %w; let feedmill's user write there, or set report: false", f.base, cause(err)))
}

// describe is what a line says after the file's name.
func describe(o feed.Outcome) string {
	words := slices.Concat([]string{o.State}, o.Details)
	if o.Err != nil {
		reason := o.Err.Error()
		if p, ok := errors.AsType[*feed.Problem](o.Err); ok {
			reason = p.Err.Error()
			if p.Line > 0 {
				reason = fmt.Sprintf("line %d: %s", p.Line, reason)
			}
		}
		words = append(words, reason)
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return strings.Join(strings.Fields(strings.Join(words, ", ")), " ")
}

// reportKey is a file's name as a line begins with it: quoted when it could be misread.
func reportKey(key string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.HasPrefix(key, `"`) || strings.Contains(key, ": ") || strings.ContainsFunc(key, odd) {
		return strconv.Quote(key)
	}
	return key
}

// reportLines reads an earlier report: what it said, by file. Lines that are no part of a report are left out.
func reportLines(text string) map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		key, said, ok := "", "", false
		if quoted, err := strconv.QuotedPrefix(line); err == nil && strings.HasPrefix(line, `"`) {
			key, _ = strconv.Unquote(quoted)
			said, ok = strings.CutPrefix(line[len(quoted):], ": ")
		} else {
			key, said, ok = strings.Cut(line, ": ")
		}
		if ok && key != "" {
			lines[key] = said
		}
	}
	return lines
}

// replace puts a text in a file's place, by a hidden file beside it, so that nobody ever reads half of it.
func replace(name, text string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), "."+reportName+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
