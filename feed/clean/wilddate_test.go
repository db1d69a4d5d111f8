package clean

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

// wildNow is when the tests are: a Sunday evening in Berlin.
func wildNow(t testing.TB) time.Time { return time.Date(2026, 11, 22, 18, 0, 0, 0, berlin(t)) }

// wildForms are dates as they are met, by what writes them. All are 24 November 2026, and what is not told of them is the
// zone Europe/Berlin and midnight.
var wildForms = []struct{ source, in, want string }{
	{"RFC 822 with Z", "Tue, 24 Nov 2026 06:00:00 Z", "2026-11-24T06:00:00Z"},
	{"RFC 822, wrong weekday", "Mon, 24 Nov 2026 06:00:00 +0100", "2026-11-24T06:00:00+01:00"},
	{"RFC 822, unknown weekday", "Die, 24 Nov 2026 06:00:00", ""},
	{"RFC 822, German weekday", "Di, 24 Nov 2026 06:00:00 +0100", "2026-11-24T06:00:00+01:00"},
	{"RFC 822, two-digit year", "24 Nov 26 06:00 CET", "2026-11-24T06:00:00+01:00"},
	{"three-digit year of old scripts", "Tue, 24 Nov 126 06:00:00 GMT", "2026-11-24T06:00:00Z"},
	{"offset after a blank", "24 Nov 2026 06:00 + 0100", "2026-11-24T06:00:00+01:00"},
	{"offset with a blank", "24 Nov 2026 06:00 +01 00", "2026-11-24T06:00:00+01:00"},
	{"offset with a colon", "24 Nov 2026 06:00:00 +1:00", "2026-11-24T06:00:00+01:00"},
	{"offset after GMT", "24 Nov 2026 06:00 GMT+03", "2026-11-24T06:00:00+03:00"},
	{"offset after its name", "24 Nov 2026 06:00 EST-0500", "2026-11-24T06:00:00-05:00"},
	{"minus of typographers", "24 Nov 2026 06:00 −0500", "2026-11-24T06:00:00-05:00"},
	{"military zone", "24 Nov 2026 06:00 A", "2026-11-24T06:00:00Z"},
	{"zone in parentheses", "24 Nov 2026 06:00 (MSK)", "2026-11-24T06:00:00+03:00"},
	{"zone and its comment", "24 Nov 2026 06:00:00 +0900 (JST)", "2026-11-24T06:00:00+09:00"},
	{"RFC 850", "Tuesday, 24-Nov-26 06:00:00 GMT", "2026-11-24T06:00:00Z"},
	{"asctime", "Tue Nov 24 06:00:00 2026", "2026-11-24T06:00:00+01:00"},
	{"date of Unix", "Tue Nov 24 06:00:00 CET 2026", "2026-11-24T06:00:00+01:00"},
	{"Ruby", "Tue Nov 24 06:00:00 +0100 2026", "2026-11-24T06:00:00+01:00"},
	{"JavaScript", "Tue Nov 24 2026 06:00:00 GMT+0100 (Central European Standard Time)", "2026-11-24T06:00:00+01:00"},
	{"Go", "2026-11-24 06:00:00.5 +0100 CET m=+0.001", "2026-11-24T06:00:00.5+01:00"},
	{"Java", "2026-11-24T06:00:00+01:00[Europe/Paris]", "2026-11-24T06:00:00+01:00"},
	{".NET", "/Date(1795500000000+0100)/", "2026-11-24T07:00:00+01:00"},
	{"Apache log", "[24/Nov/2026:06:00:00 +0100]", "2026-11-24T06:00:00+01:00"},
	{"Oracle", "24-NOV-26 06.00.00", "2026-11-24T06:00:00+01:00"},
	{"SQL Server", "2026-11-24 06:00:00.0", "2026-11-24T06:00:00+01:00"},
	{"Postgres", "2026-11-24T06:00:00.123456+01", "2026-11-24T06:00:00.123456+01:00"},
	{"XML Schema", "2026-11-24-05:00", "2026-11-24T00:00:00-05:00"},
	{"XML Schema in UTC", "2026-11-24Z", "2026-11-24T00:00:00Z"},
	{"ISO 8601, basic", "20261124T060000Z", "2026-11-24T06:00:00Z"},
	{"ISO 8601, basic, day", "20261124", "2026-11-24T00:00:00+01:00"},
	{"digits only", "20261124060000", "2026-11-24T06:00:00+01:00"},
	{"ISO 8601, hour", "2026-11-24T06Z", "2026-11-24T06:00:00Z"},
	{"ISO 8601, end of day", "2026-11-23T24:00:00", "2026-11-24T00:00:00+01:00"},
	{"ISO 8601, week", "2026-W48-2", "2026-11-24T00:00:00+01:00"},
	{"ISO 8601, week alone", "2026-W48", "2026-11-23T00:00:00+01:00"},
	{"ISO 8601, week, basic", "2026W482T0600Z", "2026-11-24T06:00:00Z"},
	{"ISO 8601, ordinal", "2026-328", "2026-11-24T00:00:00+01:00"},
	{"ISO 8601, ordinal with time", "2026328T06:00Z", "2026-11-24T06:00:00Z"},
	{"W3CDTF, month", "2026-11", "2026-11-01T00:00:00+01:00"},
	{"W3CDTF, year", "2026", "2026-01-01T00:00:00+01:00"},
	{"seconds", "1795500000", "2026-11-24T07:00:00+01:00"},
	{"seconds with a fraction", "1795500000.25", "2026-11-24T07:00:00+01:00"},
	{"milliseconds", "1795500000123", "2026-11-24T07:00:00.123+01:00"},
	{"microseconds", "1795500000123456", "2026-11-24T07:00:00.123456+01:00"},
	{"nanoseconds", "1795500000123456789", "2026-11-24T07:00:00.123456789+01:00"},
	{"German page", "24.11.2026 06:00 Uhr", "2026-11-24T06:00:00+01:00"},
	{"German page, short year", "24.11.26", "2026-11-24T00:00:00+01:00"},
	{"German words", "Am 24. November 2026 um 18:00 Uhr", "2026-11-24T18:00:00+01:00"},
	{"US page", "11/24/2026 6:00 PM", "2026-11-24T18:00:00+01:00"},
	{"US page with zone", "3/4/2026 6:00 PM EST", "2026-03-04T18:00:00-05:00"},
	{"zone of North America in summer", "24 Jul 2026 14:05 ET", "2026-07-24T14:05:00-04:00"},
	{"British page", "24/11/26 06:00", "2026-11-24T06:00:00+01:00"},
	{"same day and month", "03/03/2026", "2026-03-03T00:00:00+01:00"},
	{"US words", "Nov 24th, 2026 at 6pm", "2026-11-24T18:00:00+01:00"},
	{"time first", "06:00, 24 November 2026", "2026-11-24T06:00:00+01:00"},
	{"PM on a 24-hour clock", "24 Nov 2026 18:00 PM", "2026-11-24T18:00:00+01:00"},
	{"year with an apostrophe", "24 Nov '26", "2026-11-24T00:00:00+01:00"},
	{"month alone", "November 2026", "2026-11-01T00:00:00+01:00"},
	{"Japanese", "2026年11月24日(火) 午後6時30分", "2026-11-24T18:30:00+01:00"},
	{"Chinese", "2026年11月24日 下午6:30", "2026-11-24T18:30:00+01:00"},
	{"Korean", "2026년 11월 24일 화요일 오후 6:30", "2026-11-24T18:30:00+01:00"},
	{"Korean numbers", "2026. 11. 24. 06:00", "2026-11-24T06:00:00+01:00"},
	{"full-width digits", "２０２６年１１月２４日", "2026-11-24T00:00:00+01:00"},
	{"Arabic digits", "٢٤ نوفمبر ٢٠٢٦", "2026-11-24T00:00:00+01:00"},
	{"Levantine month", "24 تشرين الثاني 2026", "2026-11-24T00:00:00+01:00"},
	{"Persian digits", "۲۴ نوامبر ۲۰۲۶ ساعت ۱۴:۰۵", "2026-11-24T14:05:00+01:00"},
	{"Devanagari digits", "२४ नवंबर २०२६", "2026-11-24T00:00:00+01:00"},
	{"Hebrew", "24 בנובמבר 2026", "2026-11-24T00:00:00+01:00"},
	{"Greek", "Τρί, 24 Νοέ 2026 06:00:00 EET", "2026-11-24T06:00:00+02:00"},
	{"Vietnamese numbers", "ngày 24 tháng 11 năm 2026 lúc 6 giờ 30 phút", "2026-11-24T06:30:00+01:00"},
	{"Vietnamese words", "24 Tháng Mười Một, 2026", "2026-11-24T00:00:00+01:00"},
	{"French", "mar. 24 nov. 2026 à 14 h 05", "2026-11-24T14:05:00+01:00"},
	{"French, March", "mar 24 mars 2026", "2026-03-24T00:00:00+01:00"},
	{"Spanish", "24 de noviembre de 2026, 18:00 h", "2026-11-24T18:00:00+01:00"},
	{"Spanish half day", "24 nov 2026 6:00 p. m.", "2026-11-24T18:00:00+01:00"},
	{"Portuguese", "24 de novembro de 2026 às 14h05", "2026-11-24T14:05:00+01:00"},
	{"Finnish", "24. marraskuuta 2026 klo 6.00", "2026-11-24T06:00:00+01:00"},
	{"Hungarian", "2026. november 24., kedd 6:00", "2026-11-24T06:00:00+01:00"},
	{"Polish", "wtorek, 24 listopada 2026 r., godz. 14:05", "2026-11-24T14:05:00+01:00"},
	{"Russian", "24 ноября 2026 г. в 14:05", "2026-11-24T14:05:00+01:00"},
	{"Ukrainian", "24 листопада 2026 р. о 14:05", "2026-11-24T14:05:00+01:00"},
	{"Turkish", "24 KASIM 2026 Salı 14:05", "2026-11-24T14:05:00+01:00"},
	{"Indonesian", "Selasa, 24 November 2026 14:05 WIB", "2026-11-24T14:05:00+07:00"},
	{"Danish", "24. november 2026 kl. 06.00", "2026-11-24T06:00:00+01:00"},
}

