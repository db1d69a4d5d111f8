package file

import (
	"fmt"
	"testing"

	"feedmill/feed"
)

func release(letter byte) feed.Release {
	body := letters(letter)
	return feed.Release{Feed: "world", Documents: []feed.Document{
		rss("world.rss", body), rss("world.atom", body), rss("world.json", body),
	}}
}

func BenchmarkPublishUnchanged(b *testing.B) {
	o, r := open(b, b.TempDir()), release('a')
	publish(b, o, r)
	b.ReportAllocs()
	for b.Loop() {
		publish(b, o, r)
	}
}

func BenchmarkPublishChanged(b *testing.B) {
	o := open(b, b.TempDir())
	releases := []feed.Release{release('a'), release('b')}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		publish(b, o, releases[i%2])
	}
}

// BenchmarkPublishPages writes the pages of a first release, each in a folder of its own.
func BenchmarkPublishPages(b *testing.B) {
	o := open(b, b.TempDir())
	for i := 0; b.Loop(); i++ {
		var r feed.Release
		for page := range 100 {
			path := fmt.Sprintf("world/a/slug-%d", page)
			body := fmt.Appendf(nil, "%d %4096d", i, page)
			r.Documents = append(r.Documents, feed.NewDocument(path, feed.TypeHTML, modified, body))
		}
		publish(b, o, r)
	}
}
