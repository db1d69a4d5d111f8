package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// desk is a newsroom that leaves its articles in a folder and works on them.
type desk struct {
	*years
	feed, folder string
	gap          time.Duration
	stories      []*story
	agenda       []task
}

// task is what a desk does at a time.
type task struct {
	at time.Time
	do func()
}

// fates are what becomes of the stories of a desk, one after the other.
const fates = 13

// work does all that is to be done by now.
func (d *desk) work() {
	for at := d.begin.Add(time.Duration(len(d.stories)) * d.gap); !at.After(d.now); at = at.Add(d.gap) {
		d.begins()
	}
	open := d.agenda[:0]
	for _, t := range d.agenda {
		if t.at.After(d.now) {
			open = append(open, t)
			continue
		}
		t.do()
	}
	d.agenda = open
}

func (d *desk) after(hours int, do func()) {
	d.agenda = append(d.agenda, task{d.now.Add(time.Duration(hours) * time.Hour), do})
}

// begins leaves a new story, and plans what will become of it. Two changes of one story lie more than a day apart, so that
// whoever comes once a day sees each.
func (d *desk) begins() {
	n := len(d.stories)
	s := &story{marker: fmt.Sprintf("mark-%s-%05d", d.feed, n), feed: d.feed, number: n, path: fmt.Sprintf("%s/story-%05d.md", d.folder, n)}
	d.stories = append(d.stories, d.truth.add(s))
	if n%2 == 1 {
		s.dated = d.now.Add(-time.Hour)
	}
	live := func() { s.turn(d.now, appears); d.save(s) }
	switch n % fates {
	case 1:
		s.said.status = "draft"
		d.save(s)
		d.after(30, func() { s.said.status = ""; live() })
		return
	case 2:
		s.dated = d.now.Add(24*time.Hour + 17*time.Minute) // when another one has just come
		s.turn(s.dated, appears)
		d.save(s)
		return
	case 3:
		d.after(30, func() { s.said.correction = "The river rose by two metres."; s.turn(d.now, edited); d.save(s) })
	case 4:
		d.after(30, func() { s.said.minor = true; s.turn(d.now, retouched); d.save(s) })
	case 5:
		d.after(30, func() { d.rename(s) })
	case 6:
		d.after(30, func() { d.rename(s) })
		d.after(60, func() { s.turn(d.now, edited); d.save(s) })
	case 7:
		d.after(30, func() { s.said.status = "withdrawn"; s.turn(d.now, withdrawn); d.save(s) })
		if n%(2*fates) == 7 {
			d.after(90, func() { s.said.status = ""; s.turn(d.now, restored); d.save(s) })
		}
	case 8:
		d.after(30, func() { d.operate(s, withdrawn) })
		if n%(2*fates) == 8 {
			d.after(90, func() { d.operate(s, restored) })
		}
	case 9:
		s.said.expires = d.now.Add(63*time.Hour + 41*time.Minute)
		s.turn(s.said.expires, expired)
	case 10:
		d.after(30, func() { s.turn(d.now, edited); d.save(s) })
		d.after(60, func() { s.turn(d.now, edited); d.save(s) })
	case 11:
		d.after(30, func() { d.remove(s.path) })
	case 12: // an edit in another name
		d.after(30, func() { s.turn(d.now, edited); d.rename(s); d.save(s) })
	}
	live()
}

// save writes the story's file as it is to be now.
func (d *desk) save(s *story) {
	d.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: Story %d of the %s\n", s.number, d.feed)
	if !s.dated.IsZero() {
		fmt.Fprintf(&b, "date: %s\n", s.dated.Format(time.RFC3339))
	}
	if !s.said.expires.IsZero() {
		fmt.Fprintf(&b, "expires: %s\n", s.said.expires.Format(time.RFC3339))
	}
	if s.said.status != "" {
		fmt.Fprintf(&b, "status: %s\n", s.said.status)
	}
	if s.said.correction != "" {
		fmt.Fprintf(&b, "correction: %s\n", s.said.correction)
	}
	if s.said.minor {
		b.WriteString("minor: true\n")
	}
	fmt.Fprintf(&b, "---\n%s\n", text(s, s.at(d.now)))
	path := filepath.Join(d.dir, s.path)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		d.Fatal(err)
	}
	if err := os.Chtimes(path, d.now, d.now); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) rename(s *story) {
	d.Helper()
	to := strings.Replace(s.path, "story", "renamed", 1)
	if err := os.Rename(filepath.Join(d.dir, s.path), filepath.Join(d.dir, to)); err != nil {
		d.Fatal(err)
	}
	s.path = to
}

func (d *desk) remove(path string) {
	d.Helper()
	if err := os.Remove(filepath.Join(d.dir, path)); err != nil {
		d.Fatal(err)
	}
}

// operate does what "feedmill withdraw" and "feedmill restore" do.
func (d *desk) operate(s *story, what kind) {
	d.Helper()
	d.years.operate(s, s.path, what)
}
