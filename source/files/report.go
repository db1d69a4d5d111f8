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
	"strings"

	"feedmill/feed"
)

// reportName is the file that tells the authors what became of theirs.
const reportName = "_feedmill.txt"

// Report writes what became of each file into _feedmill.txt in the folder before the first wildcard, one line a file, if
// the configuration asks for it:
//
//	budget.md · waits until Mon 06:00
//	sport.txt · not read: Date: "32 Nov" is not a date, line 2; write 2026-11-24 06:00 or 24 November 2026
//	trump-putin-call.txt · live 16:04 · https://news.example.org/world/trump-putin-call · 18 paragraphs, 5 headings
//
// Times without a day are of the day on which the file was written. Lines of files that are not among the outcomes stay
// as long as the file is there. The report is replaced as a whole, and only when it says something else than before. One
// source a folder may write a report.
func (f *Files) Report(ctx context.Context, outcomes []feed.Outcome) error {
	if !f.config.Report || len(outcomes) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.config.Within != "" {
		if _, err := inside(f.base, f.config.Within); err != nil {
			return f.reportError(err)
		}
	}
	name := filepath.Join(f.base, reportName)
	before, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.reportError(err)
	}
	now := f.now().In(f.loc)
	lines := map[string]string{}
	for key, text := range reportLines(string(before)) {
		if _, err := os.Lstat(filepath.Join(f.base, filepath.FromSlash(key))); err == nil {
			lines[key] = f.dated(name, text, now)
		}
	}
	for _, o := range outcomes {
		lines[strings.TrimPrefix(o.Key, f.prefix)] = describe(o, now)
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&b, "%s%s%s\n", reportKey(key), separator, lines[key])
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
