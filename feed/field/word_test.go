package field_test

import (
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
)

func TestWordIsWhatTheArticleSays(t *testing.T) {
	a := feed.Article{
		ID: "1", Title: "River rises", Link: "https://n.example/1", Summary: "It rose.", Content: "<p>It rose.</p>", Language: "en",
		Authors: []feed.Person{{Name: "Ann"}, {Name: "Ben"}}, Tags: []string{"river", "weather"}, Status: feed.Draft, Correction: "It fell.",
		Image:      feed.Image{URL: "https://n.example/1.png", Caption: "The river", Credit: "Ann"},
		Enclosures: []feed.Enclosure{{URL: "https://n.example/1.mp3"}, {URL: "https://n.example/2.mp3"}},
		Published:  time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC), Updated: time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC),
	}
	for word, want := range map[string]string{
		"id": "1", "title": "River rises", "link": "https://n.example/1", "summary": "It rose.", "content": "<p>It rose.</p>", "language": "en",
		"author": "Ann, Ben", "tags": "river, weather", "status": "draft", "correction": "It fell.", "image": "https://n.example/1.png",
		"caption": "The river", "credit": "Ann", "audio": "https://n.example/1.mp3", "published": "2026-11-20", "updated": "2026-11-21", "expires": "", "nothing": "",
	} {
		if got := field.Word(&a, word, time.DateOnly); got != want {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
	if got := field.Word(new(feed.Article), "audio", ""); got != "" {
		t.Errorf("audio of an article without any is %q", got)
	}
}
