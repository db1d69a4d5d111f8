package render_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/check"
	"feedmill/feed/render"
)

// news is a channel with a news sitemap and n articles, a minute apart.
func news(n int) render.Snapshot {
	c := world()
	c.Formats, c.Language = []render.Format{render.NewsSitemap}, "zh-Hant"
	s := render.Snapshot{Channel: c, AsOf: at(22, 12)}
	for i := range n {
		a := feed.Article{
			ID: fmt.Sprint("id", i), Link: fmt.Sprintf("https://news.example.org/%d?a=1&b=<2>", i),
			Title: fmt.Sprintf("Q&A <%d>\x00", i), Published: s.AsOf.Add(-time.Duration(i) * time.Minute),
		}
		a.Updated = a.Published
		s.News = append(s.News, render.Item{Article: a, Version: render.Version{Position: int64(i), Revision: 1}})
	}
	return s
}

func sitemap(t *testing.T, s render.Snapshot, before map[string]render.Made) map[string]render.Made {
	t.Helper()
	docs, err := render.Press{}.Documents(s, before)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]render.Made{}
	for _, d := range docs {
		made[d.Path] = d
		if d.Type != feed.TypeXML {
			t.Errorf("%s is of type %s", d.Path, d.Type)
		}
	}
	return made
}

func newsWanted(items []render.Item) check.Want {
	w := check.Want{Title: "World & more", AsOf: at(22, 12)}
	for _, it := range items {
		link := strings.NewReplacer("<", "%3C", ">", "%3E").Replace(it.Link)
		w.Items = append(w.Items, check.Item{ID: it.ID, Title: render.Title(it.Article), Link: link, Published: it.Published})
	}
	return w
}

// The golden files are valid by the schemas of sitemaps.org and Google, but for the empty one.
func TestNewsSitemap(t *testing.T) {
	for n, name := range map[int]string{0: "empty", 2: "full"} {
		s := news(n)
		made := sitemap(t, s, nil)
		d := made["world.news-sitemap.xml"]
		golden(t, name+".golden.news-sitemap.xml", body(t, d.Document))
		if err := check.News(d.Document, newsWanted(s.News)); err != nil || len(made) != 1 {
			t.Errorf("%d documents, %v", len(made), err)
		}
		if xmllint, err := exec.LookPath("xmllint"); err == nil {
			schema := []string{"--noout", "--schema", "testdata/news-sitemap.xsd", filepath.Join("testdata", name+".golden.news-sitemap.xml")}
			if out, err := exec.Command(xmllint, schema...).CombinedOutput(); err != nil && n > 0 {
				t.Errorf("xmllint: %v\n%s", err, out)
			}
		}
	}
}

func TestNewsSitemapIndex(t *testing.T) {
	s := news(2 * render.NewsMost)
	s.Channel.Edition = "full"
	s.News = append(s.News, news(2*render.NewsMost + 1).News[2*render.NewsMost])
	made := sitemap(t, s, nil)
	addresses := []string{}
	for n := range 3 {
		path := fmt.Sprintf("world/full.news-sitemap-%d.xml", n+1)
		addresses = append(addresses, "https://feeds.example.org/"+path)
		part := s.News[n*render.NewsMost : min((n+1)*render.NewsMost, len(s.News))]
		if err := check.News(made[path].Document, newsWanted(part)); err != nil {
			t.Error(err)
		}
	}
	index := made["world/full.news-sitemap.xml"].Document
	if err := check.SitemapIndex(index, addresses); err != nil || len(made) != 4 {
		t.Errorf("%d documents, %v", len(made), err)
	}
	if err := check.SitemapIndex(index, addresses[:2]); err == nil {
		t.Error("an index that names a file too many is not noticed")
	}

	// One more moves the others on from file to file: their bytes are taken from where they were.
	again := news(2*render.NewsMost + 2)
	again.Channel.Edition = "full"
	want := sitemap(t, again, nil)
	for _, it := range again.News[:2*render.NewsMost+1] {
		again.NewsListed = append(again.NewsListed, listed(it))
	}
	again.News = again.News[2*render.NewsMost+1:]
	for path, d := range sitemap(t, again, made) {
		if body(t, d.Document) != body(t, want[path].Document) || d.ETag != want[path].ETag {
			t.Errorf("%s differs from one that is made anew", path)
		}
	}

	s = news(1)
	s.Channel.Language = ""
	if _, err := (render.Press{}).Documents(s, nil); err == nil {
		t.Error("a news sitemap without a language is made")
	}
}

// TestEdition compares the documents of an edition, and the page that names it, with golden files.
func TestEdition(t *testing.T) {
	s := full()
	s.Channel.Edition, s.Channel.ID, s.Channel.LeadImage = "full", "urn:uuid:9f1f7a9e-6a0e-5c1b-9d58-2f0a3b7c4d5e", true
	docs, err := render.Press{}.Documents(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range docs {
		f := s.Channel.Formats[i]
		golden(t, "edition.golden."+string(f), body(t, d.Document))
		want := wanted(s, "World & more", f)
		want.Self = "https://feeds.example.org/world/full." + string(f)
		if err := check.Document(d.Document, want); err != nil {
			t.Error(err)
		}
	}
	s = empty()
	s.Channel.Formats = append(s.Channel.Formats, render.NewsSitemap)
	s.Channel.Others = []render.Other{
		{Edition: "full", Formats: []render.Format{render.RSS, render.JSON}}, {Edition: "map", Formats: []render.Format{render.NewsSitemap}},
		{Edition: "msn", Formats: []render.Format{render.RSS, render.NewsSitemap}},
	}
	page, err := feedPage(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "editions.golden.html", body(t, page.Document))
}
