package setting

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"path", "permalink", "watch", "base_url", "title"}
	for word, want := range map[string]string{
		"pth": "path", "ptah": "path", "Path": "path", "base-url": "base_url", "premalink": "permalink",
		"titel": "title", "colour": "", "x": "", strings.Repeat("title", 50): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
}
