package render

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
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
func (p Press) newsSitemap(s Snapshot, before []Made) ([]Made, error) {
	c := newChannel(s.Channel)
	if newsLanguage(c.Language) == "" {
		return nil, fmt.Errorf("a news sitemap names the language of the publication; set the language of the feed")
	}
	c.Content = None // titles and links are all that it says
	all, err := spots(s.News, s.NewsListed, s.AsOf)
	if err != nil {
		return nil, err
	}
	if len(all) <= NewsMost {
		return p.newsFile(c, c.Path(NewsSitemap), all, s, before)
	}
	made, refused := []Made{{}}, []error{}
	index := newsIndex{Space: nsSitemap}
	for chunk := range slices.Chunk(all, NewsMost) {
		path := c.newsPath(len(index.Sitemaps) + 1)
		file, err := p.newsFile(c, path, chunk, s, before)
		if err != nil && file == nil {
			return nil, err
		}
		made, refused = append(made, file...), append(refused, err)
		index.Sitemaps = append(index.Sitemaps, sitemapFile{c.Base + "/" + path, newestUpdate(chunk, s.AsOf).Format(time.RFC3339)})
	}
	first := sheet{form: indexForm{&index}, path: c.Path(NewsSitemap), mediaType: NewsSitemap.MediaType(), modified: newestUpdate(all, s.AsOf)}
	if err := first.begin(0); err != nil {
		return nil, err
	}
	made[0], err = first.finish()
	return made, errors.Join(append(refused, err)...)
}

// newsPath is the address of a file below the index, counted from 1.
func (c Channel) newsPath(n int) string {
	index := c.Path(NewsSitemap)
	ending := path.Ext(index)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(index, ending), n, ending)
}

func (p Press) newsFile(c channel, path string, all []spot, s Snapshot, before []Made) (made []Made, err error) {
	r := run{Press: p, read: s.Read}
	defer func() { err = errors.Join(err, r.close()) }()
	file := r.sheet(&sheet{
		form: newsForm{}, channel: c, path: path, mediaType: NewsSitemap.MediaType(), modified: newestUpdate(all, s.AsOf),
	}, before...)
	if err := file.begin(len(all)); err != nil {
		return nil, err
	}
	if err := r.add(all, r.sheets); err != nil {
		return nil, err
	}
	return r.finish()
}

// indexForm is the index of the files of a news sitemap.
type indexForm struct{ index *newsIndex }

func (f indexForm) shell(channel, time.Time, bool) (shell, error) {
	return xmlShell(f.index, "\n</sitemapindex>")
}

func (indexForm) fragments(channel, []entry) ([][]byte, error) { return nil, nil }

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
