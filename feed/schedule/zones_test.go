package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"feedmill/feed/schedule"
)

func TestChangesOfTheClock(t *testing.T) {
	for _, c := range []struct {
		about, zone, spec, from string // from in UTC
		want                    string // the next ticks on the wall, with offset
	}{
		{"skipped tick comes at the end", "Europe/Berlin", "30 2 * * *", "2026-03-28T00:00:00Z",
			"28 02:30+0100, 29 03:00+0200, 30 02:30+0200"},
		{"skipped ticks come as one", "Europe/Berlin", "0,20,40 2 * * *", "2026-03-28T22:00:00Z",
			"29 03:00+0200, 30 02:00+0200"},
		{"the tick after the gap stays one", "Europe/Berlin", "*/30 * * * *", "2026-03-29T00:29:00Z",
			"29 01:30+0100, 29 03:00+0200, 29 03:30+0200"},
		{"hourly goes on in spring", "America/New_York", "@hourly", "2026-03-08T05:30:00Z",
			"8 01:00-0500, 8 03:00-0400, 8 04:00-0400"},
		{"a daily tick comes once in autumn", "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z",
			"25 02:30+0200, 26 02:30+0100"},
		{"also when asked in the repeated hour", "Europe/Berlin", "30 2 * * *", "2026-10-25T01:10:00Z",
			"26 02:30+0100"},
		{"hourly goes on in autumn", "Europe/Berlin", "@hourly", "2026-10-24T23:30:00Z",
			"25 02:00+0200, 25 02:00+0100, 25 03:00+0100"},
		{"half-hourly goes on in autumn", "Europe/Berlin", "*/30 * * * *", "2026-10-25T00:00:00Z",
			"25 02:30+0200, 25 02:00+0100, 25 02:30+0100, 25 03:00+0100"},
		{"a night's polling goes on in autumn", "Europe/Berlin", "*/30 0-5 * * *", "2026-10-25T00:00:00Z",
			"25 02:30+0200, 25 02:00+0100, 25 02:30+0100, 25 03:00+0100"},
		{"half an hour forward", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00:00Z",
			"4 02:30+1100, 5 02:15+1100"},
		{"half an hour back", "Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00:00Z",
			"5 01:45+1100, 6 01:45+1030"},
		{"half an hour back, hourly", "Australia/Lord_Howe", "45 * * * *", "2026-04-04T14:00:00Z",
			"5 01:45+1100, 5 01:45+1030, 5 02:45+1030"},
		{"midnight skipped in Cairo", "Africa/Cairo", "@daily", "2026-04-23T00:00:00Z",
			"24 01:00+0300, 25 00:00+0300"},
		{"the hour before midnight twice in Cairo", "Africa/Cairo", "30 23 * * *", "2026-10-29T12:00:00Z",
			"29 23:30+0300, 30 23:30+0200"},
		{"midnight once in Cairo", "Africa/Cairo", "@daily", "2026-10-29T12:00:00Z",
			"30 00:00+0200, 31 00:00+0200"},
		{"midnight skipped in São Paulo", "America/Sao_Paulo", "0 0 * * *", "2018-11-03T12:00:00Z",
			"4 01:00-0200, 5 00:00-0200"},
		{"a weekly midnight skipped in São Paulo", "America/Sao_Paulo", "@weekly", "2018-11-03T12:00:00Z",
			"4 01:00-0200, 11 00:00-0200"},
		{"local mean time with odd seconds", "America/Sao_Paulo", "30 6 * * *", "1913-12-30T12:00:00Z",
			"31 06:30-0306, 1 06:30-0300"},
		{"a whole day skipped in Samoa", "Pacific/Apia", "0 6 * * *", "2011-12-29T12:00:00Z",
			"29 06:00-1000, 31 00:00+1400, 31 06:00+1400"},
		{"the last day of a leap year to come", "Europe/Berlin", "30 6 * * *", "2040-12-30T12:00:00Z",
			"31 06:30+0100, 1 06:30+0100"},
		{"an offset of 45 minutes", "Asia/Kathmandu", "0 0 * * *", "2026-11-22T12:00:00Z",
			"23 00:00+0545, 24 00:00+0545"},
	} {
		t.Run(c.about, func(t *testing.T) {
			loc := zone(t, c.zone)
			s := mustParse(t, c.spec, loc)
			next, wants := at(t, c.from).In(loc), strings.Split(c.want, ", ")
			var got []string
			for range wants {
				next = s.Next(next)
				got = append(got, next.Format("2 15:04-0700"))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%q in %s ticks at %s, want %s", c.spec, c.zone, strings.Join(got, ", "), c.want)
			}
		})
	}
}

