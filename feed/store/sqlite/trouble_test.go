package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
)

// A full disk is the disk's trouble, not ours: it is named, and it passes.
func TestAFullDiskIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	db, err := handle(path, "_pragma=max_page_count(2)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE article (body TEXT)`); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`INSERT INTO article VALUES ($1)`, strings.Repeat("many words ", 10000))
	if err == nil {
		t.Fatal("it found room")
	}
	explained := trouble(path)(err)
	if feed.ClassOf(explained) != feed.Unavailable || !strings.Contains(explained.Error(), path) ||
		!strings.Contains(explained.Error(), "make room") || !errors.Is(explained, err) {
		t.Errorf("the error is %v, of class %s", explained, feed.ClassOf(explained))
	}
	other := errors.New("a bug")
	if got := trouble(path)(other); !errors.Is(got, other) || got.Error() != other.Error() {
		t.Error("an error that is not the database's is changed")
	}
}
