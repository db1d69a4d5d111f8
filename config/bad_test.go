package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testEnv is the environment of the files in testdata.
var testEnv = []string{
	"PASSWORD=hunter2", "ZONE=Europe/Kyiv", "LIST=[a, b]", "MANY=17", "EMPTY=", "LOOKS_LIKE_YAML=a: b # c",
	"ALICE_TOKEN=hunter2-hunter2-hunter2", "FEEDMILL_PORT=tcp://10.0.0.1:80", "FEEDMILL_SERVER_PORT=80",
}

// want is a problem that a line of a file in testdata/bad expects of itself: the text after "# want: " is its column and a
// regular expression for the beginning of path and message.
type want struct {
	line int
	text string
}

func wants(t *testing.T, file string) []want {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []want
	for i, line := range strings.Split(string(data), "\n") {
		if _, text, ok := strings.Cut(line, "# want: "); ok {
			found = append(found, want{i + 1, text})
		}
	}
	return found
}

// TestBadFiles loads each file of testdata/bad and compares what is reported with what its lines expect, in order, and
// nothing else. Files in NAME.d belong to NAME.yaml.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 150 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			_, err := Load(file, Options{Env: testEnv})
			problems, ok := errors.AsType[Problems](err)
			if !ok {
				t.Fatalf("Load gave %T %v, not problems", err, err)
			}
			included, _ := filepath.Glob(strings.TrimSuffix(file, ".yaml") + ".d/*.yaml")
			rest := problems
			for _, f := range append([]string{file}, included...) {
				for _, want := range wants(t, f) {
					if len(rest) == 0 {
						t.Fatalf("%s:%d: nothing is reported, want %s", f, want.line, want.text)
					}
					got := rest[0]
					if got.File != f || got.Line != want.line {
						t.Fatalf("got  %v\nwant %s:%d: %s", got, f, want.line, want.text)
					}
					text := strings.TrimPrefix(got.Error(), fmt.Sprintf("%s:%d:", f, got.Line))
					if !regexp.MustCompile("^" + want.text).MatchString(text) {
						t.Errorf("%s:%d:\ngot  %s\nwant %s", f, want.line, text, want.text)
					}
					rest = rest[1:]
				}
			}
			for _, p := range rest {
				t.Errorf("unexpected: %v", p)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}
