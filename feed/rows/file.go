package rows

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"feedmill/feed"
)

// maxFile bounds a file that holds a list, in bytes.
const maxFile = 16 << 20

// File reads a file that holds a list. A relative path begins at dir; messages show it as it is written.
func File(path, dir string) ([]byte, error) {
	name := filepath.FromSlash(path)
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, feed.Classify(feed.Refused, fmt.Errorf("%s is no file; write one under each", path))
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(name)
	}
	if err != nil {
		return nil, away(path, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, away(path, err)
	case len(data) > maxFile:
		return nil, feed.Classify(feed.Unreadable, fmt.Errorf("%s is larger than %d MB", path, maxFile>>20))
	}
	return data, nil
}

// away says why a file cannot be read, without its folder.
func away(path string, err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return feed.Classify(feed.Unavailable, fmt.Errorf("%s cannot be read: %w", path, err))
}
