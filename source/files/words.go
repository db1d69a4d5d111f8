package files

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
)

// draft is an article while it is read.
type draft struct {
	article feed.Article
	loc     *time.Location
	notes   []string
	body    string // what the word content said; used when the file has no body of its own
	matter  bool   // the words that are set stand in front matter
	places  []placed
}

// placed is where in the file a word of the article was read.
type placed struct{ word, place string }

// place notes where a word was read. A later place counts, as a later value does.
func (d *draft) place(word, format string, args ...any) {
	p := placed{word, fmt.Sprintf(format, args...)}
	if i := slices.IndexFunc(d.places, func(known placed) bool { return known.word == word }); i >= 0 {
		d.places[i] = p
	} else {
		d.places = append(d.places, p)
	}
}

// placeWord is [draft.place] for a word in front matter or a header line, as its author wrote it.
func (d *draft) placeWord(word, as string, line int) {
	switch {
	case !isWord(word), word == "permalink" && d.article.Link == "", word == "draft" && d.article.Status == feed.Ready:
		return // it is for other programs, or says nothing
	case word == "permalink":
		word = "link"
	case word == "draft":
		word = "status"
	}
	where := "header line"
	if d.matter {
		where = "front matter, line"
	}
	if plainWord(as) != word {
		d.place(word, "%s %d (%s)", where, line, as)
	} else {
		d.place(word, "%s %d", where, line)
	}
}

func (d *draft) note(s string) {
	if !slices.Contains(d.notes, s) {
		d.notes = append(d.notes, s)
	}
}

// synonyms are the words by which Hugo, Jekyll, 11ty and mail programs name what feedmill names otherwise. A word of
// feedmill's own wins over its synonyms. Spelled as [plainWord] spells words.
var synonyms = map[string]string{
	"headline":       "title",
	"date":           "published",
	"pubdate":        "published",
	"publishdate":    "published",
	"publishedat":    "published",
	"datepublished":  "published",
	"lastmod":        "updated",
	"lastmodified":   "updated",
	"lastmodifiedat": "updated",
	"modified":       "updated",
	"updatedat":      "updated",
	"datemodified":   "updated",
	"expirydate":     "expires",
	"expiry":         "expires",
	"unpublishdate":  "expires",
	"authors":        "author",
	"byline":         "author",
	"by":             "author",
	"description":    "summary",
	"excerpt":        "summary",
	"standfirst":     "summary",
	"tag":            "tags",
	"category":       "tags",
	"categories":     "tags",
	"keywords":       "tags",
	"images":         "image",
	"cover":          "image",
	"featuredimage":  "image",
	"guid":           "id",
	"canonical":      "permalink",
	"canonicalurl":   "permalink",
	"url":            "permalink",
	"lang":           "language",
	"locale":         "language",
}

// words are the words of an article. A permalink is not one of them, but in site generators it may be a path, which
// says nothing here, or an address, which is a link.
var words = []string{
	"id", "title", "link", "permalink", "published", "updated", "expires", "author", "summary", "content", "tags", "image",
	"caption", "credit", "language", "status", "draft", "correction", "minor", "audio", "slug",
	"pin", "season", "episode", "episodetype", "transcript", "chapters",
}

// plainWord spells a word as the tables do: Episode-Type, episode_type and episodeType are one word.
func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// isWord reports whether a word or synonym stands for something an article has.
func isWord(s string) bool {
	w := plainWord(s)
	return slices.Contains(words, w) || synonyms[w] != ""
}

// setAll sets the words of an article; words it does not know are left alone, for front matter is full of words meant
// for other programs. Synonyms go first, so that the word itself wins wherever it stands.
func (d *draft) setAll(pairs []pair) error {
	for _, own := range []bool{false, true} {
		for _, p := range pairs {
			word := plainWord(p.word)
			meant, isSynonym := synonyms[word]
			if !isSynonym {
				meant = word
			}
			if isSynonym == own || p.value.kind == nothing {
				continue
			}
			if err := d.set(meant, p.word, p.value); err != nil {
				return err
			}
			d.placeWord(meant, p.word, p.value.line)
		}
	}
	return nil
}

// set is the one place where a word becomes a part of an article. As is the word as its author wrote it, for messages.
func (d *draft) set(word, as string, v value) error {
	a := &d.article
	switch word {
	case "id":
		return setText(&a.ID, as, v)
	case "title":
		return setTitle(&a.Title, as, v)
	case "summary":
		return setText(&a.Summary, as, v)
	case "correction":
		return setText(&a.Correction, as, v)
	case "caption":
		return setText(&a.Image.Caption, as, v)
	case "credit":
		return setText(&a.Image.Credit, as, v)
	case "content":
		return setRaw(&d.body, as, v)
	case "slug":
		return setSlug(&a.Slug, as, v)
	case "link":
		return setLink(&a.Link, as, v)
	case "permalink":
		return setPermalink(&a.Link, as, v)
	case "published":
		return d.setPublished(as, v)
	case "updated":
		return d.setTime(&a.Updated, as, v)
	case "expires":
		return d.setTime(&a.Expires, as, v)
	case "author":
		return setAuthors(&a.Authors, as, v)
	case "tags":
		return setTags(&a.Tags, as, v)
	case "image":
		return setImage(&a.Image, as, v)
	case "audio":
		return d.setAudio(as, v)
	case "language":
		return d.setLanguage(as, v)
	case "status":
		return d.setStatus(as, v)
	case "draft":
		return d.setDraft(as, v)
	case "minor":
		return setBool(&a.Minor, as, v)
	case "pin":
		return setBool(&a.Pin, as, v)
	case "season", "episode", "episodetype", "transcript", "chapters":
		d.note(quoted(as) + " is not in this version and was left out")
	}
	return nil
}

func quoted(s string) string { return `"` + s + `"` }
