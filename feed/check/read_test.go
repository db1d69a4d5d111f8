package check_test

import (
	"slices"
	"strings"
	"testing"

	"feedmill/feed/check"
)

func TestReadSaysWhatTheDocumentSays(t *testing.T) {
	for format, mediaType := range types {
		said, err := check.Read(mediaType, []byte(good(t, format)))
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		want := want(format)
		if said.Title != want.Title || said.Self != want.Self {
			t.Errorf("%s: title %q, self %q; want %q, %q", format, said.Title, said.Self, want.Title, want.Self)
		}
		var ids []string
		for _, it := range said.Items {
			ids = append(ids, it.ID)
		}
		if wanted := []string{want.Items[1].ID, want.Items[0].ID}; !slices.Equal(ids, wanted) {
			t.Errorf("%s: ids %q, want %q", format, ids, wanted)
		}
	}
}

func TestReadRefusesWhatIsNoFeed(t *testing.T) {
	for _, c := range []struct{ name, mediaType, body, want string }{
		{"a page", types["rss"], "<!doctype html><title>Sign in</title>", ""},
		{"half a feed", types["atom"], good(t, "atom")[:400], ""},
		{"another format", types["atom"], good(t, "rss"), "not an Atom feed"},
		{"a control character", types["json"], strings.Replace(good(t, "json"), "First", "Fi\x01rst", 1), "U+0001"},
		{"a type without rules", "text/plain", "x", "no rules"},
		{"no type", "", "x", "media type"},
	} {
		if _, err := check.Read(c.mediaType, []byte(c.body)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func TestReadFindsTheArchive(t *testing.T) {
	link := `<link rel="prev-archive" href="https://f.example/world/archive/3.atom"/>`
	body := strings.Replace(good(t, "atom"), "<entry", link+"<entry", 1)
	said, err := check.Read(types["atom"], []byte(body))
	if err != nil || said.Archive != "https://f.example/world/archive/3.atom" {
		t.Errorf("archive %q, %v", said.Archive, err)
	}
}
