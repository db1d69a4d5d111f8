package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"feedmill/source/sourcetest"
)

// TestKilledWhileRowsChange kills the daemon ten times while a table is written: every row is in the feed exactly once, as
// it was last written, and none that was withdrawn. The writers' transactions overlap, so that what began first is not
// seen first. With FEEDMILL_TEST_SOAK=1 there are 100,000 rows.
func TestKilledWhileRowsChange(t *testing.T) {
	rows, lives := 3_200, 2*time.Second
	switch {
	case os.Getenv("FEEDMILL_TEST_SOAK") != "":
		rows, lives = 100_000, 25*time.Second
	case testing.Short():
		t.Skip("it takes half a minute")
	default:
		t.Parallel()
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	ledger := &ledger{db: sourcetest.Postgres(t), written: map[int]record{}, total: rows, pace: lives * 10 * 9 / 10}
	ledger.db.Exec(t, "CREATE TABLE news (id int PRIMARY KEY, title text, updated_at timestamptz NOT NULL, gone boolean NOT NULL DEFAULT false)",
		"CREATE INDEX ON news (updated_at)")
	s := openSite(t, seed)
	words := fmt.Sprintf(`base_url: http://%[1]s
state: ./feedmill.db
server: {listen: %[1]s}
admin: {listen: %[2]s}
feeds:
  world:
    schedule: "@every 1s"
    limit: 100
    formats: [rss]
    source:
      sql:
        dsn: %[3]s
        query: |
          SELECT id, title, 'https://news.example.org/' || id AS link, title AS content, updated_at AS updated, gone AS withdrawn
          FROM news WHERE updated_at >= :since ORDER BY updated_at LIMIT 500
`, s.listen, ownAddress(t, rand.New(rand.NewPCG(seed, 4))), ledger.db.DSN)
	if err := os.WriteFile(filepath.Join(s.folder, "feedmill.yaml"), []byte(words), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wait sync.WaitGroup
	for writer := range writers {
		wait.Go(func() {
			if err := ledger.write(ctx, writer, rand.New(rand.NewPCG(seed, uint64(10+writer)))); err != nil {
				t.Error(err)
			}
		})
	}
	dice := rand.New(rand.NewPCG(seed, 5))
	for range 10 {
		l := s.start()
		if !l.liveFor(lives/2 + time.Duration(dice.Int64N(int64(lives)))) {
			t.Errorf("the daemon ended by itself: %v", l.err)
		}
		l.kill()
	}
	wait.Wait()
	s.build()
	s.build()
	ids := ledger.compare(t, s.state)
	l := s.start()
	l.awaitListening()
	compareDocuments(t, "http://"+s.listen+"/world.rss", ids)
	l.stop()
	if t.Failed() {
		s.showLog()
	}
}

// writers is how many write side by side.
const writers = 4

// ledger knows what was written.
type ledger struct {
	db    *sourcetest.Database
	total int
	pace  time.Duration // that writing takes in all

	mu      sync.Mutex
	written map[int]record
	changes int
}

// record is a row as it was last committed.
type record struct {
	title string
	gone  bool
}

// write writes the rows of one writer, some in each transaction, and changes others that it has written before.
func (l *ledger) write(ctx context.Context, writer int, dice *rand.Rand) error {
	const batch = 20
	mine := l.total / writers
	each := l.pace / time.Duration(mine/batch)
	for next := 0; next < mine && ctx.Err() == nil; {
		begun := time.Now()
		tx, err := l.db.DB.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		changed := map[int]record{}
		for range batch {
			id := writer*mine + next
			next++
			changed[id] = record{title: fmt.Sprintf("Row %d version 1", id)}
			if err := put(ctx, tx, id, changed[id]); err != nil {
				return err
			}
		}
		for version := range 4 {
			id := writer*mine + dice.IntN(next)
			r := record{fmt.Sprintf("Row %d version %d-%d", id, next, version), dice.IntN(3) == 0}
			changed[id] = r
			if err := put(ctx, tx, id, r); err != nil {
				return err
			}
		}
		time.Sleep(time.Duration(dice.Int64N(int64(each)))) // all rows are dated by the beginning of the transaction
		if err := tx.Commit(); err != nil {
			return err
		}
		l.mu.Lock()
		maps.Copy(l.written, changed)
		l.changes += len(changed)
		l.mu.Unlock()
		time.Sleep(each - time.Since(begun))
	}
	return nil
}

func put(ctx context.Context, tx *sql.Tx, id int, r record) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO news VALUES ($1, $2, now(), $3) ON CONFLICT (id) DO UPDATE SET title = $2, updated_at = now(), gone = $3`,
		id, r.title, r.gone)
	return err
}

// compare compares the state with what was written, and returns the public ids of what is to be read.
func (l *ledger) compare(t *testing.T, state string) map[string]bool {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+state+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT given, id, state, body FROM article`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	ids, met, withdrawn := map[string]bool{}, map[string]bool{}, 0
	for rows.Next() {
		var given, id, state, body string
		var said struct{ Title string }
		if err := rows.Scan(&given, &id, &state, &body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatal(err)
		}
		var number int
		_, _ = fmt.Sscan(given, &number)
		r, ok := l.written[number]
		switch {
		case !ok || met[given]:
			t.Errorf("row %s is in the state twice or was never written", given)
		case r.gone == (state == "live"), !r.gone && said.Title != r.title:
			t.Errorf("row %s is %s and says %q; it was last written as %+v", given, state, said.Title, r)
		}
		met[given] = true
		if r.gone {
			withdrawn++
		} else {
			ids[id] = true
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(met) != l.total || len(l.written) != l.total {
		t.Errorf("the state has %d rows; %d were written", len(met), len(l.written))
	}
	t.Logf("%d rows, %d writes, %d withdrawn", len(met), l.changes, withdrawn)
	if withdrawn == 0 {
		t.Error("nothing was withdrawn; this proved nothing")
	}
	return ids
}

var (
	itemID       = regexp.MustCompile(`<guid[^>]*>([^<]+)</guid>`)
	olderArchive = regexp.MustCompile(`rel="prev-archive"[^>]* href="([^"]+)"`)
)

// compareDocuments reads the live document and all archives. Every article that is to be read stands in them, none twice
// in archives.
func compareDocuments(t *testing.T, address string, ids map[string]bool) {
	t.Helper()
	shown, live, all := map[string]bool{}, true, maps.Clone(ids)
	for documents := 1; ; documents++ {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", address, answer.Status, err)
		}
		here := map[string]bool{}
		for _, found := range itemID.FindAllSubmatch(body, -1) {
			id := string(found[1])
			if here[id] || shown[id] && !live {
				t.Errorf("%s holds %s, which was there before", address, id)
			}
			if !all[id] && !live {
				t.Errorf("%s holds %s, which is withdrawn or unknown", address, id)
			}
			here[id] = true
		}
		if !live { // an edited article is shown in the live document again
			for id := range here {
				shown[id] = true
			}
		}
		for id := range here {
			delete(ids, id)
		}
		live = false
		older := olderArchive.FindSubmatch(body)
		if older == nil {
			t.Logf("%d documents", documents)
			break
		}
		address = string(older[1])
	}
	if len(ids) > 0 {
		t.Errorf("%d articles are in no document", len(ids))
	}
}
