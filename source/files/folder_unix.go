//go:build unix

package files

import (
	"io/fs"
	"syscall"
)

// identityOf tells one folder from another that has taken its place.
func identityOf(info fs.FileInfo, _ string) identity {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}
	}
	return identity{device: uint64(st.Dev), inode: st.Ino}
}
