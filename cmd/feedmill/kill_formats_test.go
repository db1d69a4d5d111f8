package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// shownItem is an article as a document shows it.
type shownItem struct {
	id, link, title, content string
	published                string
	updated                  string // "" in RSS, which has no word for it
}

// readers read the formats to the last byte.
var readers = map[string]func([]byte) ([]shownItem, error){"rss": readRSS, "atom": readAtom, "json": readJSON}

func readRSS(body []byte) (items []shownItem, err error) {
	var d struct {
		XMLName xml.Name `xml:"rss"`
		Items   []struct {
			ID        string `xml:"guid"`
			Link      string `xml:"link"`
			Title     string `xml:"title"`
			Content   string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
			Published string `xml:"pubDate"`
		} `xml:"channel>item"`
	}
	err = readXML(body, &d)
	for _, it := range d.Items {
		items = append(items, shownItem{it.ID, it.Link, it.Title, it.Content, it.Published, ""})
	}
	return items, err
}

func readAtom(body []byte) (items []shownItem, err error) {
	var d struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []struct {
			ID    string `xml:"id"`
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Title     string `xml:"title"`
			Content   string `xml:"content"`
			Published string `xml:"published"`
			Updated   string `xml:"updated"`
		} `xml:"entry"`
	}
	err = readXML(body, &d)
	for _, e := range d.Entries {
		it := shownItem{id: e.ID, title: e.Title, content: e.Content, published: e.Published, updated: e.Updated}
		for _, l := range e.Links {
			if l.Rel == "alternate" {
				it.link = l.Href
			}
		}
		items = append(items, it)
	}
	return items, err
}

func readXML(body []byte, to any) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(to); err != nil {
		return err
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if space, ok := token.(xml.CharData); !ok || len(bytes.TrimSpace(space)) > 0 {
			return fmt.Errorf("after the end of the document comes %v", token)
		}
	}
}

func readJSON(body []byte) (items []shownItem, err error) {
	var d struct {
		Items []struct {
			ID        string `json:"id"`
			Link      string `json:"url"`
			Title     string `json:"title"`
			Content   string `json:"content_html"`
			Published string `json:"date_published"`
			Updated   string `json:"date_modified"`
		} `json:"items"`
	}
	err = json.Unmarshal(body, &d)
	for _, it := range d.Items {
		items = append(items, shownItem{it.ID, it.Link, it.Title, it.Content, it.Published, it.Updated})
	}
	return items, err
}
