package daemon

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"feedmill/feed/mill"
	"feedmill/feed/render"
)

func atomOf(self string, titles ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<feed xmlns="http://www.w3.org/2005/Atom"><title>World</title><link rel="self" href="https://feeds.example.org/%s"/>`, self)
	for _, title := range titles {
		fmt.Fprintf(&b, `<entry><id>urn:x:%[1]s</id><title>%[1]s</title><published>2026-11-20T06:00:00Z</published></entry>`, title)
	}
	return b.String() + `</feed>`
}

func TestPublishedIsReadBack(t *testing.T) {
	n := newNewsroom(t, "@every 1h")
	f := &Feed{Feed: mill.Feed{Name: "world", Channel: render.Channel{Feed: "world", Base: "https://feeds.example.org"}}}
	for _, dir := range []string{"old", "empty", "new"} {
		f.folders = append(f.folders, n.dir+"/"+dir)
	}
	plan := &Plan{Feeds: []*Feed{f}}
	titles := func() (string, string, error) {
		folder, shown, err := plan.Published(f, time.Now())
		var all []string
		for _, s := range shown {
			for _, a := range s.Articles {
				all = append(all, a.Title)
			}
			all = append(all, fmt.Sprint(s.Archive))
		}
		return strings.TrimPrefix(folder, n.dir), strings.Join(all, " "), err
	}
	if folder, all, err := titles(); folder != "" || all != "" || err != nil {
		t.Errorf("of nothing was read %q from %q, %v", all, folder, err)
	}
	now := time.Now()
	n.write("old/world.atom", atomOf("world.atom", "A"), now.Add(-time.Hour))
	n.write("new/world.atom", atomOf("world.atom", "D", "C"), now)
	n.write("new/world.rss", "no feed", now)
	n.write("new/world/archive/1.atom", atomOf("world/archive/1.atom", "A"), now.Add(-time.Minute))
	n.write("new/world/archive/2.atom", atomOf("world/archive/2.atom", "B"), now)
	n.write("new/world/archive/2.json", "no feed", now)
	n.write("new/world/index.html", "a page", now)
	if folder, all, err := titles(); folder != "/new" || all != "D C false B true A true" || err != nil {
		t.Errorf("read was %q from %q, %v", all, folder, err)
	}
	// What is no document of ours is named, and the next one is read.
	n.write("new/world.atom", atomOf("sport.atom", "S"), now)
	if folder, all, err := titles(); folder != "/old" || all != "A false" || err == nil || !strings.Contains(err.Error(), "new/world.atom is not the document of feed world") ||
		!strings.Contains(err.Error(), "new/world.rss") {
		t.Errorf("read was %q from %q, %v", all, folder, err)
	}
}
