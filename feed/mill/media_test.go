package mill_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/filter"
	"feedmill/feed/mill"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// album is a source whose articles refer to pictures, which it has kept.
type album struct {
	script
	pictures map[string]string // bytes by reference
}

func (a *album) Fetch(ctx context.Context, m feed.Memory) (feed.Batch, error) {
	b, err := a.script.Fetch(ctx, m)
	b.Articles = slices.Clone(b.Articles)
	for i := range b.Articles {
		article := &b.Articles[i]
		for _, ref := range slices.Sorted(maps.Keys(a.pictures)) {
			if !strings.Contains(article.Content+article.Image.URL, ref) {
				continue
			}
			kept, err := m.(feed.Keeper).KeepMedia(ctx, "Große Bilder/"+ref, "image/png", strings.NewReader(a.pictures[ref]))
			if err != nil {
				return feed.Batch{}, err
			}
			kept.Ref, kept.Width, kept.Height = ref, 40, 30
			article.Media = append(article.Media, kept)
		}
	}
	return b, err
}

// pictured is a stand whose source is an album.
func pictured(t *testing.T) (*stand, *album) {
	s := newStand(t)
	a := &album{pictures: map[string]string{"one.png": "the first picture", "two.png": "the second"}}
	s.feed.Sources[0].Source = a
	s.source = &a.script
	return s, a
}

func with(key, title string, refs ...string) feed.Article {
	a := article(key, title)
	for _, ref := range refs {
		a.Content += `<p><img src="` + ref + `" alt=""></p>`
	}
	return a
}

// media are the paths of the media at the output.
func (s *site) media() (paths []string) {
	for path := range s.documents {
		if strings.HasPrefix(path, "media/") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

func pathOf(body, name string) string {
	sum := sha256.Sum256([]byte(body))
	return "media/" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])) + "-" + name
}

var (
	onePath = pathOf("the first picture", "one.png")
	twoPath = pathOf("the second", "two.png")
)

func (s *stand) wantMedia(paths ...string) {
	s.Helper()
	slices.Sort(paths)
	if got := s.site.media(); !slices.Equal(got, paths) {
		s.Fatalf("the output has %q, not %q", got, paths)
	}
}

func (s *stand) gone(path string) bool {
	s.Helper()
	_, _, err := s.mill.Media(s.Context(), strings.TrimPrefix(path, "media/"))
	if err != nil && feed.ClassOf(err) != feed.Gone {
		s.Fatal(err)
	}
	return err != nil
}

func TestMediaArePublishedWithTheirArticle(t *testing.T) {
	s, _ := pictured(t)
	a := with("a.txt", "First", "one.png")
	a.Image = feed.Image{URL: "two.png", Caption: "Two"}
	a.Enclosures = []feed.Enclosure{{URL: "two.png"}}
	s.refresh(a)
	s.wantMedia(onePath, twoPath)
	if got := string(s.site.documents[onePath]); got != "the first picture" {
		t.Errorf("the picture holds %q", got)
	}
	one, two := "https://feeds.example.org/"+onePath, "https://feeds.example.org/"+twoPath
	for path, want := range map[string][]string{
		"world.rss": {one, `<media:content url="` + two + `" type="image/png" medium="image" fileSize="10" width="40" height="30">`,
			`<enclosure url="` + two + `" length="10" type="image/png">`},
		"world.atom": {one, `<media:content url="` + two + `" type="image/png"`, `<link rel="enclosure" type="image/png" href="` + two + `" length="10">`},
		"world.json": {one, `"image": "` + two + `"`, `"mime_type": "image/png",`, `"size_in_bytes": 10`},
		"world/a/a":  {one, two},
	} {
		for _, text := range want {
			if !bytes.Contains(s.site.documents[path], []byte(text)) {
				t.Errorf("%s lacks %s:\n%s", path, text, s.site.documents[path])
			}
		}
	}
	published := s.site.published
	s.refresh(a)
	if s.site.published != published {
		t.Error("the same pictures were delivered again")
	}
	s.feed.Channel.Base = "https://cdn.example.org/v1"
	s.refresh()
	if want := "https://cdn.example.org/v1/" + onePath; !bytes.Contains(s.site.documents["world.rss"], []byte(want)) {
		t.Errorf("at another address, there is no %s", want)
	}
}

