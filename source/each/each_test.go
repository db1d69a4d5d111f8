package each_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/rows"
	"feedmill/source/each"
)

func read(t testing.TB, text string) (rows.Table, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "teams.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return each.New(each.Config{Path: "teams.csv"}, dir).Rows(t.Context())
}

func TestRows(t *testing.T) {
	for _, test := range []struct{ name, text, want, problems string }{
		{"commas", "team,title\na, A \nb,\"B, the \"\"team\"\"\"\n", `line 2 of teams.csv map[team:a title:A]; line 3 of teams.csv map[team:b title:B, the "team"]`, ""},
		{"semicolons, a mark, CRLF", "\uFEFFteam;title\r\na;A,B\r\n", "line 2 of teams.csv map[team:a title:A,B]", ""},
		{"lines in a value", "team,title\na,\"A\nB\"\nb,B\n", "line 2 of teams.csv map[team:a title:A\nB]; line 4 of teams.csv map[team:b title:B]", ""},
		{"a short row", "team,title\na\nb,B\n", "line 3 of teams.csv map[team:b title:B]", "line 2 of teams.csv: it has 1 cells, but the header has 2; put a cell that holds a separator in quotation marks"},
		{"a bare quote", "team,title\na,A\"B\nb,B\n", "line 3 of teams.csv map[team:b title:B]", `line 2 of teams.csv: holds a quotation mark within a cell; write it twice, and put the cell in quotation marks: "a ""word"" here"`},
		{"columns that nothing can name", "team,Team name,2\na,b,c\n", "line 2 of teams.csv map[team:a]", ""},
		{"a spreadsheet's own line and text", "sep=;\r\nteam;title\r\nk;K\xf6ln\r\n", "line 3 of teams.csv map[team:k title:Köln]", ""},
		{"no rows", "team\n", "", ""},
	} {
		got, err := read(t, test.text)
		var shown, problems []string
		for _, r := range got.Rows {
			shown = append(shown, fmt.Sprint(r.Place, " ", r.Values))
		}
		for _, p := range got.Problems {
			problems = append(problems, p.Error())
		}
		if err != nil || strings.Join(shown, "; ") != test.want || strings.Join(problems, "; ") != test.problems {
			t.Errorf("%s:\ngot  %s | %s, %v\nwant %s | %s", test.name, strings.Join(shown, "; "), strings.Join(problems, "; "), err, test.want, test.problems)
		}
	}
}

// TestNoRows reads what is no list: nothing is known of any row then.
func TestNoRows(t *testing.T) {
	for text, want := range map[string]feed.Class{
		"":                      feed.Unreadable,
		"team,team\na,b\n":      feed.Unreadable,
		"Die Mannschaft\nRot\n": feed.Unreadable,
		"team\na\x00b\n":        feed.Unreadable,
		"team\n" + strings.Repeat("a\n", rows.MaxRows+1): feed.Unreadable,
	} {
		if got, err := read(t, text); feed.ClassOf(err) != want || len(got.Rows) > 0 {
			t.Errorf("%.20q gave %d rows, %v", text, len(got.Rows), err)
		}
	}
	_, err := each.New(each.Config{Path: "none.csv"}, t.TempDir()).Rows(t.Context())
	if feed.ClassOf(err) != feed.Unavailable || !strings.Contains(err.Error(), "none.csv cannot be read") {
		t.Errorf("no file gave %v", err)
	}
}

func FuzzRows(f *testing.F) {
	f.Add("team,title\na,A\n\"b\nc\",d\n")
	f.Add("a;b\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(t, text)
		if err != nil && len(got.Rows)+len(got.Problems) > 0 {
			t.Fatal("an error and rows")
		}
		for _, r := range got.Rows {
			for name := range r.Values {
				if !rows.Column(name) {
					t.Fatalf("the column %q", name)
				}
			}
		}
	})
}
