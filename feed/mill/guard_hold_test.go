package mill_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// web is a source that remembers a validator, as those on the web do, and is asked for what it has.
type web struct {
	version string
	feed.Batch
	err    error
	asked  []string // the validators it was asked with
	linker func(feed.Article) (string, error)
}

func (w *web) Fetch(_ context.Context, m feed.Memory) (feed.Batch, error) {
	validator := string(m.Get("validator"))
	w.asked = append(w.asked, validator)
	if w.err != nil {
		return feed.Batch{}, w.err
	}
	if validator == w.version {
		return feed.Batch{Extent: feed.Unchanged}, nil
	}
	m.Put("validator", []byte(w.version))
	return w.Batch, nil
}

func (w *web) Linker() func(feed.Article) (string, error) { return w.linker }

// serve is a stand whose source is on the web and has given forty articles.
func serve(t *testing.T) (*stand, *web) {
	t.Helper()
	s := newStand(t)
	w := &web{}
	s.feed.Guard, s.feed.Limit.Articles = usual, 100
	s.feed.Sources[0].Source = w
	s.look(w, "forty", listing(alice.articles(1, 40)...), "")
	return s, w
}

// look refreshes with what the source has now, half an hour after the last time. held is what the error says of it, or
// empty.
func (s *stand) look(w *web, version string, b feed.Batch, held string) mill.Report {
	s.Helper()
	s.now = s.now.Add(29 * time.Minute)
	w.version, w.Batch = version, b
	r, err := s.tick()
	switch {
	case held == "" && err != nil:
		s.Fatalf("refresh: %v", err)
	case held != "" && (feed.ClassOf(err) != feed.Suspicious || !strings.Contains(err.Error(), held)):
		s.Fatalf("the error is %v, want one of %s", err, held)
	}
	return r
}

func (s *stand) wantCount(n int) {
	s.Helper()
	if got := len(s.entries()); got != n {
		s.Fatalf("the feed holds %d articles, want %d", got, n)
	}
}

func (s *stand) accept(source string) ([]string, error) {
	s.Helper()
	_, accepted, err := s.mill.Accept(s.Context(), s.feed, source)
	return accepted, err
}

func three() feed.Batch { return listing(alice.articles(41, 43)...) }

func TestAHeldBatchMovesNoValidator(t *testing.T) {
	s, w := serve(t)
	s.look(w, "three", three(), "3 of 40")
	s.look(w, "three", three(), "3 of 40")
	s.wantCount(40)
	if got := fmt.Sprint(w.asked); got != "[ forty forty]" {
		t.Errorf("it was asked with %s", got)
	}
	s.look(w, "forty", feed.Batch{}, "") // as it was: unchanged
	s.look(w, "three", three(), "3 of 40")
	s.look(w, "three", three(), "3 of 40") // what went before counts no more
	s.wantCount(40)
}

func TestTheSameBatchAgainIsBelievedInTheEnd(t *testing.T) {
	s, w := serve(t)
	s.look(w, "three", three(), "3 of 40")
	s.look(w, "three", three(), "3 of 40")
	w.err = feed.Classify(feed.Unavailable, errors.New("down"))
	if _, err := s.tick(); err == nil {
		t.Error("a failure gave no error")
	}
	w.err = nil
	s.look(w, "three, read again", three(), "")
	s.wantCount(43)
	s.look(w, "three, read again", three(), "")
	if w.asked[len(w.asked)-1] != "three, read again" {
		t.Errorf("it was asked with %q", w.asked)
	}
	if accepted, err := s.accept(""); len(accepted) > 0 || err != nil {
		t.Errorf("still held: %v, %v", accepted, err)
	}
}

func TestLooksBesideTheScheduleDoNotCount(t *testing.T) {
	s, w := serve(t)
	s.feed.Guard.Apart = 15 * time.Minute
	s.look(w, "three", three(), "3 of 40")
	for range 10 {
		if _, err := s.tick(); feed.ClassOf(err) != feed.Suspicious {
			t.Fatalf("the error is %v", err)
		}
	}
	s.look(w, "three", three(), "3 of 40")
	s.look(w, "three", three(), "")
	s.wantCount(43)
}

func TestNeverIsNever(t *testing.T) {
	s, w := serve(t)
	s.feed.Guard.ReleaseAfter = 0
	for range 20 {
		s.look(w, "three", three(), "3 of 40")
	}
	s.wantCount(40)
}

