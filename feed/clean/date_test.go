package clean

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestDate(t *testing.T) {
	loc := berlin(t)
	for in, want := range map[string]string{
		"2026-11-24T06:00:00Z":                  "2026-11-24T06:00:00Z",
		"2026-11-24t06:00:00z":                  "2026-11-24T06:00:00Z",
		"2026-11-24T06:00:00.25+05:30":          "2026-11-24T06:00:00.25+05:30",
		"2026-11-24 06:00:00 -0300":             "2026-11-24T06:00:00-03:00",
		"2026-11-24 06:00:00 +0000 UTC":         "",
		"2026-11-24T06:00+01":                   "2026-11-24T06:00:00+01:00",
		"2026-11-24T06:00:00":                   "2026-11-24T06:00:00+01:00",
		"2026-11-24T06:00":                      "2026-11-24T06:00:00+01:00",
		"2026-11-24 06:00":                      "2026-11-24T06:00:00+01:00",
		"2026-7-4 6:00":                         "2026-07-04T06:00:00+02:00",
		"2026-11-24":                            "2026-11-24T00:00:00+01:00",
		"  2026-11-24 \t 06:00 \n":              "2026-11-24T06:00:00+01:00",
		"2026/11/24":                            "2026-11-24T00:00:00+01:00",
		"2026/11/24 18:05":                      "2026-11-24T18:05:00+01:00",
		"24.11.2026":                            "2026-11-24T00:00:00+01:00",
		"4. 7. 2026, 6:00":                      "2026-07-04T06:00:00+02:00",
		"Tue, 24 Nov 2026 06:00:00 +0100":       "2026-11-24T06:00:00+01:00",
		"Tue, 24 Nov 2026 06:00:00 GMT":         "2026-11-24T06:00:00Z",
		"24 Nov 2026 06:00 EST":                 "2026-11-24T06:00:00-05:00",
		"24 Nov 26 06:00:00 PDT":                "2026-11-24T06:00:00-07:00",
		"24 Nov 99 06:00 UT":                    "1999-11-24T06:00:00Z",
		"Tue, 24 Nov 2026 06:00:00 -0500 (EST)": "2026-11-24T06:00:00-05:00",
		"Tuesday, 24-Nov-26 06:00:00 GMT":       "2026-11-24T06:00:00Z",
		"Mon, 31 Dec 2016 23:59:60 +0000":       "2017-01-01T00:00:00Z",
		"24 November 2026":                      "2026-11-24T00:00:00+01:00",
		"24th of November 2026":                 "2026-11-24T00:00:00+01:00",
		"24. November 2026":                     "2026-11-24T00:00:00+01:00",
		"24 november, 2026":                     "2026-11-24T00:00:00+01:00",
		"24 November 2026, 6:00 pm":             "2026-11-24T18:00:00+01:00",
		"24 November 2026 at 12 a.m.":           "2026-11-24T00:00:00+01:00",
		"November 24, 2026":                     "2026-11-24T00:00:00+01:00",
		"Nov. 24, 2026, 12:30 PM":               "2026-11-24T12:30:00+01:00",
		"Tuesday, November 24th, 2026 6:00 GMT": "2026-11-24T06:00:00Z",
		"Sept 3, 2026":                          "2026-09-03T00:00:00+02:00",
		"29 February 2024":                      "2024-02-29T00:00:00+01:00",
		"1795500000":                            "2026-11-24T07:00:00+01:00",
		"1795500000123":                         "2026-11-24T07:00:00.123+01:00",
		"2026-03-29 02:30":                      "2026-03-29T03:30:00+02:00",
		"2026-10-25 02:30":                      "2026-10-25T02:30:00+02:00",
		"2026-10-25 03:00":                      "2026-10-25T03:00:00+01:00",
		"1900-01-01":                            "1900-01-01T00:00:00+01:00",
	} {
		got, err := Date(in, loc)
		if want == "" {
			if err == nil {
				t.Errorf("Date(%q) = %v, want an error", in, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("Date(%q) = %v, %v; want %s", in, got.Format(time.RFC3339Nano), err, want)
		}
	}
	if got, err := Date("2026-11-24", nil); err != nil || got.Location() != time.UTC {
		t.Errorf("without a location: %v, %v", got, err)
	}
}

func TestDateRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                               `"" is not a date; write 2026-11-24 06:00 or 24 November 2026`,
		"next Tuesday":                   `"next Tuesday" is not a date; write 2026-11-24 06:00 or 24 November 2026`,
		"today":                          "is not a date",
		"2026":                           "is not a date",
		"November 2026":                  "is not a date",
		"03/04/2026":                     `"03/04/2026" does not say which number is the month; write 2026-11-24 or 24 November 2026`,
		"3-4-26":                         "does not say which number is the month",
		"24.11.26":                       "has a year of two digits",
		"2026-W48-2":                     "is a week, not a date; write 2026-11-24",
		"2026-02-30":                     "is not in the calendar",
		"31 June 2026":                   "is not in the calendar",
		"2026-13-01":                     "is not in the calendar",
		"0000-00-00":                     "is in the year 0",
		"1899-12-31":                     "is in the year 1899; dates before 1900 are not taken",
		"24 Brumaire 2026":               `names no month that is known ("Brumaire")`,
		"2026-11-24 25:00":               "has no such time of day",
		"2026-11-24 06:61":               "has no such time of day",
		"2026-11-24 13 pm":               "has no such hour",
		"2026-11-24 6":                   "is not a date",
		"2026-11-24 06:00 +25:00":        "has no such offset",
		"2026-11-24 06:00 CET":           "names the zone CET, which is not known everywhere; write an offset such as +01:00, or none",
		"2026-11-24 06:00 and more":      "is not a date",
		"2026-11-24 to 2026-11-25":       "is not a date",
		"20261124":                       "is not a date",
		"12026-11-24":                    "is not a date",
		"24 November 20261":              "is not a date",
		strings.Repeat("2026-11-24 ", 9): "…\" is not a date",
	} {
		got, err := Date(in, time.UTC)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Date(%q) = %v, %v; want %q", in, got, err, want)
		}
		if feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("Date(%q): class %q", in, feed.ClassOf(err))
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{
		"2026-11-24T06:00:00Z", "Tue, 24 Nov 26 06:00 EST", "24.11.2026 6 pm", "Nov. 24, 2026", "1795500000", "03/04/2026", "2026-03-29 02:30",
	} {
		f.Add(s)
	}
	loc := berlin(f)
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Date(s, loc)
		if err != nil {
			if !got.IsZero() || feed.ClassOf(err) != feed.Unreadable {
				t.Fatalf("Date(%q) = %v, %v", s, got, err)
			}
			return
		}
		if y := got.UTC().Year(); y < 1899 || y > 10000 {
			t.Fatalf("Date(%q) = %v", s, got)
		}
		if again, err := Date(got.Format(time.RFC3339Nano), loc); got.Year() < 10000 && got.Year() >= 1900 && (err != nil || !again.Equal(got)) {
			t.Fatalf("Date(%q) = %v, then %v, %v", s, got, again, err)
		}
	})
}
