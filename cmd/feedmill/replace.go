package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// replaceFile puts another text into a file, all of it or nothing, if the file still holds the text it had. A link to the
// file stays one; the mode of the file stays, and its owner must.
func replaceFile(name string, before, after []byte) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(target), ".feedmill-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // it is not there any more when all went well
	_, err = temp.Write(after)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), keepOwner(temp, info), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	if now, err := os.ReadFile(target); err != nil || !bytes.Equal(now, before) {
		return errors.Join(err, errors.New("it changed meanwhile; nothing was written; try again"))
	}
	return os.Rename(temp.Name(), target)
}

// keepOwner gives a file the owner and the group that another one has.
func keepOwner(f *os.File, of os.FileInfo) error {
	owner, ok := of.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if err := f.Chown(int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("the file belongs to somebody else, who would lose it; run this as its owner: %w", err)
	}
	return nil
}
