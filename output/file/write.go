package file

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"feedmill/feed"
)

// attempts is how often a document is written when its folder or temporary file vanishes underneath.
const attempts = 8

// vanished reports whether a write may have met another release that removed a folder it had just left empty, or
// another process that swept up. A folder that comes and goes while it is made shows as one that exists.
func vanished(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) }

// delivery is one release on its way into the folder.
type delivery struct {
	root *os.Root
	dir  string
	// kept are the names of the documents of this release, which no removal may take.
	kept map[string]bool
	// touched are the folders whose entries changed and must be flushed.
	touched                  map[string]bool
	first                    error
	written, removed, failed int
}

func newDelivery(root *os.Root, dir string) *delivery {
	return &delivery{root: root, dir: dir, kept: map[string]bool{}, touched: map[string]bool{}}
}

func (d *delivery) note(err error) {
	if err == nil {
		return
	}
	d.failed++
	if d.first == nil {
		d.first = err
	}
}

// err is the first failure: a full disk fails every document in the same words.
func (d *delivery) err() error {
	if d.failed > 1 {
		return fmt.Errorf("%w (and %d more like it)", d.first, d.failed-1)
	}
	return d.first
}

// full is the path an operator knows the file by.
func (d *delivery) full(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// put brings one document onto the disk unless its bytes are there already.
func (d *delivery) put(doc feed.Document) error {
	name := doc.FileName()
	if err := checkName(name); err != nil {
		return err
	}
	d.kept[name] = true
	if doc.Fixed && d.has(name, doc.Size) {
		return nil // it can be nothing else
	}
	body, err := openContents(doc)
	if err != nil {
		return err
	}
	defer body.Close()
	if same, err := d.holds(name, doc.Size, body); same || err != nil {
		return err
	}
	for range attempts {
		err = d.replace(name, doc, body)
		if !vanished(err) {
			break
		}
	}
	if body.err != nil {
		return body.err
	}
	if err != nil {
		return trouble("write", d.full(name), err)
	}
	d.written++
	return nil
}

// has reports whether there is a file of that size.
func (d *delivery) has(name string, size int64) bool {
	info, err := d.root.Lstat(name)
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// holds reports whether the file has these bytes. One that cannot be read does not: writing it anew will tell why. The
// error is the document's.
func (d *delivery) holds(name string, size int64, body *contents) (bool, error) {
	if !d.has(name, size) {
		return false, nil
	}
	f, err := d.root.Open(name)
	if err != nil {
		return false, nil //nolint:nilerr // it is to be written
	}
	defer f.Close()
	some := make([]byte, min(size, compared))
	for rest := size; rest > 0; rest -= int64(len(some)) {
		some = some[:min(rest, compared)]
		old, wanted := some, body.some[:len(some)]
		if _, err := io.ReadFull(body, wanted); err != nil {
			return false, body.err
		}
		if _, err := io.ReadFull(f, old); err != nil || !bytes.Equal(old, wanted) {
			return false, nil //nolint:nilerr // it is to be written
		}
	}
	return true, nil
}

// replace writes a temporary file beside the document's place and renames it over it.
func (d *delivery) replace(name string, doc feed.Document, body *contents) error {
	folder := path.Dir(name)
	if err := d.makeFolder(folder); err != nil {
		return err
	}
	temp := path.Join(folder, tempName())
	err := d.fill(temp, doc, body)
	if err == nil {
		err = d.root.Rename(temp, name)
	}
	if err != nil {
		// On a full disk the half written file would take the room that the next attempt needs. Should this fail as
		// well, the next start sweeps it up.
		_ = d.root.Remove(temp)
		return err
	}
	d.touched[folder] = true
	return nil
}

// fill writes the bytes through to the disk: a rename that survives a loss of power before its bytes do would put an
// empty file in place of a good one.
func (d *delivery) fill(temp string, doc feed.Document, body *contents) error {
	f, err := d.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	err = body.copy(f)
	if err == nil {
		err = d.root.Chtimes(temp, doc.Modified, doc.Modified)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (d *delivery) makeFolder(folder string) error {
	for f := folder; f != "."; f = path.Dir(f) {
		if _, err := d.root.Stat(f); err == nil {
			break
		}
		d.touched[path.Dir(f)] = true
	}
	return d.root.MkdirAll(folder, folderMode)
}

// flush writes the changed folders through to the disk, once each however many documents they hold.
func (d *delivery) flush() {
	for folder := range d.touched {
		if err := d.flushFolder(folder); err != nil {
			d.note(trouble("flush folder", d.full(folder), err))
		}
	}
}

func (d *delivery) flushFolder(folder string) error {
	f, err := d.root.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // left empty and removed since
	}
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // some network file systems flush no folders
	}
	return err
}

// checkName refuses a name that is not plainly inside the folder. os.Root would refuse most of these as well; neither
// is trusted alone.
func checkName(name string) error {
	plain := fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, "\\\x00") &&
		filepath.IsLocal(filepath.FromSlash(name)) && !isTemp(path.Base(name))
	if !plain {
		return feed.Classify(feed.Internal, fmt.Errorf("write document: %q is no name inside the folder", name))
	}
	return nil
}

// Temporary files are known by their whole name, so that nobody's .feedmill-notes.tmp is swept up.
const (
	tempPrefix = ".feedmill-"
	tempSuffix = ".tmp"
	tempLength = 26 // of rand.Text
)

func tempName() string { return tempPrefix + rand.Text() + tempSuffix }

func isTemp(base string) bool {
	middle, ok := strings.CutPrefix(base, tempPrefix)
	if !ok {
		return false
	}
	middle, ok = strings.CutSuffix(middle, tempSuffix)
	return ok && len(middle) == tempLength && strings.Trim(middle, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
