package daemon

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"feedmill/feed"
	"feedmill/feed/store"
	"feedmill/feed/store/sqlite"
)

// keeper is a daemon that only keeps its state, which holds one article.
func keeper(t *testing.T) (d *Daemon, path string, log *bytes.Buffer) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	f, err := s.Feed(t.Context(), "world", "urn:x:feed")
	if err != nil {
		t.Fatal(err)
	}
	f.Position = 1
	article := store.Article{Position: 1, State: store.Live, ID: "urn:x:1", Said: feed.Article{Title: "A"}}
	if err := s.Commit(t.Context(), store.Commit{Feed: f, Articles: []store.Article{article}}); err != nil {
		t.Fatal(err)
	}
	log = new(bytes.Buffer)
	return &Daemon{Settings: Settings{Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil))}, store: s}, path, log
}

// A daemon keeps the backups of seven days. A failure is said once, harms nothing, and passes.
func TestADaemonKeepsBackups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, path, log := keeper(t)
		if later, err := examine(t.Context(), path); later || err != nil {
			t.Fatal(later, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- d.keep(ctx, path, false) }()
		backups := func() []string {
			synctest.Wait()
			found, err := sqlite.Backups(path)
			if err != nil {
				t.Error(err)
			}
			return found
		}
		if n := len(backups()); n != 1 {
			t.Errorf("at the start there are %d backups", n)
		}
		time.Sleep(9 * 24 * time.Hour)
		if got := backups(); len(got) != 7 || filepath.Base(got[0]) != time.Now().UTC().Format(time.DateOnly)+".db" {
			t.Errorf("after nine days there are %q", got)
		}
		if n := strings.Count(log.String(), "state backed up"); n != 10 {
			t.Errorf("%d backups were logged:\n%s", n, log)
		}
		folder := path + ".backups"
		if err := os.Rename(folder, folder+" away"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(folder, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * 24 * time.Hour)
		synctest.Wait()
		if n := strings.Count(log.String(), "state not backed up"); n != 1 {
			t.Errorf("the failure was logged %d times:\n%s", n, log)
		}
		if err := errors.Join(os.Remove(folder), os.Rename(folder+" away", folder)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if got := backups(); len(got) != 7 || filepath.Base(got[0]) != time.Now().UTC().Format(time.DateOnly)+".db" {
			t.Errorf("when it was over there are %q", got)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A large state is examined beside the work; when it turns out to be damaged the work ends, before a backup is made of it.
func TestDamageFoundLateEndsTheDaemon(t *testing.T) {
	d, _, _ := keeper(t)
	path := filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no pages"), smallState/8+1), 0o600); err != nil {
		t.Fatal(err)
	}
	later, err := examine(t.Context(), path)
	if !later || err != nil {
		t.Errorf("a large state holds up the start: %v", err)
	}
	if err := d.keep(t.Context(), path, later); !errors.Is(err, sqlite.ErrDamaged) {
		t.Errorf("the daemon goes on: %v", err)
	}
	if found, err := sqlite.Backups(path); err != nil || len(found) > 0 {
		t.Errorf("it was backed up: %q, %v", found, err)
	}
}
