package render

import (
	"strings"
	"time"
)

// ldArticle is what search engines are told of an article (schema.org/NewsArticle), as JSON-LD.
type ldArticle struct {
	Context    string      `json:"@context"`
	Type       string      `json:"@type"`
	Headline   string      `json:"headline"`
	Summary    string      `json:"description,omitempty"`
	Image      []ldImage   `json:"image,omitempty"`
	Published  string      `json:"datePublished"`
	Modified   string      `json:"dateModified"`
	Authors    []ldParty   `json:"author,omitempty"`
	Publisher  ldParty     `json:"publisher"`
	Page       ldReference `json:"mainEntityOfPage"`
	URL        string      `json:"url"`
	Language   string      `json:"inLanguage,omitempty"`
	Keywords   string      `json:"keywords,omitempty"`
	Correction string      `json:"correction,omitempty"`
}

type ldReference struct {
	Type string `json:"@type"`
	ID   string `json:"@id"`
}

type ldParty struct {
	Type string   `json:"@type"`
	Name string   `json:"name"`
	URL  string   `json:"url,omitempty"`
	Logo *ldImage `json:"logo,omitempty"`
}

type ldImage struct {
	Type    string `json:"@type"`
	URL     string `json:"url"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"creditText,omitempty"`
}

func newLDArticle(c channel, e entry, v *articleView) *ldArticle {
	n := &ldArticle{
		Context: "https://schema.org", Type: "NewsArticle", Headline: e.title, Summary: e.summary,
		Published: v.Published.Format(time.RFC3339), Modified: v.Updated.Format(time.RFC3339),
		Publisher: ldParty{Type: "Organization", Name: c.Title, URL: c.Link},
		Page:      ldReference{"WebPage", e.link}, URL: e.link, Language: v.Language,
		Keywords: strings.Join(e.tags, ", "), Correction: v.Correction,
	}
	if c.Image != "" {
		n.Publisher.Logo = &ldImage{Type: "ImageObject", URL: c.Image}
	}
	if e.image.URL != "" {
		n.Image = []ldImage{{"ImageObject", e.image.URL, e.image.Width, e.image.Height, e.image.Caption, e.image.Credit}}
	}
	for _, p := range e.authors {
		n.Authors = append(n.Authors, ldParty{Type: "Person", Name: p.Name, URL: p.URL})
	}
	return n
}
