package mill_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// formerly are the paths at the site below a key.
func (s *stand) formerly(key string) (paths []string) {
	for path := range s.site.documents {
		if strings.HasPrefix(path, key+".") || strings.HasPrefix(path, key+"/") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// TestFormerKeys: whatever a feed has at its address stands at the one that it had too, archives, tags and editions included.
func TestFormerKeys(t *testing.T) {
	s := newStand(t)
	s.feed.Channel.Facets, s.feed.Limit.Articles = true, 3
	s.edition("brief")
	for i := range 70 {
		s.refresh(tagged(fmt.Sprintf("%d.txt", i), fmt.Sprintf("Article %d", i), "Town"))
	}
	if old := s.formerly("old"); len(old) > 0 {
		t.Fatalf("before it moved: %v", old)
	}
	s.feed.Former = []string{"old"}
	s.feed.Taken = func(key, path string) bool { return strings.HasPrefix(path, key+"/brief") }
	s.restart()
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"old.rss", "old.atom", "old.json", "old/", "old/a/0", "old/archive/1.atom", "old/tag/town.rss", "old/tag/town/"} {
		now, ok := strings.CutPrefix(path, "old")
		body, there := s.site.documents[path]
		switch same := bytes.Equal(body, s.site.documents["world"+now]); {
		case !ok || !there:
			t.Errorf("there is no %s among %v", path, s.formerly("old"))
		case strings.Contains(path, "."):
			if !same {
				t.Errorf("%s differs from that at the new address", path)
			}
		case !bytes.Contains(body, []byte(`url=https://feeds.example.org/world`+now+`"`)):
			t.Errorf("%s leads nowhere: %s", path, body)
		}
	}
	if old := s.formerly("old/brief"); len(old) > 0 {
		t.Errorf("what is another feed's was written: %v", old)
	}

	s.refresh(tagged("new.txt", "New", "Town"))
	if !slices.Contains(s.headlines("old.rss"), "New") || !slices.Contains(s.headlines("old/tag/town.rss"), "New") {
		t.Errorf("who follows the old address does not get what is new")
	}
	if slices.Contains(s.formerly("old"), "old/a/new") {
		t.Error("a page that was never at the old address is there")
	}

	s.feed.Former = nil
	s.restart()
	if err := s.mill.Deliver(t.Context(), s.feed); err != nil {
		t.Fatal(err)
	}
	if old := s.formerly("old"); len(old) > 0 {
		t.Errorf("after the feed has that key no more: %v", old)
	}
	s.want("Article 68", "Article 69", "New")
}
