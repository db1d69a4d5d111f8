package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
)

func sick(feedName, subject string) store.Condition {
	return store.Condition{
		Feed: feedName, Subject: subject, Kind: "refused", Class: feed.Refused, Text: "answers 403; write “auth”", Mark: "refused answers",
		Since: epoch, Times: 2, Alarmed: "refused",
	}
}

// decided makes a decision that is made already.
func decided(after ...store.Condition) func([]store.Condition, store.Elsewhere) ([]store.Condition, []store.Alert, error) {
	return func([]store.Condition, store.Elsewhere) ([]store.Condition, []store.Alert, error) {
		return after, nil, nil
	}
}

func conditions(t *testing.T, open func(*testing.T) *store.Store) {
	s := open(t)
	must(t, s.ChangeConditions(t.Context(), "world", decided(sick("world", "source a"), sick("world", "output site"))))
	must(t, s.ChangeConditions(t.Context(), "sport", func(before []store.Condition, raised store.Elsewhere) ([]store.Condition, []store.Alert, error) {
		for subject, want := range map[string]bool{"output site": true, "source b": false} {
			if got, err := raised(subject); err != nil || got != want {
				t.Errorf("raised(%s) is %v, %v", subject, got, err)
			}
		}
		if len(before) > 0 {
			t.Errorf("before there was %+v", before)
		}
		return []store.Condition{sick("sport", "feed")}, nil, nil
	}))
	all, err := open(t).Conditions(t.Context())
	must(t, err)
	want := []store.Condition{sick("sport", "feed"), sick("world", "output site"), sick("world", "source a")}
	if fmt.Sprintf("%+v", all) != fmt.Sprintf("%+v", want) {
		t.Errorf("conditions are\n%+v, want\n%+v", all, want)
	}
	no := errors.New("no")
	err = s.ChangeConditions(t.Context(), "world", func(before []store.Condition, _ store.Elsewhere) ([]store.Condition, []store.Alert, error) {
		if fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", want[1:]) {
			t.Errorf("before there was %+v", before)
		}
		return nil, nil, no
	})
	if !errors.Is(err, no) {
		t.Errorf("an error gave %v", err)
	}
	met := sick("world", "source a")
	met.Times = 7
	other := sick("world", "output site")
	other.Kind, other.Times = "held", 9
	must(t, s.SaveTally(t.Context(), store.Tally{Conditions: []store.Condition{met, other, sick("gone", "feed")}}))
	all, err = s.Conditions(t.Context())
	must(t, err)
	if len(all) != 3 || all[2].Times != 7 || all[1].Times != 2 {
		t.Errorf("counted are %+v", all)
	}
	must(t, s.ChangeConditions(t.Context(), "world", decided()))
	if all, err = s.Conditions(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("left are %+v, %v", all, err)
	}
}

func alerts(t *testing.T, open func(*testing.T) *store.Store) {
	s, now := open(t), epoch
	must(t, s.ChangeConditions(t.Context(), "world", func([]store.Condition, store.Elsewhere) ([]store.Condition, []store.Alert, error) {
		return nil, []store.Alert{
			{Target: "a", Body: []byte(`{"n":1}`), Made: now, Due: now}, {Target: "b", Body: []byte("{}"), Made: now, Due: now},
			{Target: "a", Body: []byte(`{"n":2}`), Made: now.Add(time.Hour), Due: now},
		}, nil
	}))
	take := func(s *store.Store, target string, want string) store.Alert {
		t.Helper()
		a, taken, err := s.TakeAlert(t.Context(), target, now, now.Add(time.Minute))
		must(t, err)
		if got := fmt.Sprint(taken, " ", string(a.Body)); got != want {
			t.Errorf("taken from %s was %s, want %s", target, got, want)
		}
		return a
	}
	a := take(s, "a", `true {"n":1}`)
	take(open(t), "a", `false {"n":1}`) // another process is at it
	take(s, "nowhere", "false ")
	now = now.Add(2 * time.Minute)
	late := take(open(t), "a", `true {"n":1}`) // which ended
	must(t, s.DropAlert(t.Context(), a))
	late.Due = now.Add(time.Hour)
	must(t, s.PutBack(t.Context(), late))
	if first := take(s, "a", `false {"n":1}`); !first.Due.Equal(late.Due) || first.Tries != 2 {
		t.Errorf("put back was %+v", first)
	}
	now = late.Due
	must(t, s.DropAlert(t.Context(), take(s, "a", `true {"n":1}`)))
	take(s, "a", `true {"n":2}`)
	if n, err := s.Alerts(t.Context()); err != nil || n != 2 {
		t.Errorf("%d alerts, %v", n, err)
	}
	old, err := s.ExpireAlerts(t.Context(), epoch.Add(time.Second))
	if err != nil || len(old) != 1 || old[0].Target != "b" {
		t.Errorf("expired are %+v, %v", old, err)
	}
	if n, err := s.Alerts(t.Context()); err != nil || n != 1 {
		t.Errorf("%d alerts, %v", n, err)
	}
}

func summaries(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 3)
	f.Position, f.Number = 4, 4
	must(t, s.Commit(t.Context(), store.Commit{ // a number that is kept for an article without its page is no publication
		Feed: f, Articles: []store.Article{{Position: 4, State: store.Waiting, Reason: store.LacksPage, Released: epoch.Add(9 * time.Hour)}},
		Enrichment: store.Enrichment{Listed: []store.Listed{{Position: 4, Number: 4, Since: epoch, Due: epoch}}},
	}))
	_, err := s.Feed(t.Context(), "empty", "urn:x:empty")
	must(t, err)
	must(t, s.SaveDue(t.Context(), map[string]time.Time{"world": epoch.Add(time.Hour)}))
	must(t, s.SaveTally(t.Context(), store.Tally{Refreshed: map[string]time.Time{"world": epoch, "unknown": epoch}}))
	all, err := open(t).Summaries(t.Context())
	must(t, err)
	want := store.Summary{Articles: 3, LastNew: live(3).Released, Refreshed: epoch, Due: epoch.Add(time.Hour)}
	if len(all) != 2 || all["world"] != want || all["empty"] != (store.Summary{}) {
		t.Errorf("summaries are %+v", all)
	}
}