// A year of daily ticks has one for each day, whatever the clocks do.
func TestOneTickADay(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago",
		"Africa/Casablanca", "Asia/Tehran", "Antarctica/Troll",
	} {
		loc := zone(t, name)
		for _, clock := range []string{"0 0", "15 0", "30 1", "0 2", "15 2", "30 2", "59 2", "0 3", "45 23"} {
			s := mustParse(t, clock+" * * *", loc)
			days := map[string]int{}
			from, end := time.Date(2026, 1, 1, 0, 0, 0, 0, loc), time.Date(2027, 1, 1, 0, 0, 0, 0, loc)
			for next := s.Next(from.Add(-time.Second)); next.Before(end); next = s.Next(next) {
				days[next.Format(time.DateOnly)]++
			}
			for day := from; day.Before(end); day = day.AddDate(0, 0, 1) {
				if n := days[day.Format(time.DateOnly)]; n != 1 {
					t.Errorf("%s, %q: %d ticks on %s, want 1", name, clock, n, day.Format(time.DateOnly))
				}
			}
		}
	}
}

// A year of @hourly in a zone of whole hours has a tick in each hour that passed, and no other.
func TestHourlyNeverRests(t *testing.T) {
	loc := zone(t, "Europe/Kyiv")
	s := mustParse(t, "@hourly", loc)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, loc)
	for hours, next := 1, from; next.Before(from.AddDate(1, 0, 0)); hours++ {
		next = s.Next(next)
		if want := from.Add(time.Duration(hours) * time.Hour); !next.Equal(want) {
			t.Fatalf("tick %d is at %v, want %v", hours, next, want)
		}
	}
}

// For random schedules, zones and times: the next tick is later, no tick lies between, and a later time never has an
// earlier next tick.
func TestNextIsLaterAndMonotonic(t *testing.T) {
	const seed = 20261122
	random := rand.New(rand.NewPCG(seed, seed))
	zones := []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu"}
	for range 400 {
		name, spec := zones[random.IntN(len(zones))], randomSpec(random)
		plain := mustParse(t, spec, zone(t, name))
		from := time.Unix(random.Int64N(6e9)-2e9, random.Int64N(1e9))
		for _, s := range []interface{ Next(time.Time) time.Time }{plain, schedule.Spread(plain, name)} {
			next := s.Next(from)
			if !next.After(from) {
				t.Fatalf("%q in %s: the tick after %v is %v", spec, name, from, next)
			}
			between := from.Add(time.Duration(random.Float64() * float64(next.Sub(from)-1)))
			if again := s.Next(between); !again.Equal(next) {
				t.Fatalf("%q in %s: after %v comes %v, but after %v, between them, %v", spec, name, from, next, between, again)
			}
			if after := s.Next(next); !after.After(next) {
				t.Fatalf("%q in %s: the tick after %v is %v", spec, name, next, after)
			}
		}
	}
}

func randomSpec(random *rand.Rand) string {
	if random.IntN(5) == 0 {
		return fmt.Sprintf("@every %ds", 1+random.IntN(200_000))
	}
	field := func(least, most int) string {
		switch random.IntN(4) {
		case 0:
			return fmt.Sprintf("*/%d", 1+random.IntN(most))
		case 1:
			return fmt.Sprintf("%d,%d", least+random.IntN(most-least+1), least+random.IntN(most-least+1))
		case 2:
			return fmt.Sprint(least + random.IntN(most-least+1))
		default:
			return "*"
		}
	}
	return strings.Join([]string{field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6)}, " ")
}