func TestMediaGoWithTheirLastArticle(t *testing.T) {
	s, album := pictured(t)
	s.refresh(with("a.txt", "First", "one.png"), with("b.txt", "Second", "one.png", "two.png"))
	s.wantMedia(onePath, twoPath)
	if _, err := s.mill.Withdraw(t.Context(), s.feed, "b.txt"); err != nil {
		t.Fatal(err)
	}
	s.wantMedia(onePath)
	if !s.gone(twoPath) || s.gone(onePath) {
		t.Error("the file of a withdrawn article is answered for, or that of another is not")
	}
	if _, err := s.mill.Restore(t.Context(), s.feed, "b.txt"); err != nil {
		t.Fatal(err)
	}
	s.refresh()
	s.wantMedia(onePath, twoPath)

	before := s.entries()["First"]
	album.pictures["one.png"] = "another picture"
	s.refresh(with("a.txt", "First", "one.png"))
	s.wantMedia(onePath, twoPath, pathOf("another picture", "one.png"))
	if s.entries()["First"].updated == before.updated {
		t.Error("another picture is no edit")
	}
	s.refresh(with("b.txt", "Second", "two.png"))
	s.wantMedia(twoPath, pathOf("another picture", "one.png"))

	ends := with("a.txt", "First", "one.png")
	ends.Expires = s.now.Add(time.Hour)
	s.refresh(ends)
	s.now = s.now.Add(2 * time.Hour)
	s.refresh()
	s.wantMedia(twoPath)
}

func TestMediaOfTwoFeeds(t *testing.T) {
	s, _ := pictured(t)
	other := *s.feed
	other.Name, other.Channel.Feed = "planet", "planet"
	second := &album{pictures: map[string]string{"one.png": "the first picture"}}
	other.Sources = []mill.Source{{Name: "files", Digest: "e", Source: second}}
	second.batch = feed.Batch{Articles: []feed.Article{with("c.txt", "Third", "one.png")}, Extent: feed.Increment}
	if _, err := s.mill.Refresh(t.Context(), &other); err != nil {
		t.Fatal(err)
	}
	s.refresh(with("a.txt", "First", "one.png"))
	withdraw := func(f *mill.Feed, item string) {
		t.Helper()
		s.now = s.now.Add(time.Minute)
		if _, err := s.mill.Withdraw(t.Context(), f, item); err != nil {
			t.Fatal(err)
		}
	}
	withdraw(s.feed, "a.txt")
	s.wantMedia(onePath)
	withdraw(&other, "c.txt")
	s.wantMedia()
	if !s.gone(onePath) {
		t.Error("the file is answered for")
	}
}

// A feed that turns private takes its pictures along, but for those that another feed shows at the same output.
func TestMediaOfABarredFeed(t *testing.T) {
	s, _ := pictured(t)
	s.refresh(with("a.txt", "First", "one.png"), with("b.txt", "Second", "two.png"))
	other := *s.feed
	other.Name, other.Channel.Feed = "planet", "planet"
	second := &album{pictures: map[string]string{"one.png": "the first picture"}}
	other.Sources = []mill.Source{{Name: "files", Digest: "e", Source: second}}
	second.batch = feed.Batch{Articles: []feed.Article{with("c.txt", "Third", "one.png")}, Extent: feed.Increment}
	if _, err := s.mill.Refresh(t.Context(), &other); err != nil {
		t.Fatal(err)
	}
	if err := s.mill.Deliver(t.Context(), s.bar()); err != nil {
		t.Fatal(err)
	}
	s.wantMedia(onePath)
}

