package clean_test

import (
	"slices"
	"testing"

	"feedmill/feed/clean"
)

func TestReaddress(t *testing.T) {
	var met []string
	got := clean.Readdress(`<p title="a.jpg">a.jpg <img src=" a.jpg " alt="a.jpg"><IMG srcset="a.jpg 1x, b.jpg 2x"><a href="b.jpg?x=1&amp;y=2">b</a></p>`+
		`<video poster="a.jpg"><source src="c.mp4"></video><a name=x>`, func(address string) string {
		met = append(met, address)
		if address == "a.jpg" {
			return "https://x.example/media/1-a.jpg"
		}
		return address
	})
	want := `<p title="a.jpg">a.jpg <img src="https://x.example/media/1-a.jpg" alt="a.jpg"><img srcset="https://x.example/media/1-a.jpg 1x, b.jpg 2x">` +
		`<a href="b.jpg?x=1&amp;y=2">b</a></p><video poster="https://x.example/media/1-a.jpg"><source src="c.mp4"></video><a name=x>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if want := []string{"a.jpg", "a.jpg", "b.jpg", "b.jpg?x=1&y=2", "a.jpg", "c.mp4"}; !slices.Equal(met, want) {
		t.Errorf("it met %q, not %q", met, want)
	}
}
