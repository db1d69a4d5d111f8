package s3

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

func release(letter string) []feed.Document {
	body := strings.Repeat(letter, 240<<10)
	return []feed.Document{rss("world.rss", body), rss("world.atom", body+" "), rss("world.json", body+"  ")}
}

func BenchmarkPublishUnchanged(b *testing.B) {
	bay := newBay(b)
	o, docs := open(b, bay.config(), time.Now), release("a")
	publish(b, o, docs...)
	b.ReportAllocs()
	for b.Loop() {
		publish(b, o, docs...)
	}
}

// BenchmarkPublishUnknown is what does not change and of which this process does not know yet what lies there.
func BenchmarkPublishUnknown(b *testing.B) {
	bay, c := newBay(b), newClock()
	o, docs := open(b, bay.config(), c.now), release("a")
	publish(b, o, docs...)
	b.ReportAllocs()
	for b.Loop() {
		c.pass(2 * remembered)
		publish(b, o, docs...)
		bay.took()
	}
}

func BenchmarkPublishChanged(b *testing.B) {
	bay := newBay(b)
	o := open(b, bay.config(), time.Now)
	releases := [][]feed.Document{release("a"), release("b")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		publish(b, o, releases[i%2]...)
		bay.took()
	}
}

// BenchmarkPublishPages puts the pages of a first release, a hundred at once.
func BenchmarkPublishPages(b *testing.B) {
	bay := newBay(b)
	o := open(b, bay.config(), time.Now)
	for i := 0; b.Loop(); i++ {
		var docs []feed.Document
		for n := range 100 {
			docs = append(docs, page(fmt.Sprintf("world/a/slug-%d-%d", i, n), fmt.Sprintf("%d %4096d", i, n)))
		}
		publish(b, o, docs...)
		bay.took()
	}
}
