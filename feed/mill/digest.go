package mill

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"feedmill/feed"
)

// digestOf covers all that the source said of the article, but where it lay, under which name, and when it was touched.
func digestOf(a feed.Article) string {
	words := []string{
		a.ID, a.Link, a.Title, a.Summary, a.Content, a.Markdown, a.Language, a.Image.URL, a.Image.Caption, a.Image.Credit,
		stamp(a.Published), stamp(a.Updated), stamp(a.Expires), string(a.Status), a.Correction, strconv.FormatBool(a.Minor), "",
	}
	for _, p := range a.Authors {
		words = append(words, p.Name, p.Email, p.URL)
	}
	words = append(append(words, ""), a.Tags...)
	if a.Pin {
		words = append(words, "pin")
	}
	if a.Revision != "" {
		words = append(words, revision+a.Revision)
	}
	return digest(append(append(words, enclosureWords(a)...), mediaWords(a)...))
}

// revision begins the word for a revision: no other word of a digest begins so.
const revision = "revision "

// materialOf covers what readers would call a change: it moves the updated date. White space does not count.
func materialOf(a feed.Article) string {
	words := []string{a.Title, squeeze(a.Summary), squeeze(a.Content), squeeze(a.Markdown), a.Link, a.Correction}
	if a.Revision != "" {
		words = append(words, revision+a.Revision)
	}
	return digest(append(append(append(words, a.Tags...), enclosureWords(a)...), mediaWords(a)...))
}

// mediaWords tell by the names of media whether one of them is another now.
func mediaWords(a feed.Article) (words []string) {
	for _, m := range a.Media {
		words = append(words, "media "+m.Ref, m.Name)
	}
	return words
}

func enclosureWords(a feed.Article) []string {
	words := []string{""}
	for _, e := range a.Enclosures {
		words = append(words, e.URL, e.Type, strconv.FormatInt(e.Length, 10))
	}
	return words
}

// squeeze makes every run of ASCII white space one space. It is not strings.Fields for its speed: every article that
// comes in passes here.
func squeeze(s string) string {
	out := make([]byte, 0, len(s)+1)
	for i := 0; i < len(s); {
		begin := i
		for i < len(s) && !isSpace(s[i]) {
			i++
		}
		if begin < i {
			out = append(append(out, s[begin:i]...), ' ')
		}
		for i < len(s) && isSpace(s[i]) {
			i++
		}
	}
	return string(bytes.TrimSuffix(out, []byte(" ")))
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func digest(words []string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}