func TestAnotherSuspiciousBatchTakesThePlace(t *testing.T) {
	s, w := serve(t)
	for n := range 6 { // no two are the same
		s.look(w, fmt.Sprint(n), listing(alice.articles(41+n, 43+n)...), "3 of 40")
	}
	s.wantCount(40)
	if accepted, err := s.accept(""); err != nil || fmt.Sprint(accepted) != "[files]" {
		t.Fatalf("accepted %v, %v", accepted, err)
	}
	got := s.entries()
	if got[alice.article(48).Title].id == "" || got[alice.article(41).Title].id != "" {
		t.Errorf("the feed holds %v", s.titles())
	}
	s.look(w, "5", feed.Batch{}, "") // what was accepted is known
}

func TestAGoodBatchClearsWhatWasHeld(t *testing.T) {
	s, w := serve(t)
	s.look(w, "three", three(), "3 of 40")
	s.look(w, "well", listing(alice.articles(2, 41)...), "")
	s.wantCount(41)
	if accepted, err := s.accept(""); len(accepted) > 0 || err != nil {
		t.Errorf("accepted %v, %v", accepted, err)
	}
	s.wantCount(41)
}

func TestAGuardThatIsTurnedOffLetsGo(t *testing.T) {
	s, w := serve(t)
	s.look(w, "three", three(), "3 of 40")
	s.feed.Guard.Shrink = 0
	s.look(w, "three", three(), "")
	s.wantCount(43)
}

// What an origin did once, and was believed, it may do again: a page of today's news begins anew each night.
func TestWhatIsUsualIsNotHeld(t *testing.T) {
	s, w := serve(t)
	s.look(w, "night", three(), "3 of 40")
	if _, err := s.accept(""); err != nil {
		t.Fatal(err)
	}
	for day := 1; day < 5; day++ { // the last one is two months after the first
		s.now = s.now.Add(20 * 24 * time.Hour)
		from := 40 * day
		s.look(w, fmt.Sprint("evening", day), listing(alice.articles(from+1, from+40)...), "")
		s.look(w, fmt.Sprint("night", day), listing(alice.articles(from+41, from+43)...), "")
	}
	s.look(w, "full", listing(alice.articles(200, 240)...), "")
	s.now = s.now.Add(60 * 24 * time.Hour) // long ago it was usual
	s.look(w, "few", listing(alice.articles(1, 2)...), "2 of 41")
}

// A site that became another one is held again, however often the clock let it go.
func TestAnotherSiteIsNeverUsualByItself(t *testing.T) {
	s, w := serve(t)
	casino := press{"casino.example", "Win tonight"}
	for i := range 3 {
		now := listing(casino.articles(100*i, 100*i+19)...)
		s.look(w, "casino", now, "none of the 20")
		s.look(w, "casino", now, "none of the 20")
		s.look(w, "casino", now, "")
		s.look(w, fmt.Sprint("well", i), listing(alice.articles(1, 40)...), "")
	}
}

// A page without dates that has all new items each day looks the same, until an operator says that it is so.
func TestAPageThatIsNewEachDayIsAcceptedOnce(t *testing.T) {
	s, w := serve(t)
	s.look(w, "monday", listing(alice.articles(100, 119, undated)...), "not dated later")
	if _, err := s.accept(""); err != nil {
		t.Fatal(err)
	}
	for day := range 3 {
		s.now = s.now.Add(25 * 24 * time.Hour)
		s.look(w, fmt.Sprint(day), listing(alice.articles(100*day+200, 100*day+219, undated)...), "")
	}
}

func TestWhatIsWrongWithAHeldBatchIsToldOnce(t *testing.T) {
	s, w := serve(t)
	told := func(b feed.Batch) bool {
		t.Helper()
		b.Problems = []error{&feed.Problem{Where: "item 2", Err: errors.New("its date is odd")}}
		r := s.look(w, "three", b, "3 of 40")
		return len(r.Outcomes) > 0 && r.Outcomes[0].Key == "item 2"
	}
	for i, want := range []bool{true, false} {
		if told(three()) != want {
			t.Errorf("look %d: told: %v", i, !want)
		}
	}
	if !told(listing(alice.articles(51, 53)...)) {
		t.Error("of another batch nothing is told")
	}
}

