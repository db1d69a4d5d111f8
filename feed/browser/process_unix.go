//go:build unix

package browser

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// nobody is the user who owns nothing, by his usual number.
const nobody = 65534

// servant is the user that the browser runs as, and whether he is another than feedmill's own. Chromium refuses root.
func servant() (id int, other bool) {
	if os.Geteuid() == 0 {
		return nobody, true
	}
	return os.Geteuid(), false
}

// separate makes the process the first of a group, and another user where it must be.
func separate(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if id, other := servant(); other {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(id), Gid: uint32(id)}
	}
}

// handOver gives a folder to the browser's user.
func handOver(folder string) error {
	id, other := servant()
	if !other {
		return nil
	}
	return os.Chown(folder, id, id)
}

// killGroup kills all processes of a group, and returns when there are none, or when they do not go.
func killGroup(group int) {
	for range 200 {
		if syscall.Kill(-group, syscall.SIGKILL) != nil {
			return // there is none left
		}
		time.Sleep(10 * time.Millisecond)
	}
}
