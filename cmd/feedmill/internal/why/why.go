// Package why answers `feedmill why`: for a feed, an article or a document, how it came about, what was left out of it and
// for which reason, and where it went. It knows what the configuration and the state say, looks at files that are named, asks
// nothing of the web and changes nothing; what package mill knows of an article it puts into words and columns.
//
// Each question has a file: article.go, feed.go, document.go, and unread.go for files of which there is no article; what is
// asked for is found in find.go. A new thing to tell is a section of one of them.
package why

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"feedmill/cmd/feedmill/internal/daemon"
	"feedmill/config"
	"feedmill/feed/mill"
	"feedmill/feed/store"
)

// Records is what the answers are read from.
type Records interface {
	mill.Records
	Conditions(ctx context.Context) ([]store.Condition, error)
	Summaries(ctx context.Context) (map[string]store.Summary, error)
}

// Teller answers questions about the feeds of a configuration.
type Teller struct {
	Config  *config.Config
	Plan    *daemon.Plan // of that configuration
	Records Records
	Now     time.Time
	Out     io.Writer
}

// subject is a feed that is asked about.
type subject struct {
	*mill.Inquiry
	feed  *daemon.Feed
	words *config.Feed
}

// subjects are all feeds of which the state knows something, in the order of the configuration.
func (t *Teller) subjects(ctx context.Context) ([]subject, error) {
	var all []subject
	for i := range t.Config.Feeds {
		s := subject{feed: t.Plan.Feed(t.Config.Feeds[i].Key), words: &t.Config.Feeds[i]}
		var known bool
		var err error
		if s.Inquiry, known, err = mill.Inquire(ctx, t.Records, &s.feed.Feed, t.Now); err != nil {
			return nil, err
		}
		if known {
			all = append(all, s)
		}
	}
	return all, nil
}

// source returns the words of the source with a digest, nil when the feed has it no more.
func (s subject) source(digest string) *config.Source {
	for i := range s.words.Sources {
		if s.words.Sources[i].Digest == digest {
			return &s.words.Sources[i]
		}
	}
	return nil
}

// conditions are what is wrong with the feed, by subject: "feed", "silence", "source NAME" or "output NAME".
func (t *Teller) conditions(ctx context.Context, s subject) ([]store.Condition, error) {
	all, err := t.Records.Conditions(ctx)
	return slices.DeleteFunc(all, func(c store.Condition) bool { return c.Feed != s.words.Key }), err
}

// show is a moment as the feed's people read it.
func (s subject) show(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.In(s.words.Location).Format("2006-01-02 15:04")
}

// state is what became of an article, in a few words.
func (s subject) state(row store.Article) string {
	why := s.Why(row)
	if row.State == store.Live {
		return "live since " + s.show(row.Released)
	}
	if why == "" || row.State == store.Dropped {
		return row.State + strings.TrimPrefix(why, row.State)
	}
	return row.State + ": " + why
}

// name is what an article is called.
func name(row store.Article) string {
	for _, name := range []string{row.Said.Title, row.Key, row.Link, row.Given} {
		if name != "" {
			return short(name, 80)
		}
	}
	return row.ID
}

// section prints lines in columns below a heading, and nothing when there are none.
func section(out io.Writer, heading string, lines [][]string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", heading)
	var widths []int // of the columns; what ends its line may be of any length
	rows := make([][]string, 0, len(lines))
	for _, columns := range lines {
		for len(columns) > 0 && columns[len(columns)-1] == "" {
			columns = columns[:len(columns)-1]
		}
		rows = append(rows, columns)
		for j := range len(columns) - 1 {
			if len(widths) == j {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], utf8.RuneCountInString(columns[j]))
		}
	}
	for _, columns := range rows {
		for j, text := range columns {
			if j < len(columns)-1 {
				text += strings.Repeat(" ", widths[j]-utf8.RuneCountInString(text))
			}
			fmt.Fprint(out, "  ", text)
		}
		fmt.Fprintln(out)
	}
}

// short is a text as one line of at most so many characters.
func short(text string, most int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return strings.TrimSpace(string(line[:most-1])) + "…"
	}
	return string(line)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
