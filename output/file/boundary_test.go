package file

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
)

func TestUnfitNames(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "public")
	o := open(t, dir)
	write(t, filepath.Join(base, "outside.rss"), "mine")
	for _, path := range []string{
		"../outside.rss", "a/../../outside.rss", "/etc/x.rss", "a//b.rss", "./a.rss", "a/./b.rss", "a/..", "a\\b.rss",
		"..\\outside.rss", "nul\x00.rss", "broken\xff.rss", "", tempName(),
	} {
		doc := rss(path, "bad")
		good := rss("good.rss", "good "+path)
		err := o.Publish(t.Context(), feed.Release{Documents: []feed.Document{doc, good}})
		if err == nil || feed.ClassOf(err) != feed.Internal {
			t.Errorf("Publish(%q) = %v (%s), want an internal error", path, err, feed.ClassOf(err))
		}
		if got := content(t, filepath.Join(dir, "good.rss")); got != "good "+path {
			t.Errorf("after %q the good document holds %q", path, got)
		}
	}
	for _, path := range []string{"../outside.rss", "a/../../outside.rss", "/" + base + "/outside.rss"} {
		if err := o.Publish(t.Context(), feed.Release{Removed: []string{path}}); err == nil {
			t.Errorf("Removed %q is accepted", path)
		}
	}
	if got := tree(t, base); !slices.Equal(got, []string{"outside.rss", "public/", "public/good.rss"}) {
		t.Errorf("left behind: %v", got)
	}
}

// TestLinkOutOfTheFolder plants a symbolic link that a document's name goes through.
func TestLinkOutOfTheFolder(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "public")
	o := open(t, dir)
	write(t, filepath.Join(base, "secret", "world.rss"), "mine")
	if err := os.Symlink("../secret", filepath.Join(dir, "world")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("../secret/world.rss", filepath.Join(dir, "direct.rss")); err != nil {
		t.Skip(err)
	}
	err := o.Publish(t.Context(), feed.Release{
		Documents: []feed.Document{rss("world/world.rss", "bad"), rss("direct.rss", "new")},
		Removed:   []string{"world/other.rss"},
	})
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "world", "world.rss")) {
		t.Errorf("Publish through a link = %v", err)
	}
	if got := tree(t, filepath.Join(base, "secret")); !slices.Equal(got, []string{"world.rss"}) {
		t.Errorf("the folder outside holds %v", got)
	}
	if got := content(t, filepath.Join(base, "secret", "world.rss")); got != "mine" {
		t.Errorf("the file outside was changed to %q", got)
	}
	if got := content(t, filepath.Join(dir, "direct.rss")); got != "new" {
		t.Errorf("direct.rss = %q", got)
	}
}

func TestForeignFilesStay(t *testing.T) {
	dir := t.TempDir()
	foreign := []string{
		".feedmill-notes.tmp", ".htaccess", "world/a/own.txt", "world/a/gone/picture.png", "empty.rss/", "robots.txt",
		"sub/.feedmill-" + strings.Repeat("a", tempLength) + ".tmp", "keep/",
	}
	for _, name := range foreign {
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, filepath.Join(dir, name), "mine "+name)
	}
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{
		rss("world.rss", "x"),
		feed.NewDocument("world/a/gone", feed.TypeHTML, modified, []byte("page")),
		feed.NewDocument("keep/a/gone", feed.TypeHTML, modified, []byte("page")),
	}})
	publish(t, o, feed.Release{Removed: []string{"world.rss", "world/a/gone", "empty.rss", "never.rss", "robots.txt/x.rss"}})
	for _, name := range foreign {
		if strings.HasSuffix(name, "/") {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
				t.Errorf("foreign folder %s is gone: %v", name, err)
			}
		} else if got := content(t, filepath.Join(dir, name)); got != "mine "+name {
			t.Errorf("%s = %q", name, got)
		}
	}
}

func TestRemoveTidiesFolders(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	publish(t, o, feed.Release{Documents: []feed.Document{
		rss("teams/red.rss", "x"),
		feed.NewDocument("teams/red/", feed.TypeHTML, modified, []byte("page")),
		feed.NewDocument("teams/red/a/one", feed.TypeHTML, modified, []byte("page")),
		feed.NewDocument("teams/red/a/two", feed.TypeHTML, modified, []byte("page")),
	}})
	steps := []struct {
		removed []string
		left    []string
	}{
		{[]string{"teams/red/a/one"}, []string{"teams/", "teams/red/", "teams/red/a/", "teams/red/a/two/",
			"teams/red/a/two/index.html", "teams/red/index.html", "teams/red.rss"}},
		{[]string{"teams/red/a/two", "teams/red/"}, []string{"teams/", "teams/red.rss"}},
		{[]string{"teams/red.rss", "teams/red.rss"}, nil},
	}
	for _, s := range steps {
		publish(t, o, feed.Release{Removed: s.removed})
		if got := tree(t, dir); !slices.Equal(got, s.left) {
			t.Errorf("after removing %v: %v, want %v", s.removed, got, s.left)
		}
	}
}

// TestDocumentBeatsRemoval covers a release that names one file both ways.
func TestDocumentBeatsRemoval(t *testing.T) {
	dir := t.TempDir()
	publish(t, open(t, dir), feed.Release{Documents: []feed.Document{rss("world.rss", "x")}, Removed: []string{"world.rss"}})
	if got := content(t, filepath.Join(dir, "world.rss")); got != "x" {
		t.Errorf("world.rss = %q", got)
	}
}

func TestLeftoversAreSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{tempName(), "world/a/" + tempName(), "world/" + tempName()} {
		write(t, filepath.Join(dir, name), "half")
	}
	folder := tempName()
	if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if _, err := New(Config{Dir: dir}, "", slog.New(slog.NewTextHandler(&log, nil))); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !slices.Equal(got, []string{folder + "/", "world/", "world/a/"}) {
		t.Errorf("left: %v", got)
	}
	if !strings.Contains(log.String(), "files=3") {
		t.Errorf("the log does not tell of the three files: %s", log.String())
	}
}

// TestSharedFolderChurn publishes and removes two feeds whose folder is empty in between, while another process starts
// and sweeps: neither may see the other's doings as a failure.
func TestSharedFolderChurn(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	var writers sync.WaitGroup
	for _, name := range []string{"shared/deep/one.rss", "shared/deep/two.rss"} {
		writers.Go(func() {
			for range 150 {
				for _, r := range []feed.Release{{Documents: []feed.Document{rss(name, name)}}, {Removed: []string{name}}} {
					if err := o.Publish(t.Context(), r); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for range 5 {
		time.Sleep(10 * time.Millisecond)
		open(t, dir)
	}
	writers.Wait()
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}
