package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
)

// TestRowsOfFrontMatter takes a row from each file: its single values, lists with commas, its name. A file that has none, or
// cannot be read, is a problem, and no row of the others is touched by it.
func TestRowsOfFrontMatter(t *testing.T) {
	dir := t.TempDir()
	reader := NewRows(Config{Path: "teams/**/*.md"}, dir)
	if _, err := reader.Rows(t.Context()); feed.ClassOf(err) != feed.Unavailable {
		t.Errorf("no folder gave %v", err)
	}
	for name, text := range map[string]string{
		"teams/red.md":          "---\ntitle: The Reds\nurl: https://red.example/feed\ntags: [a, b]\nauthor: {name: Ann}\nsize: 12\n---\n\nText that is no row.\n",
		"teams/deep/blue.v2.md": "\ufeff---\r\ntitle: Blue\r\nempty:\r\n---\r\n",
		"teams/plain.md":        "No front matter.\n",
		"teams/.hidden.md":      "---\ntitle: No\n---\n",
		"teams/open.md":         "---\ntitle: never ends\n",
		"teams/latin.md":        "---\ntitle: K\xf6ln\n---\n",
		"teams/other.txt":       "---\ntitle: No\n---\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := reader.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var shown, problems []string
	for _, r := range got.Rows {
		shown = append(shown, fmt.Sprint(r.Place, " ", r.Values))
	}
	for _, p := range got.Problems {
		problems = append(problems, p.Error())
	}
	if want := "teams/deep/blue.v2.md map[empty: file:blue.v2 title:Blue]\nteams/plain.md map[file:plain]\nteams/red.md map[file:red size:12 tags:a, b title:The Reds url:https://red.example/feed]"; strings.Join(shown, "\n") != want {
		t.Errorf("the rows are\n%s, want\n%s", strings.Join(shown, "\n"), want)
	}
	if len(problems) != 2 || !strings.HasPrefix(problems[0], "teams/latin.md: ") || !strings.HasPrefix(problems[1], "teams/open.md:1: the front matter") {
		t.Errorf("the problems are %s", problems)
	}
}