func TestWildDate(t *testing.T) {
	for _, form := range wildForms {
		t.Run(form.source, func(t *testing.T) {
			got, err := WildDate(form.in, berlin(t), wildNow(t))
			if form.want == "" {
				if err == nil {
					t.Errorf("WildDate(%q) = %v", form.in, got)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339Nano) != form.want {
				t.Errorf("WildDate(%q)\n got %s, %v\nwant %s", form.in, got.Format(time.RFC3339Nano), err, form.want)
			}
		})
	}
}

func TestWildDateFromNow(t *testing.T) {
	for in, want := range map[string]string{
		"3 hours ago": "22 15:00", "3h ago": "22 15:00", "an hour ago": "22 17:00", "1 day 3 hours ago": "21 15:00", "2 weeks ago": "08 18:00",
		"1 hour and 5 minutes ago": "22 16:55", "about 3 hours ago": "22 15:00", "just now": "22 18:00",
		"vor 3 Stunden": "22 15:00", "vor einer Stunde": "22 17:00", "il y a 2 jours": "20 18:00", "hace 3 horas": "22 15:00",
		"há 2 dias": "20 18:00", "3 ore fa": "22 15:00", "3 uur geleden": "22 15:00", "3 godziny temu": "22 15:00", "před 3 hodinami": "22 15:00",
		"3 часа назад": "22 15:00", "час назад": "22 17:00", "3 години тому": "22 15:00", "преди 3 часа": "22 15:00", "för 3 timmar sedan": "22 15:00",
		"3 tuntia sitten": "22 15:00", "3 órával ezelőtt": "22 15:00", "acum 3 ore": "22 15:00", "3 saat önce": "22 15:00", "πριν από 3 ώρες": "22 15:00",
		"לפני 3 שעות": "22 15:00", "منذ 3 ساعات": "22 15:00", "۳ ساعت پیش": "22 15:00", "३ घंटे पहले": "22 15:00", "3 jam yang lalu": "22 15:00",
		"3 giờ trước": "22 15:00", "3時間前": "22 15:00", "3小时前": "22 15:00", "3시간 전": "22 15:00", "2日前": "20 18:00",
		"yesterday": "21 00:00", "Yesterday at 6pm": "21 18:00", "heute, 14:05": "22 14:05", "hier à 14h05": "21 14:05", "avant-hier": "20 00:00",
		"Aujourd’hui à 14:05": "22 14:05", "вчера в 14:05": "21 14:05", "昨日 14:05": "21 14:05", "vorgestern 14.05 Uhr": "20 14:05",
	} {
		got, err := WildDate(in, berlin(t), wildNow(t))
		if err != nil || got.Format("2006-01-02 15:04") != "2026-11-"+want {
			t.Errorf("WildDate(%q) = %v, %v; want 2026-11-%s", in, got, err, want)
		}
	}
	if got, err := WildDate("преди 3 години", nil, wildNow(t)); err != nil || got.Year() != 2023 {
		t.Errorf("Bulgarian years: %v, %v", got, err)
	}
}

func TestWildDateTakesEveryMonth(t *testing.T) {
	if len(monthNames) < 27 {
		t.Errorf("only %d languages", len(monthNames))
	}
	for language, names := range monthNames {
		months := strings.Split(names, ";")
		if len(months) != 12 {
			t.Fatalf("%s has %d months", language, len(months))
		}
		for i, list := range months {
			for name := range strings.SplitSeq(list, ",") {
				for _, in := range []string{"24 " + name + " 2026", name + " 24, 2026 6:00 GMT", strings.ToUpper(name) + ". 24 2026"} {
					got, err := WildDate(in, nil, wildNow(t))
					if err != nil || got.Month() != time.Month(i+1) || got.Day() != 24 || got.Year() != 2026 {
						t.Errorf("%s: WildDate(%q) = %v, %v", language, in, got, err)
					}
				}
			}
		}
	}
}

func TestWildDateTakesWhatDateTakes(t *testing.T) {
	for _, in := range []string{"2026-11-24T06:00:00.25+05:30", "24 Nov 99 06:00 UT", "4. 7. 2026, 6:00", "24 November 2026 at 12 a.m.", "2026-03-29 02:30"} {
		want, err := Date(in, berlin(t))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := WildDate(in, berlin(t), wildNow(t)); err != nil || !got.Equal(want) {
			t.Errorf("WildDate(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
}

func TestWildDateRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                              `"" is not a date`,
		"Tuesday":                       "is not a date",
		"next Tuesday":                  "is not a date",
		"in 3 hours":                    "is not a date",
		"10 min":                        "is not a date",
		"November":                      "is not a date",
		"24 November":                   "is not a date",
		"3/4/2026 6:00 PM":              "does not say which number is the month",
		"3-4-2026":                      "does not say which number is the month",
		"26-11-24":                      "has a year of two digits",
		"31 Jun 2026 06:00:00 GMT":      "is not in the calendar",
		"2026-W54":                      "is not a date",
		"2026-366":                      "is not a date",
		"0001-01-01T00:00:00Z":          "is in the year 1; dates before 1900 are not taken",
		"24 Nov 2026 25:00":             "has no such time of day",
		"24 Nov 2026 24:30 CET":         "has no such time of day",
		"24 Nov 2026 14 am":             "has no such hour",
		"24 Nov 2026 06:00 +99:00":      "has no such offset",
		"24 Nov 2026 06:00:00 XYZ":      "names the zone xyz",
		"24 Nov 2026 06:00 and more":    "is not a date",
		"24 Nov 2026 25 Dec 2026":       "is not a date",
		"24 Nov - 26 Nov 2026":          "is not a date",
		"24 Nov 2026 06:00 - 08:00":     "is not a date",
		"99999 years ago":               "only 1900 to 9999 are taken",
		strings.Repeat("24 Nov ", 1000): "is too long for a date",
		strings.Repeat("9", 250):        "is not a date",
	} {
		got, err := WildDate(in, time.UTC, wildNow(t))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("WildDate(%q) = %v, %v; want %q", in, got, err, want)
		}
		if feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("WildDate(%q): class %q", in, feed.ClassOf(err))
		}
	}
}

