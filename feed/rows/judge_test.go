package rows_test

import (
	"fmt"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/rows"
)

func listOf(names ...string) (list []rows.Kept) {
	for _, n := range names {
		list = append(list, rows.Kept{Name: n, Row: rows.Row{Values: map[string]string{"team": n}}})
	}
	return list
}

func show(r rows.Record) string {
	var held, gone []string
	for _, k := range r.Rows {
		held = append(held, k.Name)
	}
	for _, k := range r.Retired {
		gone = append(gone, k.Name)
	}
	return strings.Join(held, " ") + " | " + strings.Join(gone, " ")
}

// TestJudge takes lists over one after the other; what is not believed changes nothing.
func TestJudge(t *testing.T) {
	guard := rows.Guard{Shrink: 0.5, ReleaseAfter: 3}
	all := listOf("a", "b", "c", "d", "e")
	first, err := rows.Judge(rows.Record{}, all, "x", false, false, guard)
	if err != nil || show(first) != "a b c d e | " {
		t.Fatalf("a first list gave %s, %v", show(first), err)
	}
	for _, test := range []struct {
		name               string
		list               []rows.Kept
		origin             string
		incomplete, accept bool
		guard              rows.Guard
		want               string
		held               bool
	}{
		{"one gone", listOf("a", "b", "c", "d"), "x", false, false, guard, "a b c d | e", false},
		{"one gone of a list that was read in part", listOf("a", "b", "c", "d"), "x", true, false, guard, "a b c d e | ", false},
		{"one new", append(listOf("n"), all...), "x", false, false, guard, "n a b c d e | ", false},
		{"too few", listOf("a", "b"), "x", false, false, guard, "a b c d e | ", true},
		{"none", nil, "x", false, false, rows.Guard{Shrink: 0.01}, "a b c d e | ", true},
		{"none, and it is meant", nil, "x", false, true, guard, " | a b c d e", false},
		{"none, without a guard", nil, "x", false, false, rows.Guard{}, " | a b c d e", false},
		{"few of another list", listOf("a"), "y", false, false, guard, "a | b c d e", false},
	} {
		got, err := rows.Judge(first, test.list, test.origin, test.incomplete, test.accept, test.guard)
		if show(got) != test.want || (feed.ClassOf(err) == feed.Suspicious) != test.held {
			t.Errorf("%s: %q, %v; want %q", test.name, show(got), err, test.want)
		}
	}
}

// TestJudgeAgain sees the same short list as often as the guard waits for, and another one in between.
func TestJudgeAgain(t *testing.T) {
	guard := rows.Guard{Shrink: 0.5, ReleaseAfter: 3}
	r, _ := rows.Judge(rows.Record{}, listOf("a", "b", "c", "d"), "x", false, false, guard)
	var looks []string
	for _, list := range [][]rows.Kept{nil, listOf("a"), nil, nil, nil} {
		var err error
		r, err = rows.Judge(r, list, "x", false, false, guard)
		looks = append(looks, fmt.Sprint(len(r.Rows), err == nil))
	}
	if got := strings.Join(looks, ", "); got != "4 false, 4 false, 4 false, 4 false, 0 true" {
		t.Error(got)
	}
	r, err := rows.Judge(r, listOf("b"), "x", false, false, guard)
	if show(r) != "b | a c d" || err != nil {
		t.Errorf("a row that comes back: %s, %v", show(r), err)
	}
}
