package table_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/table"
)

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		header []string
		rows   []table.Row
	}{
		"commas":           {"id,title\n1,One\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}}},
		"semicolons":       {"id;title\n1;One, two\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One, two"}}}},
		"tabs":             {"id\ttitle\n1\tOne\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}}},
		"bars":             {"id|title\n1|One\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}}},
		"said":             {"sep=;\r\nid;title\r\n1;One\r\n", []string{"id", "title"}, []table.Row{{3, []string{"1", "One"}}}},
		"byte order":       {"\ufeffid,title\n1,One", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}}},
		"spaces":           {" id , title\n1,One\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}}},
		"one column":       {"title\nOne\nTwo\n", []string{"title"}, []table.Row{{2, []string{"One"}}, {3, []string{"Two"}}}},
		"lines in cells":   {"id,\"a;b;c\"\n1,\"x\n\"\"y\"\"\"\n2,z\n", []string{"id", "a;b;c"}, []table.Row{{2, []string{"1", "x\n\"y\""}}, {4, []string{"2", "z"}}}},
		"empty at the end": {"id,title\n1,One,,\n\n2,Two\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "One"}}, {4, []string{"2", "Two"}}}},
		"other charset":    {"id,title\n1,Caf\xe9\n", []string{"id", "title"}, []table.Row{{2, []string{"1", "Café"}}}},
		"header alone":     {"id,title\n", []string{"id", "title"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := table.Read([]byte(test.body), "")
			if err != nil || len(got.Problems) > 0 {
				t.Fatal(err, got.Problems)
			}
			if !reflect.DeepEqual(got.Header, test.header) || !reflect.DeepEqual(got.Rows, test.rows) {
				t.Errorf("got %q %+v", got.Header, got.Rows)
			}
		})
	}
}

func TestBadRowsAreNamedAndTheOthersTaken(t *testing.T) {
	got, err := table.Read([]byte("id,title,title\n1,One,x\n2,T\"wo,x\n3,Three\n4,Four, five,x\n5,\"Fi\"ve,x\n6,Six,x\n7,\"Seven,x\n8,Eight,x\n"), "")
	if err != nil {
		t.Fatal(err)
	}
	var ids, problems []string
	for _, row := range got.Rows {
		ids = append(ids, row.Cells[got.Column("id")])
	}
	for _, p := range got.Problems {
		problems = append(problems, p.Error())
	}
	if strings.Join(ids, " ") != "1 6" {
		t.Errorf("taken: %q", ids)
	}
	for i, want := range []string{"row:1: two columns are called title", "row:3: holds a quotation mark within", "row:4: it has 2 cells, but the header has 3",
		"row:5: it has 4 cells", "row:6: holds a quotation mark that is not closed", "row:8: holds a quotation mark that is not closed"} {
		if i >= len(problems) || !strings.HasPrefix(problems[i], want) {
			t.Errorf("problem %d is not %q: %q", i, want, problems)
		}
	}
	if got.Column("") != -1 || got.Column("link") != -1 {
		t.Error("a column that is not there was found")
	}
}

func TestNoTable(t *testing.T) {
	for body, want := range map[string]string{
		"": "the table is empty", "\n\n": "the table is empty", "\"id,title\n": "the header of the table holds a quotation mark that is not closed",
		"a\x00\x01\x02\x03b": "the table ", strings.Repeat("a,", 600) + "a\n": "the table has 601 columns; 500 are the most",
	} {
		_, err := table.Read([]byte(body), "")
		if err == nil || !strings.HasPrefix(err.Error(), want) || feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("%.20q: %v", body, err)
		}
	}
}

func TestTooManyRows(t *testing.T) {
	got, err := table.Read([]byte("id\n"+strings.Repeat("1\n", 100_001)), "")
	if err != nil || len(got.Rows) != 100_000 || len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Error(), "more than 100000 rows") {
		t.Errorf("%d rows, %v, %v", len(got.Rows), got.Problems, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"id,title\n1,One\n", "sep=;\na;b\n", "a\tb\n\"x\n\"\"\ty", "\xff\xfea\x00,\x00b\x00", "\"", "a,a\n\r\n,,,\n"} {
		f.Add([]byte(seed), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, charset string) {
		got, err := table.Read(body, charset)
		if err != nil && feed.ClassOf(err) != feed.Unreadable {
			t.Fatal(err)
		}
		last := 0
		for _, row := range got.Rows {
			if len(row.Cells) != len(got.Header) || row.Line <= last {
				t.Fatalf("row %+v below header %q, after line %d", row, got.Header, last)
			}
			last = row.Line
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("id,title,link,content\n")
	for i := 0; text.Len() < 16_000_000; i++ {
		fmt.Fprintf(&text, "%d,Title %d,https://a.example/%d,\"%s\"\n", i, i, i, strings.Repeat("word ", 25))
	}
	body := []byte(text.String())
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if got, err := table.Read(body, "utf-8"); err != nil || len(got.Problems) > 0 {
			b.Fatal(err, got.Problems)
		}
	}
}
