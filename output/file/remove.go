package file

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"

	"feedmill/feed"
)

// remove deletes the file of a document and the folders it leaves empty. A file that is gone already is no error.
func (d *delivery) remove(docPath string) error {
	name := feed.RemovedFileName(docPath)
	if err := checkName(name); err != nil {
		return err
	}
	if d.kept[name] {
		return nil
	}
	info, err := d.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
	case err != nil:
		return trouble("look at", d.full(name), err)
	case info.IsDir():
		return nil // documents are files; this is somebody else's
	default:
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return trouble("delete", d.full(name), err)
		}
		d.removed++
		d.touched[path.Dir(name)] = true
	}
	d.prune(path.Dir(name))
	return nil
}

// prune removes the folder and those above it while they are empty. It runs also when the document itself was gone: a
// process may have been killed in between. Folders are no promise, so what cannot be removed stays without an error.
func (d *delivery) prune(folder string) {
	for ; folder != "."; folder = path.Dir(folder) {
		info, err := d.root.Lstat(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || !info.IsDir() || d.root.Remove(folder) != nil {
			return
		}
		d.touched[path.Dir(folder)] = true
	}
}

// sweep deletes the temporary files that a killed process left. Should one belong to a living process, that one writes
// its document again.
func (o *Output) sweep(root *os.Root) {
	swept := 0
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if entry != nil && entry.IsDir() {
				return fs.SkipDir // a folder we may not read holds nothing we wrote
			}
			return nil
		}
		if !entry.Type().IsRegular() || !isTemp(entry.Name()) {
			return nil
		}
		if err := root.Remove(name); err != nil {
			o.log.Warn("a left-over temporary file cannot be deleted", "dir", o.dir, "file", name, "error", err)
			return nil
		}
		swept++
		return nil
	})
	if err != nil {
		o.log.Warn("the folder could not be searched for left-over temporary files", "dir", o.dir, "error", err)
	}
	if swept > 0 {
		o.log.Info("deleted temporary files that a killed process left", "dir", o.dir, "files", swept)
	}
}
