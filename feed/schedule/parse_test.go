package schedule_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/schedule"
)

func TestParseRefuses(t *testing.T) {
	for spec, wants := range map[string][]string{
		"":                         {"empty", `"@every 30m"`},
		"   ":                      {"empty"},
		"0 0 31 2 *":               {"never ticks", "no day 31 in month 2", `"0 0 28 2 *"`},
		"0 0 31 4,6,9,11 ?":        {"never ticks"},
		"0 0 30 feb *":             {"never ticks", "month feb"},
		"* * * *":                  {"4 of five fields", `"15 6 * * *"`},
		"0 15 6 * * *":             {"six fields", "no seconds"},
		"60 * * * *":               {`minute "60"`, "0-59"},
		"0 24 * * *":               {`hour "24"`, "0-23"},
		"0 0 0 * *":                {`day of month "0"`, "1-31"},
		"0 0 * 13 *":               {`month "13"`, "1-12"},
		"0 0 * * 7":                {`day of week "7"`, "Sunday is 0"},
		"0 0 * * funday":           {`day of week "funday"`, "sun-sat"},
		"*/90 * * * *":             {"step of 90", `"@every 90m"`},
		"*/0 * * * *":              {`minute "*/0"`},
		"30-10 * * * *":            {`minute "30-10"`},
		"*-5 * * * *":              {`minute "*-5"`},
		"1,,2 * * * *":             {`minute "1,,2"`},
		", * * * *":                {`minute ","`},
		"* TZ=x * * *":             {`hour "TZ=x"`},
		"TZ=Europe/Kyiv 0 6 * * *": {"timezone: Europe/Kyiv", `"15 6 * * *"`},
		"CRON_TZ=UTC 0 6 * * *":    {"timezone: UTC"},
		"TZ=":                      {"time zone"},
		"TZ=UTC":                   {"time zone"},
		"@fortnightly":             {"@fortnightly", "@weekly"},
		"@Hourly":                  {"@hourly"},
		"@hourly 5":                {"@hourly"},
		"@every":                   {"one duration", `"@every 10m"`},
		"@every 1h 30m":            {"one duration", `"@every 1h30m"`},
		"@every -5m":               {"negative", `"@every 10m"`},
		"@every 0s":                {"whole seconds"},
		"@every 500ms":             {"500ms", "whole seconds", `"@every 10m"`},
		"@every 1.5s":              {"whole seconds"},
		"@every ten minutes":       {"one duration"},
		"@every soon":              {`"soon"`, `"@every 10m"`},
		"@every 99999999999h":      {"100 years"},
		"every 10m":                {"2 of five fields"},
	} {
		s, err := schedule.Parse(spec, time.UTC)
		if err == nil {
			t.Errorf("Parse(%q) = %v, want an error", spec, s)
			continue
		}
		if feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("Parse(%q): class %s, want %s", spec, feed.ClassOf(err), feed.Unreadable)
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("Parse(%q) = %q, want %q in it", spec, err, want)
			}
		}
	}
}

func TestParseTicks(t *testing.T) {
	const from = "2026-11-22T18:04:05Z" // a Sunday
	for _, c := range []struct{ spec, first, second string }{
		{"15 6 * * *", "2026-11-23T06:15:00Z", "2026-11-24T06:15:00Z"},
		{"  15  6 * * *  ", "2026-11-23T06:15:00Z", "2026-11-24T06:15:00Z"},
		{"*/20 * * * *", "2026-11-22T18:20:00Z", "2026-11-22T18:40:00Z"},
		{"0 9-17/4 * * mon-fri", "2026-11-23T09:00:00Z", "2026-11-23T13:00:00Z"},
		{"0 0 29 feb ?", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"},
		{"0 0 31 2 1", "2027-02-01T00:00:00Z", "2027-02-08T00:00:00Z"}, // day of month or day of week
		{"@hourly", "2026-11-22T19:00:00Z", "2026-11-22T20:00:00Z"},
		{"@midnight", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"},
		{"@weekly", "2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"},
		{"@monthly", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"@yearly", "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"},
		{"@every 10m", "2026-11-22T18:10:00Z", "2026-11-22T18:20:00Z"},
		{"@every  1h30m", "2026-11-22T19:30:00Z", "2026-11-22T21:00:00Z"},
		{"@every 2d", "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"},
		{"@every 1s", "2026-11-22T18:04:06Z", "2026-11-22T18:04:07Z"},
	} {
		s := mustParse(t, c.spec, nil)
		first := s.Next(at(t, from))
		if first.Format(time.RFC3339) != c.first || s.Next(first).Format(time.RFC3339) != c.second {
			t.Errorf("%q ticks at %v and %v, want %s and %s", c.spec, first, s.Next(first), c.first, c.second)
		}
	}
}

// From 2096 to 2104 is longer than robfig/cron looks ahead.
func TestLeapDayOverTheCentury(t *testing.T) {
	got := mustParse(t, "0 6 29 2 *", nil).Next(at(t, "2096-03-01T00:00:00Z"))
	if want := at(t, "2104-02-29T06:00:00Z"); !got.Equal(want) {
		t.Errorf("the leap day after 2096 is %v, want %v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"15 6 * * *", "*/30 * * * *", "@hourly", "@every 10m", "@every 2d", "TZ=UTC 0 0 * * *", "TZ=", "0 0 29 2 *",
		"0 0 31 2 1-5/2", "1,2,,3 * * * *", "* * * * * *", "@every -1s", "0-59/59 ? jan,feb *", "0 0 1 1 sun",
	} {
		f.Add(spec, int64(1_000_000_000))
	}
	lordHowe := zone(f, "Australia/Lord_Howe")
	f.Fuzz(func(t *testing.T, spec string, unix int64) {
		s, err := schedule.Parse(spec, lordHowe)
		if err != nil {
			if err.Error() == "" || feed.ClassOf(err) != feed.Unreadable {
				t.Fatalf("Parse(%q) = %#v", spec, err)
			}
			return
		}
		from := time.Unix(unix%4_000_000_000, 0)
		next := s.Next(from)
		if !next.After(from) {
			t.Fatalf("%q: the tick after %v is %v", spec, from, next)
		}
		if again := s.Next(next.Add(-time.Nanosecond)); !again.Equal(next) {
			t.Fatalf("%q: just before the tick %v the next is %v", spec, next, again)
		}
	})
}

func mustParse(t testing.TB, spec string, loc *time.Location) feed.Schedule {
	t.Helper()
	s, err := schedule.Parse(spec, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
