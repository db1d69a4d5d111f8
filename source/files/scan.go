package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"feedmill/feed"
)

// identity names a folder whatever its path: device and inode.
type identity struct{ device, inode uint64 }

// stamp is what a look can tell of a file's content without reading it: size in bytes, modification time in
// nanoseconds since 1970.
type stamp struct{ size, modified int64 }

// seen is what a look saw of a file, and the folder it lay in.
type seen struct {
	stamp
	folder identity
}

// found is a file that fits the pattern.
type found struct {
	key string
	seen
}

// listing is what one walk through the folders found.
type listing struct {
	files   []found
	folders map[identity]bool // every folder that could be read
	blocked map[string]error  // keys of files and folders that are there and cannot be read, and why

	remounted map[identity]identity // folders found under another device number; filled by sights
}

// entry is a file met on the walk before its stamp is known.
type entry struct {
	key    string
	folder identity
	link   bool // a symbolic link
	stamp  stamp
	err    error
}

// errPassed marks an entry that is no file of ours after all: it vanished, or its link leads to a folder or a device.
var errPassed = errors.New("not a regular file")

// walk finds every file that fits the pattern, folder by folder, and then asks for the stamps, both side by side: on
// network shares the answers take most of the time. Symbolic links are followed to files, not to folders, for those
// may lead in circles or show an article twice. The error says that the base folder itself cannot be read.
func (f *Files) walk(ctx context.Context) (*listing, error) {
	l := &listing{folders: map[identity]bool{}, blocked: map[string]error{}, remounted: map[identity]identity{}}
	entries, err := f.readFolders(ctx, l)
	if err != nil {
		return nil, err
	}
	if err := parallel(ctx, len(entries), 64, func(i int) { f.stat(&entries[i]) }); err != nil {
		return nil, err
	}
	l.files = make([]found, 0, len(entries))
	for _, e := range entries {
		switch {
		case e.err == nil:
			l.files = append(l.files, found{e.key, seen{e.stamp, e.folder}})
		case !errors.Is(e.err, errPassed):
			l.blocked[e.key] = e.err
		}
	}
	return l, nil
}

// readFolders returns the entries of all folders that may hold files that fit, one level of the tree after the other.
func (f *Files) readFolders(ctx context.Context, l *listing) ([]entry, error) {
	var entries []entry
	for level := []string{""}; len(level) > 0; {
		read := make([]contents, len(level))
		if err := parallel(ctx, len(level), 1, func(i int) { read[i] = f.readFolder(level[i]) }); err != nil {
			return nil, err
		}
		var below []string
		for i, c := range read {
			switch {
			case c.err == nil:
				l.folders[c.identity] = true
				entries = append(entries, c.entries...)
				below = append(below, c.folders...)
				for _, b := range c.blocked {
					l.blocked[b.key] = b.err
				}
			case level[i] == "":
				return nil, f.baseError(c.err)
			case !errors.Is(c.err, fs.ErrNotExist):
				l.blocked[f.prefix+level[i]] = readError(c.err)
			}
		}
		level = below
	}
	return entries, nil
}

// contents is what one folder holds.
type contents struct {
	identity identity
	entries  []entry
	folders  []string // paths below the base that may hold files that fit
	blocked  []entry
	err      error
}

func (f *Files) readFolder(folder string) (c contents) {
	full := filepath.Join(f.base, filepath.FromSlash(folder))
	d, err := os.Open(full)
	if err != nil {
		return contents{err: err}
	}
	defer d.Close()
	info, err := d.Stat()
	if err != nil {
		return contents{err: err}
	}
	c.identity = identityOf(info, full)
	list, err := d.ReadDir(-1)
	if err != nil {
		return contents{err: err}
	}
	if folder != "" {
		folder += "/"
	}
	for _, e := range list {
		if name := e.Name(); !ignored(name) {
			f.sort(&c, folder+name, name, e.Type())
		}
	}
	return c
}

// sort puts one entry of a folder where it belongs.
func (f *Files) sort(c *contents, path, name string, kind fs.FileMode) {
	fits := func() bool { return f.pattern.matches(path, name) }
	switch {
	case kind.IsDir() && f.pattern.literal && fits():
		c.blocked = append(c.blocked, entry{key: f.prefix + path, err: feed.Classify(feed.Unreadable,
			fmt.Errorf("this is a folder; to read the files in it write %s/**/*.{md,html,txt}", f.config.Path))})
	case kind.IsDir() && f.pattern.mayHold(path), (kind.IsRegular() || kind&fs.ModeSymlink != 0) && fits():
		switch {
		case !utf8.ValidString(name):
			c.blocked = append(c.blocked, entry{key: f.prefix + strings.ToValidUTF8(path, "\uFFFD"), err: errName})
		case kind.IsDir():
			c.folders = append(c.folders, path)
		default:
			c.entries = append(c.entries, entry{key: f.prefix + path, folder: c.identity, link: !kind.IsRegular()})
		}
	}
}

var errName = feed.Classify(feed.Unreadable, errors.New("the name is not valid UTF-8; rename it"))

// stat fills an entry's stamp or error.
func (f *Files) stat(e *entry) {
	ask := os.Lstat
	if e.link {
		ask = os.Stat
	}
	info, err := ask(f.file(e.key))
	switch {
	case err == nil && info.Mode().IsRegular():
		e.stamp = stampOf(info)
	case err == nil, !e.link && errors.Is(err, fs.ErrNotExist):
		e.err = errPassed
	case errors.Is(err, fs.ErrNotExist):
		e.err = feed.Classify(feed.Unreadable, errors.New("the symbolic link leads to no file; mend or remove it"))
	default:
		e.err = readError(err)
	}
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime().UnixNano()} }

// file is the path by which the system knows the file with this key.
func (f *Files) file(key string) string {
	return filepath.Join(f.base, filepath.FromSlash(key[len(f.prefix):]))
}

// ignored reports names that are never articles: hidden files and folders, what editors, office programs and
// synchronisers leave beside a file while it is open, and our own report.
func ignored(name string) bool {
	return name[0] == '.' || strings.HasPrefix(name, "~$") || strings.Contains(name, ".sb-") || name == reportName
}

// baseError explains why nothing at all can be read.
func (f *Files) baseError(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the folder %s does not exist; create or mount it, or correct path", f.base)
		return feed.Classify(feed.Unavailable, err)
	}
	return feed.Classify(feed.ClassOf(readError(err)), fmt.Errorf("read folder %s: %w", f.base, cause(err)))
}

// readError gives an error of the file system its class and the words of its cause, without the path, which stands in
// the problem already.
func readError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return feed.Classify(feed.Refused, fmt.Errorf("%w; let feedmill's user read it", cause(err)))
	}
	return feed.Classify(feed.Unavailable, fmt.Errorf("it cannot be read: %w", cause(err)))
}

func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// parallel calls do for each of 0 to n-1 from up to GOMAXPROCS goroutines, in runs of step, and waits for them. When ctx
// ends, the rest is left undone and its error returned.
func parallel(ctx context.Context, n, step int, do func(i int)) error {
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			end := int(next.Add(int64(step)))
			for i := end - step; i < min(end, n); i++ {
				do(i)
			}
			if end >= n {
				return
			}
		}
	}
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+step-1)/step) - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
	return ctx.Err()
}
