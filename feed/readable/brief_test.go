package readable

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"feedmill/feed"
)

// TestHead: the head says what the whole page says about itself, and needs no text.
func TestHead(t *testing.T) {
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) < 5 {
		t.Fatal(len(pages), err)
	}
	for _, page := range pages {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		address := at(t, "https://www.example.org/politics/page.html")
		whole, err := Read(data, "text/html", address, Options{})
		if err != nil {
			t.Fatal(err)
		}
		head, err := Head(data, "text/html", address, nil)
		if head.Image.URL == "" { // Read has one of the text then
			whole.Image = feed.Image{}
		}
		if whole.Content = ""; err != nil || dump(head) != dump(whole) {
			t.Errorf("%s: the head is\n%s, not\n%s, %v", page, dump(head), dump(whole), err)
		}
	}
	for name, test := range map[string]struct {
		page, title string
		class       feed.Class
	}{
		"little text": {"<title>Hours</title><p>9 to 5.</p>", "Hours", ""},
		"no text":     {"<title>A film</title>", "A film", ""},
		"no title":    {"<p>" + strings.Repeat("Words and words. ", 50) + "</p>", "", feed.Unreadable},
		"wall":        {"<title>Just a moment...</title><p>Checking.</p>", "", feed.Unavailable},
		"login":       {"<title>Sign in</title><form><input type=password></form>", "", feed.Unavailable},
		"down":        {"<title>503 Service Unavailable</title>", "", feed.Unavailable},
		"lost":        {"<title>Page not found</title><p>Sorry, nothing here.</p>", "", feed.Unreadable},
		"scripts":     {"<title>An app</title><noscript>Enable JavaScript.</noscript><div id=app></div>", "An app", ""},
		"not lost":    {"<title>404 errors explained</title><article><p>" + strings.Repeat("What they are and are not. ", 100) + "</p></article>", "404 errors explained", ""},
	} {
		a, err := Head([]byte(test.page), "text/html", nil, nil)
		if a.Title != test.title || feed.ClassOf(err) != test.class {
			t.Errorf("%s: %q, class %s: %v", name, a.Title, feed.ClassOf(err), err)
		}
	}
}
