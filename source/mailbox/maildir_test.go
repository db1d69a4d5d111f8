//go:build unix

package mailbox

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

func folder(m *sourcetest.Maildir) Config {
	c := Default()
	c.URL, c.User = "maildir:"+m.Dir, sourcetest.MailUser
	return c
}

func TestMaildirTellsNothingTwice(t *testing.T) {
	t.Parallel()
	mail := sourcetest.NewMaildir(t)
	d := newDesk(t, folder(mail))
	d.brings()
	mail.Deliver(letter(1))
	second := mail.Deliver(letter(2))
	d.brings("Issue 1", "Issue 2")
	d.brings()
	if d.memory.Puts != 0 {
		t.Error("a look that finds nothing writes into memory")
	}
	seen := filepath.Join(mail.Dir, "cur", filepath.Base(second)+":2,S") // read by somebody
	if err := os.Rename(second, seen); err != nil {
		t.Fatal(err)
	}
	d.brings()
	if err := os.Remove(seen); err != nil {
		t.Fatal(err)
	}
	mail.Deliver(letter(2)) // copied back
	d.brings()
	before := mail.Files()
	mail.Deliver(letter(3))
	d.brings("Issue 3")
	if after := mail.Files(); !slices.Equal(after[:len(after)-1], before) && len(after) != len(before)+1 {
		t.Errorf("the files are %v, they were %v", after, before)
	}
}

func TestMaildirHasOddFiles(t *testing.T) {
	t.Parallel()
	mail := sourcetest.NewMaildir(t)
	outside := filepath.Join(t.TempDir(), "secret")
	for _, err := range []error{
		os.WriteFile(outside, []byte(letter(9)), 0o600), os.Symlink(outside, filepath.Join(mail.Dir, "new", "link")),
		syscall.Mkfifo(filepath.Join(mail.Dir, "new", "pipe"), 0o600), os.Mkdir(filepath.Join(mail.Dir, "cur", "folder"), 0o700),
		os.WriteFile(filepath.Join(mail.Dir, "tmp", "coming"), []byte(letter(8)), 0o600), os.WriteFile(filepath.Join(mail.Dir, "new", ".hidden"), []byte(letter(7)), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	mail.Deliver("")
	mail.Deliver(letter(1))
	mail.Deliver("just text without a header")
	mail.Deliver("From someone Mon Nov 23 2026\nSubject: From a mbox\n\nx")
	d := newDesk(t, folder(mail))
	b := d.look()
	var titles []string
	for _, a := range b.Articles {
		titles = append(titles, a.Title)
	}
	if !slices.Equal(titles, []string{"Issue 1", "From a mbox"}) && len(titles) != 3 || len(b.Problems) == 0 {
		t.Errorf("there came %q and %v", titles, b.Problems)
	}
	d.brings()
}

func TestMaildirIsNone(t *testing.T) {
	t.Parallel()
	c := Default()
	c.URL = "maildir:" + t.TempDir()
	newDesk(t, c).refuses(feed.Refused, "it is no Maildir")
	c.URL += "/nowhere"
	newDesk(t, c).refuses(feed.Refused, "the folder cannot be opened: no such file")
}

func TestMaildirTellsOfNewMail(t *testing.T) {
	t.Parallel()
	mail := sourcetest.NewMaildir(t)
	d := newDesk(t, folder(mail))
	d.brings()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	changed := make(chan struct{}, 1)
	go func() {
		time.Sleep(100 * time.Millisecond)
		mail.Deliver(letter(1))
	}()
	if err := d.Watch(ctx, func() { changed <- struct{}{}; cancel() }); err != nil {
		t.Fatal(err)
	}
	select {
	case <-changed:
		d.brings("Issue 1")
	default:
		t.Error("nothing was told")
	}
}

// TestLargeMailboxComesInPieces: the first look takes the newest that fit, the others all that is new, in order.
func TestLargeMailboxComesInPieces(t *testing.T) {
	t.Parallel()
	mail := sourcetest.NewMaildir(t)
	large := strings.Repeat(strings.Repeat("Word by word. ", 70)+"\r\n\r\n", 50) // 50 KB
	for i := range 40 {
		mail.Deliver(letter(i+1) + large)
	}
	d := newDesk(t, folder(mail))
	d.room = 30 * len(large)
	b := d.look()
	n := len(b.Articles)
	if n < 25 || n > 35 || b.Articles[n-1].Title != "Issue 40" || len(b.Notes) != 1 {
		t.Fatalf("the first look brings %d, the last one %s, %v", n, b.Articles[n-1].Title, b.Notes)
	}
	d.brings() // older ones never come
	for i := range 40 {
		mail.Deliver(letter(i+41) + large)
	}
	var titles []string
	for range 3 {
		b := d.look()
		for _, a := range b.Articles {
			titles = append(titles, a.Title)
		}
	}
	if len(titles) != 40 || titles[0] != "Issue 41" || titles[39] != "Issue 80" || !slices.IsSortedFunc(titles, strings.Compare) {
		t.Errorf("then came %q", titles)
	}
	select {
	case <-d.more:
	default:
		t.Error("nobody is told that there is more")
	}
}
