package render

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// The bounds of a news sitemap, as Google sets them
// (https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap).
const (
	NewsAge  = 48 * time.Hour // how long an article stands in it after its publication
	NewsMost = 1000           // the most articles of one file; of more there are several files and an index
)

const (
	nsSitemap = "http://www.sitemaps.org/schemas/sitemap/0.9"
	nsNews    = "http://www.google.com/schemas/sitemap-news/0.9"
)

// newsSet is the root of a sitemap with its articles left out, newsIndex that of an index of sitemaps.
type newsSet struct {
	XMLName xml.Name `xml:"urlset"`
	Space   string   `xml:"xmlns,attr"`
	News    string   `xml:"xmlns:news,attr"`
}

type newsIndex struct {
	XMLName  xml.Name      `xml:"sitemapindex"`
	Space    string        `xml:"xmlns,attr"`
	Sitemaps []sitemapFile `xml:"sitemap"`
}

type sitemapFile struct {
	Address  string `xml:"loc"`
	Modified string `xml:"lastmod"`
}

type newsArticle struct {
	XMLName   xml.Name `xml:"url"`
	Address   string   `xml:"loc"`
	Name      string   `xml:"news:news>news:publication>news:name"`
	Language  string   `xml:"news:news>news:publication>news:language"`
	Published string   `xml:"news:news>news:publication_date"`
	Title     string   `xml:"news:news>news:title"`
}

// FeedXml makes newsSet and newsIndex feeds.XmlFeeds.
func (d *newsSet) FeedXml() any   { return d } //nolint:revive // the interface spells it so
func (d *newsIndex) FeedXml() any { return d } //nolint:revive // the interface spells it so

// newsSitemap makes the news sitemap of a snapshot: one file, or the numbered ones and the index of them. When nothing was
// published lately it is empty, which the schema of sitemaps does not foresee and Google asks for.
func newsSitemap(s Snapshot, c channel, before []Made) ([]Made, error) {
	if newsLanguage(c.Language) == "" {
		return nil, fmt.Errorf("a news sitemap names the language of the publication; set the language of the feed")
	}
	c.Content = None // titles and links are all that it says
	es, err := entries(Snapshot{Items: s.News, AsOf: s.AsOf}, c)
	if err != nil {
		return nil, err
	}
	if len(es) <= NewsMost {
		made, err := newsFile(c, c.Path(NewsSitemap), es, s.AsOf, before)
		return []Made{made}, err
	}
	var made []Made
	index := newsIndex{Space: nsSitemap}
	for chunk := range slices.Chunk(es, NewsMost) {
		file, err := newsFile(c, c.newsPath(len(made)+1), chunk, s.AsOf, before)
		if err != nil {
			return nil, err
		}
		made = append(made, file)
		index.Sitemaps = append(index.Sitemaps, sitemapFile{c.Base + "/" + file.Path, newestEntry(chunk, s.AsOf).Format(time.RFC3339)})
	}
	around, err := xmlShell(&index, "\n</sitemapindex>")
	if err != nil {
		return nil, err
	}
	first := press{path: c.Path(NewsSitemap), mediaType: NewsSitemap.MediaType()}.join(around, newestEntry(es, s.AsOf), nil)
	first.Fresh = first.Document
	return append([]Made{first}, made...), nil
}

// newsPath is the address of a file below the index, counted from 1.
func (c Channel) newsPath(n int) string { return fmt.Sprintf("%s.news-sitemap-%d.xml", c.Name(), n) }

func newsFile(c channel, path string, es []entry, asOf time.Time, before []Made) (Made, error) {
	p := press{form: newsForm{}, path: path, mediaType: NewsSitemap.MediaType()}
	return p.make(c, es, newestEntry(es, asOf), before)
}

func newestEntry(es []entry, otherwise time.Time) time.Time {
	newest := time.Time{}
	for _, e := range es {
		if e.updated.After(newest) {
			newest = e.updated
		}
	}
	if newest.IsZero() {
		return seconds(otherwise)
	}
	return newest
}

// newsForm is a file of a news sitemap.
type newsForm struct{}

func (newsForm) shell(channel, time.Time, bool) (shell, error) {
	around, err := xmlShell(&newsSet{Space: nsSitemap, News: nsNews}, "</urlset>")
	around.close = "\n" + around.close
	return around, err
}

func (newsForm) fragments(c channel, es []entry) ([][]byte, error) {
	name, tag := c.Title, newsLanguage(c.Language)
	return encodeEach(es, func(b *bytes.Buffer, i int) error {
		return writeElement(b, "  ", newsArticle{
			Address: es[i].link, Name: name, Language: tag, Published: es[i].published.Format(time.RFC3339), Title: es[i].title,
		})
	})
}

// newsLanguage is a language as news sitemaps name it: by its code alone, and of Chinese which of the two ways of writing.
func newsLanguage(s string) string {
	tag, err := language.Parse(s)
	if err != nil || tag == language.Und {
		return ""
	}
	base, _ := tag.Base()
	if base.String() != "zh" {
		return base.String()
	}
	if script, _ := tag.Script(); strings.EqualFold(script.String(), "Hant") {
		return "zh-tw"
	}
	return "zh-cn"
}
