package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// newsroom is a folder of articles and the people who work in it: they add, edit and rename files while a daemon reads
// them. It knows what each article must say.
type newsroom struct {
	folder string
	seed   uint64
	limit  int       // of articles
	opened time.Time // dates of articles lie before it

	dice    *rand.Rand   // of work alone
	moves   atomic.Int32 // steps of renaming that are still to be made
	calm    atomic.Bool  // only the first stories are edited
	renamed int          // files
	edited  int

	mu      sync.Mutex // held for stories and their versions, and not while files are written
	stories []*story
}

// story is one article. Its file is either edited over its life or renamed, never both: renamed and edited in one unseen
// step, along with others, a file may be taken for another.
type story struct {
	number  int
	file    string // below the folder
	movable bool
	version int
}

// firstStories are there before the first daemon.
const firstStories = 10

// desks are the folders that files lie in.
var desks = []string{".", "foreign", "foreign/late"}

func openNewsroom(folder string, seed uint64, limit int) (*newsroom, error) {
	n := &newsroom{
		folder: folder, seed: seed, limit: limit, opened: time.Now().UTC().Truncate(time.Second), dice: rand.New(rand.NewPCG(seed, 1)),
	}
	for _, desk := range desks {
		if err := os.MkdirAll(filepath.Join(folder, desk), 0o755); err != nil {
			return nil, err
		}
	}
	for range firstStories {
		if err := n.add(true); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// work goes on until ctx ends.
func (n *newsroom) work(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := n.step(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(20+n.dice.IntN(100)) * time.Millisecond):
		}
	}
	return nil
}

// move orders steps of renaming. They are ordered, and followed by calm, because while files go missing or arrive all the
// time nothing new can be told from something renamed, and waits.
func (n *newsroom) move(steps int) { n.moves.Add(int32(steps)) }

func (n *newsroom) step() error {
	roll := n.dice.IntN(100)
	switch {
	case n.moves.Load() > 0 && !n.calm.Load() && roll < 40:
		n.moves.Add(-1)
		return n.rename(1 + n.dice.IntN(3))
	case roll < 60 || len(n.stories) >= n.limit:
		return n.edit()
	case roll < 80 && !n.calm.Load():
		return n.add(n.dice.IntN(4) > 0)
	}
	return nil
}

func (n *newsroom) add(old bool) error {
	s := &story{number: len(n.stories) + 1, movable: n.dice.IntN(2) == 0, version: 1}
	extension := ".md"
	if n.dice.IntN(2) == 0 {
		extension = ".txt"
	}
	s.file = filepath.Join(desks[n.dice.IntN(len(desks))], fmt.Sprintf("story-%d%s", s.number, extension))
	n.mu.Lock()
	n.stories = append(n.stories, s)
	n.mu.Unlock()
	return n.save(s, old)
}

func (n *newsroom) edit() error {
	among := len(n.stories)
	if n.calm.Load() {
		among = firstStories
	}
	s := n.stories[n.dice.IntN(among)]
	if s.movable {
		return nil
	}
	n.mu.Lock()
	s.version++
	n.mu.Unlock()
	n.edited++
	return n.save(s, n.dice.IntN(4) > 0)
}

// rename gives several files new names in one step.
func (n *newsroom) rename(files int) error {
	for _, i := range n.dice.Perm(len(n.stories)) {
		s := n.stories[i]
		if !s.movable {
			continue
		}
		n.renamed++
		to := filepath.Join(desks[n.dice.IntN(len(desks))], fmt.Sprintf("renamed-%d-%d%s", s.number, n.renamed, filepath.Ext(s.file)))
		if err := os.Rename(filepath.Join(n.folder, s.file), filepath.Join(n.folder, to)); err != nil {
			return err
		}
		s.file = to
		if files--; files == 0 {
			break
		}
	}
	return nil
}

// save writes the story's file as editors do: a temporary file that takes the old one's place, or the file itself, piece
// by piece. An old file counts as finished when a daemon first sees it; one that is not is looked at twice.
func (n *newsroom) save(s *story, old bool) error {
	target := filepath.Join(n.folder, s.file)
	body := n.file(s)
	var age time.Duration
	if old {
		age = 10*time.Second + time.Duration(n.dice.Int64N(int64(time.Hour)))
	}
	if n.dice.IntN(2) == 0 {
		return writeInPlace(target, body, age, time.Duration(n.dice.IntN(30))*time.Millisecond)
	}
	temp := filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".swp")
	if err := writeInPlace(temp, body, age, 0); err != nil {
		return err
	}
	return os.Rename(temp, target)
}

