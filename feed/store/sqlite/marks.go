package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"feedmill/feed"
)

// marks are small files in a folder beside the state, one for each work under way, a byte for each time that it was begun
// and did not end. They must outlive the process, not the machine: nothing is synced, which makes them a tenth of the cost
// of a commit.
type marks struct{ dir string }

func (m marks) path(work string) string {
	sum := sha256.Sum256([]byte(work))
	return filepath.Join(m.dir, hex.EncodeToString(sum[:16]))
}

// Begin adds a byte.
func (m marks) Begin(work string) (times int64, err error) {
	times, err = m.add(m.path(work))
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Mkdir(m.dir, 0o755); err == nil || errors.Is(err, fs.ErrExist) {
			times, err = m.add(m.path(work))
		}
	}
	if err != nil {
		err = feed.Classify(feed.Unavailable, fmt.Errorf("note what begins, beside the state: %w; see whether its disk has room and uid %d may write there", err, os.Getuid()))
	}
	return times, err
}

func (m marks) add(path string) (before int64, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	_, err = file.Write([]byte{'\n'})
	return info.Size(), err
}

// End leaves as many bytes, and no file for none.
func (m marks) End(work string, times int64) error {
	var err error
	if times == 0 {
		err = os.Remove(m.path(work))
	} else {
		err = os.Truncate(m.path(work), times)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("note what ended, beside the state: %w", err)
	}
	return nil
}
