package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// Parse reads a schedule. It takes
//
//   - five fields (minute, hour, day of month, month, day of week), as crontab(5) and robfig/cron have them: "15 6 * * *".
//     Day of month and day of week together mean either, when neither begins with a star;
//   - @hourly, @daily (@midnight), @weekly, @monthly, @yearly (@annually);
//   - @every with a duration of whole seconds: "@every 10m", "@every 1h30m", "@every 2d". Its ticks are counted from
//     1970-01-01T00:00:00Z, so that a restart does not shift them.
//
// Fields and names are times of day in loc (nil: UTC). When clocks go forward, a tick in the skipped time comes at its
// end. When they go back, a tick in the repeated time comes at its first passing only, unless minute or hour begins
// with a star (cron(8) has the same rule): "30 2 * * *" ticks once, "@hourly" and "*/30 * * * *" go on.
//
// TZ= and CRON_TZ= in front are refused: the time zone has its own setting, and two of them could disagree.
//
// The error is of class [feed.Unreadable]; it says what is wrong, also with a schedule that is well formed but never
// ticks, and shows a right form.
func Parse(spec string, loc *time.Location) (feed.Schedule, error) {
	if loc == nil {
		loc = time.UTC
	}
	s, err := parse(strings.Fields(spec), loc)
	if err != nil {
		return nil, feed.Classify(feed.Unreadable, fmt.Errorf("schedule %.60q: %w", spec, err))
	}
	return s, nil
}

func parse(words []string, loc *time.Location) (feed.Schedule, error) {
	if len(words) == 0 {
		return nil, errors.New(`it is empty; write "@every 30m", "@hourly" or five fields such as "15 6 * * *"`)
	}
	// robfig/cron would panic at a prefix without a blank after it.
	if zone, ok := cutZone(words[0]); ok {
		return nil, fmt.Errorf(`a time zone does not belong here; write "timezone: %s" and the schedule without it, such as "15 6 * * *"`, zone)
	}
	switch {
	case words[0] == "@every":
		return parseEvery(words[1:])
	case strings.HasPrefix(words[0], "@"):
		return parseNamed(words, loc)
	default:
		return parseFields(words, loc)
	}
}

func cutZone(word string) (zone string, ok bool) {
	if zone, ok = strings.CutPrefix(word, "TZ="); ok {
		return zone, true
	}
	return strings.CutPrefix(word, "CRON_TZ=")
}

func parseEvery(words []string) (feed.Schedule, error) {
	const form = `write "@every 10m", "@every 1h30m" or "@every 2d"`
	if len(words) != 1 {
		return nil, fmt.Errorf("@every takes one duration; %s", form)
	}
	if strings.HasPrefix(words[0], "-") {
		return nil, fmt.Errorf("the duration %s is negative; %s", words[0], form)
	}
	var d setting.Duration
	if err := d.UnmarshalText([]byte(words[0])); err != nil {
		return nil, fmt.Errorf("%w; %s", err, form)
	}
	if period := time.Duration(d); period < time.Second || period%time.Second != 0 {
		return nil, fmt.Errorf("%s is not a number of whole seconds of at least one; %s", words[0], form)
	}
	// Days and weeks are ours; robfig/cron reads the Go form.
	parsed, err := cron.NewParser(cron.Descriptor).Parse("@every " + d.String())
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, form)
	}
	constant, ok := parsed.(cron.ConstantDelaySchedule)
	if !ok {
		return nil, fmt.Errorf("@every %s was read as %T; %s", words[0], parsed, form)
	}
	return every(constant.Delay / time.Second), nil
}

func parseNamed(words []string, loc *time.Location) (feed.Schedule, error) {
	parsed, err := cron.NewParser(cron.Descriptor).Parse(strings.Join(words, " "))
	if err != nil {
		return nil, fmt.Errorf(`%w; write @hourly, @daily, @weekly, @monthly, @yearly or "@every 10m"`, err)
	}
	return onWall(parsed, loc, words[0] == "@hourly")
}

// field is one of the five; a parser that takes only this field tells which one is wrong.
type field struct {
	name   string
	option cron.ParseOption
	most   int
	form   string
}

func fields() [5]field {
	return [5]field{
		{"minute", cron.Minute, 59, "0-59, such as 15 or 0,30 or */10"},
		{"hour", cron.Hour, 23, "0-23, such as 6 or 8-18 or */2"},
		{"day of month", cron.Dom, 31, "1-31, such as * or 1 or 1,15"},
		{"month", cron.Month, 12, "1-12 or jan-dec, such as * or 1-6"},
		{"day of week", cron.Dow, 6, "0-6 or sun-sat (Sunday is 0), such as * or mon-fri"},
	}
}

// listItem is what may stand between the commas of a field. robfig/cron reads some more (",,", "*-5", "+5") and drops
// what it does not understand of it.
var listItem = regexp.MustCompile(`^(?:\*|\?|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:/([0-9]+))?$`)

func parseFields(words []string, loc *time.Location) (feed.Schedule, error) {
	const form = `write minute, hour, day of month, month, day of week, such as "15 6 * * *"`
	switch {
	case len(words) == 6:
		return nil, fmt.Errorf(`it has six fields and takes five, for it knows no seconds; %s, or "@every 10s"`, form)
	case len(words) != 5:
		return nil, fmt.Errorf("it has %d of five fields; %s", len(words), form)
	}
	for i, f := range fields() {
		if err := f.check(words[i]); err != nil {
			return nil, fmt.Errorf("%s %.20q: %w", f.name, words[i], err)
		}
	}
	parsed, err := cron.ParseStandard(strings.Join(words, " "))
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, form)
	}
	s, err := onWall(parsed, loc, startsWithStar(words[0]) || startsWithStar(words[1]))
	if err != nil {
		return nil, err
	}
	// 2001 begins four years that hold every date there is; what finds no tick from there never does.
	if s.Next(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf(`it never ticks: there is no day %s in month %s; write a day the month has, such as "0 0 28 2 *"`, words[2], words[3])
	}
	return s, nil
}

func startsWithStar(word string) bool {
	return strings.HasPrefix(word, "*") || strings.HasPrefix(word, "?")
}

func (f field) check(word string) error {
	for item := range strings.SplitSeq(word, ",") {
		m := listItem.FindStringSubmatch(item)
		if m == nil {
			return fmt.Errorf("it is not a number, range, list or step; write %s", f.form)
		}
		if step, err := strconv.Atoi(m[1]); m[1] != "" && (err != nil || step > f.most) {
			return fmt.Errorf(`a step of %s is longer than the field; write %s, or "@every 90m" for a period of its own`, m[1], f.form)
		}
	}
	if _, err := cron.NewParser(f.option).Parse(word); err != nil {
		return fmt.Errorf("%w; write %s", err, f.form)
	}
	return nil
}

// onWall puts what robfig/cron read on the clock of loc.
func onWall(parsed cron.Schedule, loc *time.Location, repeats bool) (feed.Schedule, error) {
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf(`it was read as %T; write five fields such as "15 6 * * *"`, parsed)
	}
	spec.Location = time.UTC
	w := &wallClock{spec: spec, loc: loc, repeats: repeats}
	w.shortest = sync.OnceValue(func() time.Duration { return shortestGap(w) })
	return w, nil
}
