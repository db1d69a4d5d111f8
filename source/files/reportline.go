package files

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"feedmill/feed"
	"feedmill/feed/late"
)

// separator stands between the parts of a report's line: the file, what became of it, its address, how it was read.
const separator = " · "

// describe is what a line says after the file's name.
func describe(o feed.Outcome, now time.Time) string {
	parts, details := []string{o.State}, o.Details
	reason := reasonOf(o.Err)
	switch {
	case o.Link != "":
		parts = []string{"live " + past(o.At, now), o.Link}
		if o.State != "published" && o.State != "unchanged" {
			parts[0] += ", " + o.State + " " + now.Format(clockForm)
		}
	case o.State == "failed":
		parts[0], reason = "not read: "+reason, ""
	case o.State == "waiting" && !o.At.IsZero():
		parts[0] = "waits until " + future(o.At, now)
		details = slices.DeleteFunc(slices.Clone(details), func(d string) bool { return strings.HasPrefix(d, "until ") }) // the same, in full
	case o.State == "waiting" && reason != "":
		parts[0], reason = "waits: "+reason, ""
	case o.State == "waiting" && len(details) > 0:
		parts[0], details = "waits: "+details[0], details[1:]
	}
	if details = slices.DeleteFunc(append(slices.Clone(details), reason), func(d string) bool { return d == "" }); len(details) > 0 {
		parts = append(parts, strings.Join(details, ", "))
	}
	return strings.Join(strings.Fields(strings.Join(parts, separator)), " ")
}

// reasonOf is an error as a report says it: what is wrong, in which line, and what to do.
func reasonOf(err error) string {
	p, ok := errors.AsType[*feed.Problem](err)
	switch {
	case err == nil:
		return ""
	case !ok:
		return err.Error()
	case p.Line == 0:
		return p.Err.Error()
	}
	wrong, remedy, found := strings.Cut(p.Err.Error(), "; ")
	if found {
		remedy = "; " + remedy
	}
	return fmt.Sprintf("%s, line %d%s", wrong, p.Line, remedy)
}

// The forms of times in a report.
const (
	clockForm = "15:04"
	dayForm   = "2 Jan 2006"
)

// past is a moment that lies behind us. Its day is left out when it is today's.
func past(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Format(dayForm) == now.Format(dayForm) {
		return t.Format(clockForm)
	}
	return t.Format(dayForm + " " + clockForm)
}

// future is a moment that lies before us; within a week its weekday tells it.
func future(t, now time.Time) string {
	t = t.In(now.Location())
	switch midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()); {
	case t.Before(midnight.AddDate(0, 0, 1)):
		return t.Format(clockForm)
	case t.Before(midnight.AddDate(0, 0, 7)):
		return t.Format("Mon " + clockForm)
	}
	return t.Format(dayForm + " " + clockForm)
}

// undated are the times without a day in a line about an article that is live.
var undated = late.Regexp(`^(live )(\d\d:\d\d)|^(live [^·]*, [a-z ]+ )(\d\d:\d\d)`)

// dated is a line of an earlier report, in which times without a day get the day on which that report was written, unless
// it is today.
func (f *Files) dated(report, line string, now time.Time) string {
	info, err := os.Stat(report)
	if err != nil {
		return line
	}
	day := info.ModTime().In(f.loc).Format(dayForm)
	if day == now.Format(dayForm) {
		return line
	}
	for range 2 { // when it appeared, and when it changed
		line = undated().ReplaceAllString(line, "${1}${3}"+day+" ${2}${4}")
	}
	return line
}

// reportKey is a file's name as a line begins with it: quoted when it could be misread.
func reportKey(key string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if strings.HasPrefix(key, `"`) || strings.Contains(key, separator) || strings.ContainsFunc(key, odd) {
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
			said, ok = strings.CutPrefix(line[len(quoted):], separator)
		} else {
			key, said, ok = strings.Cut(line, separator)
		}
		if ok && key != "" {
			lines[key] = said
		}
	}
	return lines
}
