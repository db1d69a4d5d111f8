package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccess(t *testing.T) {
	c := load(t, "testdata/good/access.yaml")
	feeds := map[string]Feed{}
	for _, f := range c.Feeds {
		feeds[f.Key] = f
	}
	for key, want := range map[string]struct{ outputs, readers string }{
		"world":  {"site vault", "everybody"},
		"open":   {"site vault", "everybody"},
		"inside": {"vault", "alice=hunter2-hunter2-hunter2 Bob Smith=0123456789012345 carol=~hunter.hunter_hunter-"},
		"board":  {"vault", "alice=hunter2-hunter2-hunter2 Smith, Bob=0123456789abcdef"},
		"desk":   {"", ""},
		"closed": {"vault", ""},
	} {
		f := feeds[key]
		equal(t, key+" goes to", strings.Join(f.Outputs, " "), want.outputs)
		if f.Access == nil {
			equal(t, key+" is for", "everybody", want.readers)
			continue
		}
		var readers []string
		for _, r := range f.Access.Readers {
			readers = append(readers, r.Name+"="+r.Token.Reveal())
		}
		equal(t, key+" is for", strings.Join(readers, " "), want.readers)
	}
}

// TestReadersFile holds what is wrong in a file of readers to its place in that file, and to messages that show no token.
func TestReadersFile(t *testing.T) {
	const secret = "hunter2-hunter2-hunter2"
	for _, c := range []struct{ text, want string }{
		{"name,token\nalice," + secret + "\nalice,other-" + secret, "readers.csv:3:1: there is already a reader alice, on line 2"},
		{"alice," + secret + "\n\nbob," + secret, "readers.csv:3:1: the token of bob is also that of the reader on line 1"},
		{"alice,hunter2", "readers.csv:1:1: the token of alice has fewer than 16"},
		{"alice;" + secret, "readers.csv:1:1: has 1 fields; write name,token"},
		{"alice," + secret + ",admin", "readers.csv:1:1: has 3 fields"},
		{"alice,\"" + secret, "readers.csv:1:"},
		{"alice,hunt\"er2-hunter2-hunter2", "readers.csv:1:"},
		{"," + secret, "readers.csv:1:1: a reader needs a name"},
		{"alice,x" + secret + "\nname,token", "readers.csv:2:1: the token of name has fewer"},
		{"alice,\xff\xfe" + secret, "readers.csv:1:1: the token of alice may hold letters"},
		{strings.Repeat("# much\n", maxReaders/6), "feedmill.yaml:3:57: feeds.world.access.file: readers.csv cannot be read: it is larger than"},
	} {
		path := write(t, "server: {}\nfeeds:\n  world: {source: {files: '*.md'}, access: {file:       readers.csv}}\n")
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "readers.csv"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), filepath.Join(filepath.Dir(path), c.want)) {
			t.Errorf("%.60q gives\n%v\nwant %s", c.text, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a token is shown: %v", err)
		}
	}
}
