package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"feedmill/feed"
)

// Examine says whether this source reads the file with a key, and what is wrong with it as it is now: nil for one of which an
// article can be made. It changes nothing. The error is [fs.ErrNotExist] when there is no such file.
func (f *Files) Examine(key string) (reads bool, err error) {
	below, ours := strings.CutPrefix(key, f.prefix)
	if !ours || below == "" || !fs.ValidPath(below) {
		return false, nil
	}
	info, err := os.Stat(f.file(key))
	if errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("look at file %s: %w", key, fs.ErrNotExist)
	}
	for part := range strings.SplitSeq(below, "/") {
		if ignored(part) {
			return false, nil
		}
	}
	dir := path.Dir(below)
	if dir != "." && !f.pattern.mayHold(dir) || !f.pattern.matches(below, path.Base(below)) {
		return false, nil
	}
	switch {
	case err != nil:
		return true, readError(err)
	case !info.Mode().IsRegular():
		return true, feed.Classify(feed.Unreadable, errors.New("it is no file"))
	}
	r := f.do(job{key: key, seen: seen{stamp: stampOf(info)}}, record{}, false, false)
	if r.changed {
		return true, feed.Classify(feed.Unavailable, errors.New("it is being written just now"))
	}
	return true, errors.Join(r.problem, r.unread)
}

// Unfit returns the keys of the files of which no article could be made when they were read, as m remembers.
func (f *Files) Unfit(m feed.Memory) []string {
	known, keys, err := decodeIndex(m.Get(indexKey))
	if err != nil {
		return nil // nothing was read, or all is read anew
	}
	return slices.DeleteFunc(keys, func(key string) bool { return !known[key].bad })
}
