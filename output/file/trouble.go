package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"feedmill/feed"
)

// trouble makes an error of the file system one that an operator can act on: what was tried, on which path, why it
// failed, what to do. It drops the inner path, which may be that of a temporary file nobody will find.
func trouble(verb, fullPath string, err error) error {
	cause := err
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		cause = inner.Err
	} else if inner, ok := errors.AsType[*os.LinkError](err); ok {
		cause = inner.Err
	}
	return feed.Classify(feed.Unavailable, fmt.Errorf("%s %s: %w; %s", verb, fullPath, cause, remedy(cause)))
}

func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "make room on this disk or raise the quota; until then the old document stays"
	case errors.Is(err, syscall.EFBIG):
		return "raise the limit on the size of a file (ulimit -f); until then the old document stays"
	case errors.Is(err, syscall.EROFS):
		return "the disk is mounted read-only: mount it for writing, or name another folder in `dir`"
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("feedmill runs as uid %d: give that user the right to write there, or name another folder in `dir`",
			os.Getuid())
	case errors.Is(err, syscall.ENAMETOOLONG):
		return "this file system takes no name of that length: give the article a shorter slug"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR), errors.Is(err, fs.ErrExist):
		return "a file lies where a folder is needed, or a folder where a file is: move it away"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise the limit on open files (ulimit -n)"
	default:
		return "look at the folder and its disk; it is tried again at the feed's next turn"
	}
}