func TestAcceptNeedsNoFetch(t *testing.T) {
	s, w := serve(t)
	w.linker = func(a feed.Article) (string, error) { return "https://news.example/" + a.Slug, nil }
	s.look(w, "three", listing(func() []feed.Article {
		all := alice.articles(41, 43)
		all[0].Link, all[0].ID, all[0].Slug = "", "", "own"
		return all
	}()...), "3 of 40")
	asked := len(w.asked)
	if accepted, err := s.accept("nobody"); err == nil || len(accepted) > 0 || !strings.Contains(err.Error(), "it does of files") {
		t.Errorf("accepted %v, %v", accepted, err)
	}
	if accepted, err := s.accept("files"); err != nil || fmt.Sprint(accepted) != "[files]" {
		t.Fatalf("accepted %v, %v", accepted, err)
	}
	s.wantCount(43)
	if got := s.entries()[alice.article(43).Title].link; got != "https://news.example/own" {
		t.Errorf("its link is %s", got)
	}
	if len(w.asked) != asked {
		t.Error("the source was asked")
	}
	if accepted, err := s.accept(""); err != nil || len(accepted) > 0 {
		t.Errorf("accepted again: %v, %v", accepted, err)
	}
	s.look(w, "three", feed.Batch{}, "")
	if w.asked[len(w.asked)-1] != "three" {
		t.Errorf("it was asked with %q", w.asked)
	}
}

func TestOnlyTheSuspiciousSourceIsHeld(t *testing.T) {
	s, w := serve(t)
	bob := &script{quiet: true, batch: listing(press{"bob.example", "Bob"}.articles(1, 5)...)}
	s.feed.Sources = append(s.feed.Sources, mill.Source{Name: "bob", Digest: "bob", Source: bob})
	r := s.look(w, "three", three(), "feedmill accept world files")
	s.wantCount(45)
	if !r.Partial || fmt.Sprint(r.Answered) != "[bob]" {
		t.Errorf("partial: %v, answered: %v", r.Partial, r.Answered)
	}
}

func TestAFeedOfAListIsHeldForItself(t *testing.T) {
	s := newStand(t)
	w := &web{}
	s.feed.Guard, s.feed.Limit.Articles = usual, 100
	s.feed.Sources = []mill.Source{{Name: "friends", Digest: "friends", Expander: &list{children: map[string]feed.Source{"https://alice.example/feed.xml": w}}}}
	s.look(w, "forty", listing(alice.articles(1, 40)...), "")
	s.look(w, "three", three(), "feedmill accept world 'friends https://alice.example/feed.xml'")
	if accepted, err := s.accept("friends https://alice.example/feed.xml"); err != nil || len(accepted) != 1 {
		t.Fatalf("accepted %v, %v", accepted, err)
	}
	s.wantCount(43)
}

// mortal is a ledger whose process dies in the middle of a write.
type mortal struct {
	*store.Store
	dead bool
}

var errKilled = errors.New("killed")

func (m *mortal) Commit(ctx context.Context, c store.Commit) error {
	if m.dead {
		return errKilled
	}
	return m.Store.Commit(ctx, c)
}

func (m *mortal) Hold(ctx context.Context, serial int64, h store.Holding, memory map[string]map[string][]byte) error {
	if m.dead {
		return errKilled
	}
	return m.Store.Hold(ctx, serial, h, memory)
}

func TestWhatIsHeldOutlivesTheProcess(t *testing.T) {
	s, w := serve(t)
	path := filepath.Join(t.TempDir(), "state.db")
	open := func() *mortal {
		t.Helper()
		st, err := sqlite.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		m := &mortal{Store: st}
		s.mill = mill.New(m, m, func() time.Time { return s.now })
		return m
	}
	die := func(m *mortal, version string, b feed.Batch) *mortal {
		t.Helper()
		m.dead = true
		s.now = s.now.Add(30 * time.Minute)
		w.version, w.Batch = version, b
		if _, err := s.tick(); !errors.Is(err, errKilled) {
			t.Fatalf("the error is %v", err)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		return open()
	}
	m := open()
	s.look(w, "forty", listing(alice.articles(1, 40)...), "")
	m = die(m, "three", three())
	s.look(w, "three", three(), "3 of 40")
	m = die(m, "three", three())
	s.look(w, "three", three(), "3 of 40") // the one that died did not count
	m = die(m, "three", three())           // it would have been believed
	s.wantCount(40)
	if held, err := m.Held(t.Context(), 1); err != nil || len(held) != 1 || held[0].Times != 2 || held[0].Name != "files" {
		t.Errorf("held are %+v, %v", held, err)
	}
	s.look(w, "three", three(), "")
	s.wantCount(43)
	if held, err := m.Held(t.Context(), 1); err != nil || len(held) > 0 {
		t.Errorf("held are %+v, %v", held, err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAHundredThousandStrangers(t *testing.T) {
	s, w := serve(t)
	flood := listing(press{"casino.example", "Win tonight"}.articles(1, 100_000)...)
	begin := time.Now()
	r := s.look(w, "flood", flood, "none of the 100000 articles is known")
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if len(r.Held) != 1 || len(r.Held[0].Articles) != 20 {
		t.Errorf("the report names %d", len(r.Held[0].Articles))
	}
	s.wantCount(40)
}