func TestMediaOfAPrivateFeedAreNotGuessed(t *testing.T) {
	s, _ := pictured(t)
	s.feed.Private = true
	s.refresh(with("a.txt", "First", "one.png"))
	got := s.site.media()
	if len(got) != 1 || got[0] == onePath || !strings.HasSuffix(got[0], "-one.png") {
		t.Fatalf("the output has %q", got)
	}
	s.restart()
	s.refresh(with("b.txt", "Second", "one.png"))
	s.wantMedia(got...)
}

func TestMediaThatFiltersTookOut(t *testing.T) {
	s, _ := pictured(t)
	selectors := make(filter.Selectors, 1)
	if err := selectors[0].UnmarshalText([]byte("img")); err != nil {
		t.Fatal(err)
	}
	chain, err := filter.New([]filter.Kinds{{Strip: &selectors}})
	if err != nil {
		t.Fatal(err)
	}
	s.feed.Filters = chain
	s.refresh(with("a.txt", "First", "one.png"))
	s.want("First")
	s.wantMedia()
}

func TestMediaWaitForTheirArticle(t *testing.T) {
	s, _ := pictured(t)
	a := with("a.txt", "First", "one.png")
	a.Published = s.now.Add(time.Hour)
	s.refresh(a)
	s.wantMedia()
	if !s.gone(onePath) {
		t.Error("a picture is answered for before its article is published")
	}
	s.now = s.now.Add(time.Hour)
	s.refresh()
	s.wantMedia(onePath)
}

// deadly is a store at which the process ends when it commits.
type deadly struct{ *store.Store }

func (deadly) Commit(context.Context, store.Commit) error { return errors.New("killed") }

func TestDeathBetweenMediaAndCommit(t *testing.T) {
	s, _ := pictured(t)
	s.source.batch = feed.Batch{Articles: []feed.Article{with("a.txt", "First", "one.png")}, Extent: feed.Increment}
	if _, err := mill.New(deadly{s.store}, s.store, func() time.Time { return s.now }).Refresh(t.Context(), s.feed); err == nil {
		t.Fatal("nothing failed")
	}
	s.wantMedia()
	if !s.gone(onePath) {
		t.Error("a picture without an article is answered for")
	}
	s.refresh(with("a.txt", "First", "one.png"))
	s.wantMedia(onePath)
}

func TestMediaOfForgottenArticles(t *testing.T) {
	s, _ := pictured(t)
	s.feed.Limit.Articles = 4
	s.refresh(with("old.txt", "Old", "one.png"))
	for i := range 20 {
		s.refresh(linked(i, i+1)...)
	}
	s.wantMedia(onePath) // an archive shows it
	s.feed.Keep = mill.Keep{Count: 6}
	s.refresh(linked(20, 24)...)
	s.refresh(linked(24, 30)...)
	s.wantMedia()
	if !s.gone(onePath) {
		t.Error("the picture of a forgotten article is answered for")
	}
}

func TestMediaAreTakenOver(t *testing.T) {
	s, _ := pictured(t)
	s.refresh(with("a.txt", "First", "one.png"))
	child := *s.feed
	child.Name, child.Channel.Feed, child.Channel.Formats = "planet", "planet", []render.Format{render.RSS}
	child.Sources = []mill.Source{{Name: "world", Digest: "from world", From: "world"}}
	if _, err := s.mill.Refresh(t.Context(), &child); err != nil {
		t.Fatal(err)
	}
	if want := `src="https://feeds.example.org/` + onePath; !bytes.Contains(s.site.documents["planet.rss"], []byte(want)) {
		t.Errorf("there is no %s in\n%s", want, s.site.documents["planet.rss"])
	}
	_, feeds, err := s.mill.Media(t.Context(), strings.TrimPrefix(onePath, "media/"))
	if err != nil || !slices.Equal(feeds, []string{"planet", "world"}) {
		t.Errorf("it is shown by %q, %v", feeds, err)
	}
}

// An article may be a picture and nothing else.
func TestMediaWithoutText(t *testing.T) {
	s, _ := pictured(t)
	a := with("a.txt", "First")
	a.Content, a.Summary = `<p><img src="one.png" alt=""></p>`, ""
	s.refresh(a)
	s.want("First")
	s.wantMedia(onePath)
}
