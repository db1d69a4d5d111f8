package storetest

import (
	"fmt"
	"testing"
	"time"

	"feedmill/feed/store"
)

func held(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 4)
	etag := map[string]map[string][]byte{"source": {"etag": []byte("v2")}}
	one := store.Held{
		Source: "source", Name: "files", Hash: "h1", Reason: "odd", Times: 1, First: epoch, Last: epoch, Batch: []byte(`{"a":1}`),
	}
	other := store.Held{Source: "other", Name: "a first", Hash: "h1", Reason: "empty", Times: 2, First: epoch, Last: epoch.Add(time.Hour), Batch: []byte{}}
	must(t, s.Hold(t.Context(), f.Serial, store.Holding{Held: []store.Held{one, other}}, etag))
	want := func(serial int64, want ...store.Held) {
		t.Helper()
		got, err := open(t).Held(t.Context(), serial)
		must(t, err)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("held are %v, want %v", got, want)
		}
	}
	want(f.Serial, other, one)
	want(f.Serial + 1)
	memory, err := open(t).Memory(t.Context(), f.Serial, "source")
	must(t, err)
	if string(memory["etag"]) != "v2" {
		t.Errorf("remembered is %q", memory["etag"])
	}
	for hash, times := range map[string]int{"h1": 1, "h2": 0} {
		looks, err := s.Looks(t.Context(), f.Serial, "source", hash)
		must(t, err)
		if looks.Times != times || looks.Last.IsZero() != (times == 0) {
			t.Errorf("of %s there were %+v", hash, looks)
		}
	}
	one.Hash, one.Times = "h2", 7
	holding := store.Holding{Held: []store.Held{one}, Settled: []string{"other"}}
	fenced := f
	fenced.Revision--
	if err := s.Commit(t.Context(), store.Commit{Feed: fenced, Holding: holding}); err == nil {
		t.Error("a fenced commit was taken")
	}
	want(f.Serial, other, store.Held{Source: "source", Name: "files", Hash: "h1", Reason: "odd", Times: 1, First: epoch, Last: epoch, Batch: []byte(`{"a":1}`)})
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Holding: holding}))
	want(f.Serial, one)
}

func there(t *testing.T, open func(*testing.T) *store.Store) {
	s, f := filled(t, open, 6)
	var articles []store.Article
	for i := int64(1); i <= 6; i++ {
		a := live(i)
		a.Source, a.Gone = "source", i == 1
		switch i {
		case 2:
			a.Key = ""
		case 3:
			a.Source = "other"
		}
		articles = append(articles, a)
	}
	must(t, s.Commit(t.Context(), store.Commit{Feed: f, Articles: articles}))
	for atMost, want := range map[int]int{2: 2, 3: 3, 100: 3} {
		n, err := s.There(t.Context(), f.Serial, atMost, []string{"nobody", "other"})
		must(t, err)
		if n != want {
			t.Errorf("of at most %d there are %d, want %d", atMost, n, want)
		}
	}
	if n, err := s.There(t.Context(), f.Serial, 100, nil); err != nil || n != 4 {
		t.Errorf("in the whole feed there are %d, %v", n, err)
	}
	newest, err := s.Newest(t.Context(), f.Serial)
	must(t, err)
	if !newest.Equal(epoch.Add(6 * time.Hour)) {
		t.Errorf("the newest appeared %s", newest)
	}
	if newest, err = s.Newest(t.Context(), f.Serial+1); err != nil || !newest.IsZero() {
		t.Errorf("of nothing the newest appeared %s, %v", newest, err)
	}
}