func writeInPlace(target, body string, age, pause time.Duration) error {
	f, err := os.Create(target)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, part := range []string{body[:len(body)/2], body[len(body)/2:]} {
		if _, err := f.WriteString(part); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	if age == 0 {
		return nil
	}
	at := time.Now().Add(-age)
	return os.Chtimes(target, at, at)
}

// file is what stands in the story's file.
func (n *newsroom) file(s *story) string {
	var b strings.Builder
	date, dated := n.date(s.number)
	if filepath.Ext(s.file) == ".md" {
		fmt.Fprintf(&b, "---\ntitle: %s\n", n.title(s.number, s.version))
		if dated {
			fmt.Fprintf(&b, "date: %s\n", date.Format(time.RFC3339))
		}
		if s.number%3 == 0 {
			fmt.Fprintf(&b, "link: https://news.example.org/%d\n", s.number)
		}
		b.WriteString("---\n")
	} else {
		fmt.Fprintf(&b, "%s\n", n.title(s.number, s.version))
		if dated {
			fmt.Fprintf(&b, "Date: %s\n", date.Format(time.RFC3339))
		}
	}
	for _, p := range n.paragraphs(s.number, s.version) {
		if s.number%4 == 1 {
			p = wrap(p)
		}
		b.WriteString("\n" + p + "\n")
	}
	return b.String()
}

// wrap breaks a paragraph into lines of 70 characters at most.
func wrap(p string) string {
	var b strings.Builder
	line := 0
	for w := range strings.FieldsSeq(p) {
		width := utf8.RuneCountInString(w)
		switch {
		case line+width > 70:
			b.WriteByte('\n')
			line = 0
		case line > 0:
			b.WriteByte(' ')
		}
		b.WriteString(w)
		line += width + 1
	}
	return b.String()
}

// date is the date that the story's file gives, if it gives one.
func (n *newsroom) date(number int) (time.Time, bool) {
	return n.opened.Add(-time.Duration(number) * time.Hour), number%2 == 0
}

// title is the same at every call, as is all that a story says.
func (n *newsroom) title(number, version int) string {
	words := rand.New(rand.NewPCG(n.seed, uint64(number)))
	title := fmt.Sprintf("On %s and %s", word(words), word(words))
	if version%3 == 0 {
		return title + " again"
	}
	return title
}

// paragraphs of a version share next to no word with those of another. The first begins with the mark that the witness
// knows the story by.
func (n *newsroom) paragraphs(number, version int) []string {
	words := rand.New(rand.NewPCG(n.seed, uint64(number)<<32|uint64(version)))
	paragraphs := make([]string, 3+words.IntN(4))
	for i := range paragraphs {
		var b strings.Builder
		if i == 0 {
			fmt.Fprintf(&b, "Story%dversion%d", number, version)
		} else {
			b.WriteString("So")
		}
		for range 20 + words.IntN(40) {
			b.WriteString(" " + word(words))
		}
		paragraphs[i] = b.String() + " — “" + word(words) + "”, they said."
	}
	return paragraphs
}

// word is a random word that means nothing anywhere.
func word(r *rand.Rand) string {
	var b strings.Builder
	for range 2 + r.IntN(3) {
		b.WriteByte("bdfgklmnprtvz"[r.IntN(13)])
		b.WriteString([]string{"a", "e", "i", "o", "u", "é", "ö", "я"}[r.IntN(8)])
	}
	return b.String()
}

var mark = regexp.MustCompile(`Story(\d+)version(\d+)`)

// identify finds which story, in which version, a text begins with.
func (n *newsroom) identify(text string) (number, version int, err error) {
	found := mark.FindStringSubmatch(text)
	if found == nil {
		return 0, 0, fmt.Errorf("no story was ever written that says %.80q", text)
	}
	number, _ = strconv.Atoi(found[1]) // digits
	version, _ = strconv.Atoi(found[2])
	n.mu.Lock()
	defer n.mu.Unlock()
	if number > len(n.stories) || version > n.stories[number-1].version {
		return 0, 0, fmt.Errorf("story %d has no version %d", number, version)
	}
	return number, version, nil
}
