package check_test

import (
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
)

func TestProfileArticle(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	fit := feed.Article{
		Title: "The harbour bridge is open again", Link: "https://n.example/1", Published: now.Add(-time.Hour),
		Content: "<p>" + strings.Repeat("Words and more. ", 20) + "</p>", Authors: []feed.Person{{Name: "Ann"}},
		Image: feed.Image{URL: "https://n.example/1.jpg"},
	}
	for _, tt := range []struct {
		name    string
		profile check.Profile
		change  func(*feed.Article)
		want    string // empty: taken
	}{
		{"fit", check.MSN, func(*feed.Article) {}, ""},
		{"fit", check.Flipboard, func(*feed.Article) {}, ""},
		{"fit", check.Feedly, func(*feed.Article) {}, ""},
		{"short title", check.MSN, func(a *feed.Article) { a.Title = "Bürgerin" }, "its title has 8 characters; msn takes 20 to 150"},
		{"just long enough", check.MSN, func(a *feed.Article) { a.Title = strings.Repeat("ü", 20) }, ""},
		{"just short enough", check.MSN, func(a *feed.Article) { a.Title = strings.Repeat("ü", 150) }, ""},
		{"long title", check.MSN, func(a *feed.Article) { a.Title = strings.Repeat("x", 151) }, "its title has 151 characters"},
		{"HTML in the title", check.MSN, func(a *feed.Article) { a.Title = "The <b>harbour</b> bridge is open" }, "its title holds HTML"},
		{"signs in the title", check.MSN, func(a *feed.Article) { a.Title = "Why 3 < 5 and 7 > 6, in short" }, ""},
		{"not secure", check.MSN, func(a *feed.Article) { a.Link = "http://n.example/1" }, "its link http://n.example/1 is not https"},
		{"a year old", check.MSN, func(a *feed.Article) { a.Published = now.AddDate(-1, 0, 0) }, "it was published 2025-11-22; msn takes nothing that is 365 days old"},
		{"nearly a year old", check.MSN, func(a *feed.Article) { a.Published = now.Add(-365*24*time.Hour + time.Second) }, ""},
		{"no text", check.MSN, func(a *feed.Article) { a.Content = `<p><img src="x.jpg"></p>` }, "it has no text"},
		{"text in Markdown", check.MSN, func(a *feed.Article) { a.Content, a.Markdown = "", "*Words*" }, ""},
		{"no picture", check.MSN, func(a *feed.Article) { a.Image = feed.Image{} }, ""},
		{"no picture", check.Flipboard, func(a *feed.Article) { a.Image = feed.Image{} }, "it has no picture"},
		{"picture in the text", check.Flipboard, func(a *feed.Article) { a.Image = feed.Image{}; a.Content += `<img src="x.jpg">` }, ""},
		{"picture beside it", check.Flipboard, func(a *feed.Article) {
			a.Image, a.Enclosures = feed.Image{}, []feed.Enclosure{{URL: "x", Type: "image/png"}}
		}, ""},
		{"little text", check.Flipboard, func(a *feed.Article) { a.Content = "<p>Few words</p>" }, "its text has 9 characters; flipboard wants 300 or more"},
		{"nobody's", check.Flipboard, func(a *feed.Article) { a.Authors = nil }, "it names no author"},
		{"anything", check.Feedly, func(a *feed.Article) { *a = feed.Article{Title: "x", Link: "http://n.example/"} }, ""},
		{"anything", "", func(a *feed.Article) { *a = feed.Article{} }, ""},
	} {
		a := fit
		tt.change(&a)
		if why := tt.profile.Article(a, now); (why == "") != (tt.want == "") || !strings.Contains(why, tt.want) {
			t.Errorf("%s, %s: %q, want %q", tt.profile, tt.name, why, tt.want)
		}
	}
}

func TestProfileFeed(t *testing.T) {
	fit := check.Dress{Base: "https://f.example", Language: "en", Content: "full", Formats: []string{"atom", "rss"}, Articles: 20}
	for _, p := range append(check.Profiles, "") {
		if wrong := p.Feed(fit); wrong != nil {
			t.Errorf("%s: %q", p, wrong)
		}
	}
	unfit := check.Dress{Base: "http://f.example", Content: "teaser", Formats: []string{"json"}, Articles: 19}
	for p, n := range map[check.Profile]int{check.MSN: 4, check.Flipboard: 4, check.Feedly: 1, "": 0} {
		if wrong := p.Feed(unfit); len(wrong) != n {
			t.Errorf("%s: %q", p, wrong)
		}
	}
}