func FuzzWildDate(f *testing.F) {
	for _, form := range wildForms {
		f.Add(form.in)
	}
	for _, s := range []string{"3 hours ago", "il y a un an", "yesterday at 6pm", "3時間前", "24 Nov 2026 06:00 -", "+1", "t", "1:2:3.4+5 6", "年月日"} {
		f.Add(s)
	}
	loc, now := berlin(f), wildNow(f)
	f.Fuzz(func(t *testing.T, s string) {
		start := time.Now()
		got, err := WildDate(s, loc, now)
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("WildDate(%q) took %v", s, took)
		}
		if err != nil {
			if !got.IsZero() || feed.ClassOf(err) != feed.Unreadable {
				t.Fatalf("WildDate(%q) = %v, %v", s, got, err)
			}
			return
		}
		if y := got.Year(); y < 1900 || y > 9999 {
			t.Fatalf("WildDate(%q) = %v", s, got)
		}
		if again, err := WildDate(got.Format(time.RFC3339Nano), loc, now); err != nil || !again.Equal(got) {
			t.Fatalf("WildDate(%q) = %v, then %v, %v", s, got, again, err)
		}
	})
}

func BenchmarkWildDate(b *testing.B) {
	now := wildNow(b)
	for name, s := range map[string]string{
		"rfc822": "Tue, 24 Nov 2026 06:00:00 +0100", "words": "24 de noviembre de 2026, 18:00 h", "ago": "vor 3 Stunden",
		"refused": strings.Repeat("1 ", 149), "huge": strings.Repeat("24 Nov ", 1_000_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = WildDate(s, time.UTC, now)
			}
		})
	}
}
