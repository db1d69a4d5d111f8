package render_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if before, rest, styled := strings.Cut(got, "<style>"); styled { // which has a file of its own
		_, after, _ := strings.Cut(rest, "</style>")
		got = before + "<style></style>" + after
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it with git diff after go test -update\n%s", path, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer"
}

// TestDocuments compares the documents with golden files and reads them back. The W3C feed validator finds neither error
// nor warning in the RSS and Atom ones, but that it does not know tombstones (UnknownNamespace, a warning); ask it again when they change.
func TestDocuments(t *testing.T) {
	teaser, none := full(), full()
	teaser.Channel.Content, none.Channel.Content = render.Teaser, render.None
	tests := []struct {
		name, title string
		snapshot    render.Snapshot
	}{
		{"full", "World & more", full()},
		{"teaser", "World & more", teaser},
		{"none", "World & more", none},
		{"nasty", `Blue "team" ]]>`, nasty()},
		{"empty", "World & more", empty()},
		{"notice", "World & more", noticed()},
		{"archive", "World & more", archived()},
	}
	xmllint, _ := exec.LookPath("xmllint")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			docs, err := render.Press{}.Documents(tt.snapshot, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range docs {
				f := tt.snapshot.Channel.Formats[i]
				name := tt.name + ".golden." + string(f)
				golden(t, name, body(t, d.Document))
				if err := check.Document(d.Document, wanted(tt.snapshot, tt.title, f)); err != nil {
					t.Error(err)
				}
				if xmllint != "" && f != render.JSON {
					if out, err := exec.Command(xmllint, "--noout", filepath.Join("testdata", name)).CombinedOutput(); err != nil {
						t.Errorf("xmllint: %v\n%s", err, out)
					}
				}
			}
		})
	}
}

func TestPages(t *testing.T) {
	for _, s := range []render.Snapshot{full(), nasty(), empty()} {
		name := strings.ReplaceAll(s.Channel.Feed, "/", "-")
		if len(s.Items) == 0 {
			name = "empty"
		}
		d, err := feedPage(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d.Path != s.Channel.Feed+"/" || d.Type != feed.TypeHTML {
			t.Errorf("path %q, type %q", d.Path, d.Type)
		}
		golden(t, name+".golden.html", body(t, d.Document))
	}
	d, err := render.Page(world(), full().Items[0])
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "article.golden.html", body(t, d))
	hebrew := nasty().Items[2]
	hebrew.Slug = "שלום"
	if d, err = render.Page(nasty().Channel, hebrew); err != nil {
		t.Fatal(err)
	}
	golden(t, "article-rtl.golden.html", body(t, d))
	if d, err = site().Index(); err != nil {
		t.Fatal(err)
	}
	golden(t, "index.golden.html", body(t, d))
	if d, err = site().OPML(); err != nil {
		t.Fatal(err)
	}
	golden(t, "feeds.golden.opml", body(t, d))
}

func site() render.Site {
	return render.Site{Base: "https://feeds.example.org", Feeds: []render.Entry{
		{Channel: world(), Newest: &full().Items[1]}, {Channel: nasty().Channel},
	}}
}
