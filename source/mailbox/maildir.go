package mailbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"feedmill/feed"
)

// filesKey is where the files of a Maildir are remembered that were looked at.
const filesKey = "mailbox.files"

// glancing is how often the folders of a Maildir are looked at.
const glancing = 5 * time.Second

// deliveries are the folders of a Maildir that hold messages; what is being delivered lies in tmp.
var deliveries = []string{"new", "cur"}

// maildir is a Maildir on disk. Files are opened for reading only, and none outside of it.
type maildir struct {
	*Mailbox
	root *os.Root
}

var _ box = (*maildir)(nil)

// fetchMaildir reads what is new in a Maildir.
func (m *Mailbox) fetchMaildir(ctx context.Context, mem feed.Memory) (feed.Batch, error) {
	root, err := os.OpenRoot(m.place.dir)
	if err != nil {
		return feed.Batch{}, feed.Classify(feed.Refused, fmt.Errorf("the folder cannot be opened: %w", reason(err)))
	}
	defer root.Close()
	d := &maildir{m, root}
	files, sum, err := d.list()
	if err != nil {
		return feed.Batch{}, err
	}
	at := recallReached(mem)
	if at.Begun && at.Files == sum {
		return feed.Batch{Extent: feed.Unchanged}, nil
	}
	return d.look(ctx, mem, at, files)
}

// list names all messages, each by its path and the part of its name that stays, and sums up those parts.
func (d *maildir) list() (files map[mark]string, sum uint64, err error) {
	files = map[mark]string{}
	found := false
	for _, folder := range deliveries {
		dir, err := d.root.Open(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, 0, feed.Classify(feed.Unavailable, fmt.Errorf("the folder %s cannot be read: %w", folder, reason(err)))
		}
		found = true
		names, err := dir.Readdirnames(-1)
		_ = dir.Close() // it was only read
		if err != nil {
			return nil, 0, feed.Classify(feed.Unavailable, fmt.Errorf("the folder %s cannot be read: %w", folder, reason(err)))
		}
		for _, name := range names {
			if strings.HasPrefix(name, ".") {
				continue
			}
			one := fileMark(name)
			if _, twice := files[one]; !twice {
				files[one] = folder + "/" + name
				sum += sumOf(one)
			}
		}
	}
	if !found {
		return nil, 0, feed.Classify(feed.Refused, errors.New("it is no Maildir: there is neither a folder new nor cur in it; write the folder that holds them"))
	}
	return files, sum, nil
}

// fileMark is made of the part of a file's name before its flags, which change.
func fileMark(name string) mark {
	unique, _, _ := strings.Cut(name, ":2,")
	h := fnv.New64a()
	_, _ = io.WriteString(h, unique) // a hash takes everything
	return mark(h.Sum(nil))
}

func sumOf(m mark) (n uint64) {
	for _, b := range m {
		n = n<<8 | uint64(b)
	}
	return n
}

// look reads the messages that were not there before.
func (d *maildir) look(ctx context.Context, mem feed.Memory, at reached, files map[mark]string) (feed.Batch, error) {
	all, left := d.unseen(files, recallMarks(mem, filesKey))
	more := !at.Begun && len(all) > mostSeen
	if more {
		all = all[len(all)-mostSeen:]
	}
	told := recallMarks(mem, toldKey)
	fresh := d.fresh(all, told, at)
	t, err := d.take(ctx, mem, d, fresh, !at.Begun)
	if err != nil {
		return feed.Batch{}, err
	}
	for _, c := range fresh {
		if t.done[c.mark] || !at.Begun && t.full() {
			told.add(c.mark)
		} else {
			left[fileMark(path.Base(c.file))] = true
		}
	}
	next := reached{Begun: true, Floor: at.Floor}
	if !at.Begun && (more || t.full()) {
		t.begins(&next)
	}
	if at.Begun && t.full() {
		d.again()
	}
	next.Files = saveFiles(mem, files, left)
	told.save(mem, toldKey)
	next.save(mem)
	return t.batch, nil
}

// unseen are the messages that were not looked at, in the order of their arrival. left are those that were moved by another
// program at this moment: the next look sees them.
func (d *maildir) unseen(files map[mark]string, seen *told) (all []candidate, left map[mark]bool) {
	left = map[mark]bool{}
	for one, file := range files {
		if seen.known[one] {
			continue
		}
		c, err := d.candidate(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			left[one] = true
		case errors.Is(err, errNoFile):
		case err != nil: // reading it will tell
			all = append(all, candidate{file: file, mark: one})
		default:
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(a.arrived.Compare(b.arrived), cmp.Compare(a.file, b.file)) })
	return all, left
}

// saveFiles remembers the files that were looked at, and returns the sum of them.
func saveFiles(mem feed.Memory, files map[mark]string, left map[mark]bool) (sum uint64) {
	seen := make([]mark, 0, len(files))
	for one := range files {
		if !left[one] {
			seen = append(seen, one)
			sum += sumOf(one)
		}
	}
	slices.SortFunc(seen, func(a, b mark) int { return bytes.Compare(a[:], b[:]) })
	out := make([]byte, 0, len(seen)*len(mark{}))
	for _, one := range seen {
		out = append(out, one[:]...)
	}
	mem.Put(filesKey, out)
	return sum
}

// candidate reads the header of a file.
func (d *maildir) candidate(file string) (candidate, error) {
	f, info, err := d.open(file)
	if err != nil {
		return candidate{}, err
	}
	defer f.Close()
	start, err := io.ReadAll(io.LimitReader(f, longestHead))
	if err != nil {
		return candidate{}, err
	}
	head, _ := cutHeader(start)
	return candidate{file: file, size: info.Size(), arrived: info.ModTime(), head: head, mark: markOf(nameOf(head))}, nil
}

// open opens a message that is an ordinary file.
func (d *maildir) open(file string) (*os.File, fs.FileInfo, error) {
	info, err := d.root.Lstat(file)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, errNoFile
	}
	f, err := d.root.Open(file)
	return f, info, err
}

var errNoFile = errors.New("is no ordinary file")

// read hands over messages.
func (d *maildir) read(ctx context.Context, cs []candidate, take func(candidate, []byte, error) bool) error {
	largest := int64(d.config.Fetch.MaxBody)
	for _, c := range cs {
		if ctx.Err() != nil {
			return feed.Classify(feed.Unavailable, ctx.Err())
		}
		raw, err := d.readFile(c, largest)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was moved or deleted meanwhile
		}
		if !take(c, raw, err) {
			return nil
		}
	}
	return nil
}

func (d *maildir) readFile(c candidate, largest int64) ([]byte, error) {
	if c.size > largest {
		return nil, d.tooLarge()
	}
	f, _, err := d.open(c.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err == nil && int64(len(raw)) > largest {
		return nil, d.tooLarge()
	}
	return raw, err
}

// watchMaildir calls changed when the folders changed.
func (m *Mailbox) watchMaildir(ctx context.Context, changed func()) {
	before := m.glance()
	for m.pause(ctx, glancing, changed) {
		if now := m.glance(); now != before {
			before = now
			changed()
		}
	}
}

// glance is when the folders changed last.
func (m *Mailbox) glance() (times [2]time.Time) {
	for i, folder := range deliveries {
		if info, err := os.Stat(path.Join(m.place.dir, folder)); err == nil {
			times[i] = info.ModTime()
		}
	}
	return times
}

// reason is why the system refuses, without the path, which the mailbox's address tells.
func reason(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
