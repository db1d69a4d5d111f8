package file

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/output/outputtest"
)

var modified = time.Date(2026, 11, 20, 6, 30, 15, 0, time.UTC)

func open(t testing.TB, dir string) *Output {
	t.Helper()
	o, err := New(Config{Dir: dir}, "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func publish(t testing.TB, o *Output, r feed.Release) {
	t.Helper()
	if err := o.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func rss(path, body string) feed.Document {
	return feed.NewDocument(path, feed.TypeRSS, modified, []byte(body))
}

// tree lists all files and folders below dir.
func tree(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if entry.IsDir() {
			name += "/"
		}
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names[1:]
}

func content(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t testing.TB, path, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSuite(t *testing.T) {
	dir := t.TempDir()
	outputtest.Run(t, open(t, dir), func(path string) ([]byte, bool) {
		mediaType := feed.TypeHTML
		if slices.Contains([]string{".rss", ".atom", ".json"}, filepath.Ext(path)) {
			mediaType = feed.TypeRSS
		}
		body, err := os.ReadFile(filepath.Join(dir, feed.FileName(path, mediaType)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
		return body, err == nil
	})
	for _, name := range tree(t, dir) {
		if strings.Contains(name, tempPrefix) {
			t.Errorf("temporary file %s is left", name)
		}
	}
}

func TestNewFolder(t *testing.T) {
	base := t.TempDir()
	if _, err := New(Config{Dir: "site/public"}, base, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, base); !slices.Equal(got, []string{"site/", "site/public/"}) {
		t.Errorf("New left %v", got)
	}
	for _, dir := range []string{"", "  "} {
		if _, err := New(Config{Dir: dir}, base, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "dir is missing") {
			t.Errorf("New with dir %q: %v", dir, err)
		}
	}
	write(t, filepath.Join(base, "taken"), "a file")
	_, err := New(Config{Dir: "taken"}, base, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), filepath.Join(base, "taken")) || feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("New on a file: %v (%s)", err, feed.ClassOf(err))
	}
}

func TestModesAndTimes(t *testing.T) {
	dir := t.TempDir()
	publish(t, open(t, dir), feed.Release{Documents: []feed.Document{rss("deep/er/world.rss", "x")}})
	for name, mode := range map[string]fs.FileMode{"deep": 0o755, "deep/er": 0o755, "deep/er/world.rss": 0o644} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&^mode != 0 || info.Mode().Perm()&0o400 == 0 {
			t.Errorf("%s has mode %v, want %v less the umask", name, info.Mode().Perm(), mode)
		}
		if !info.IsDir() && !info.ModTime().Equal(modified) {
			t.Errorf("%s has modification time %v, want the document's %v", name, info.ModTime(), modified)
		}
	}
}

func TestUnchangedIsNotTouched(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	r := feed.Release{Documents: []feed.Document{rss("world.rss", "same"), rss("other.rss", "one")}}
	publish(t, o, r)
	before, err := os.Stat(filepath.Join(dir, "world.rss"))
	if err != nil {
		t.Fatal(err)
	}
	old := modified.Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "world.rss"), old, old); err != nil {
		t.Fatal(err)
	}
	r.Documents[1] = rss("other.rss", "two")
	publish(t, o, r)
	after, err := os.Stat(filepath.Join(dir, "world.rss"))
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || !after.ModTime().Equal(old) {
		t.Error("an unchanged document was written again")
	}
	if got := content(t, filepath.Join(dir, "other.rss")); got != "two" {
		t.Errorf("other.rss = %q", got)
	}
}

// TestSameSizeOtherBytes keeps the comparison from trusting sizes and times.
func TestSameSizeOtherBytes(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "aaaa")}})
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "bbbb")}})
	if got := content(t, filepath.Join(dir, "world.rss")); got != "bbbb" {
		t.Errorf("world.rss = %q", got)
	}
}

// TestFolderVanishes takes the whole folder away between two releases, as a deployment script would.
func TestFolderVanishes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "public")
	o := open(t, dir)
	r := feed.Release{Documents: []feed.Document{rss("world.rss", "x")}}
	publish(t, o, r)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	publish(t, o, r)
	if got := content(t, filepath.Join(dir, "world.rss")); got != "x" {
		t.Errorf("world.rss = %q", got)
	}
}

func TestBrokenDocumentKeepsTheOld(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{rss("world.rss", "old")}})
	short := rss("world.rss", "cut short")
	short.Size++
	unread := rss("world.rss", "new")
	unread.Open = func() (io.ReadSeekCloser, error) { return nil, errors.New("gone") }
	for _, doc := range []feed.Document{short, unread} {
		err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{doc}})
		if feed.ClassOf(err) != feed.Internal || !strings.Contains(err.Error(), "world.rss") {
			t.Errorf("Publish = %v (%s)", err, feed.ClassOf(err))
		}
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"world.rss"}) || content(t, filepath.Join(dir, "world.rss")) != "old" {
		t.Errorf("left: %v", got)
	}
}

func TestSomethingInTheWay(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "world.rss", "mine"), "x")
	write(t, filepath.Join(dir, "world"), "x")
	o := open(t, dir)
	long := strings.Repeat("long", 80)
	err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{
		rss("world.rss", "a"), rss("world/x.rss", "b"), rss(long+".rss", "c"), rss("fine.rss", "d"),
	}})
	if err == nil || feed.ClassOf(err) != feed.Unavailable {
		t.Fatalf("Publish = %v (%s)", err, feed.ClassOf(err))
	}
	for _, want := range []string{filepath.Join(dir, "world.rss"), "move it away", "2 more"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), tempPrefix) {
		t.Errorf("%q names a temporary file", err)
	}
	err = o.Publish(t.Context(), feed.Release{Documents: []feed.Document{rss(long+".rss", "c")}})
	if err == nil || !strings.Contains(err.Error(), "shorter slug") {
		t.Errorf("a name too long: %v", err)
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"fine.rss", "world", "world.rss/", "world.rss/mine"}) {
		t.Errorf("left: %v", got)
	}
}

func TestCancelled(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := o.Publish(ctx, feed.Release{Feed: "world", Documents: []feed.Document{rss("world.rss", "x")}})
	if feed.ClassOf(err) != feed.Unavailable || !errors.Is(err, ctx.Err()) {
		t.Errorf("Publish = %v", err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}
