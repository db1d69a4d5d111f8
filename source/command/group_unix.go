//go:build unix

package command

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

// separate makes the program the first of a group of its own. When its time is up it is told to end, and then killed, with its
// whole group. end kills what is left of the group.
func separate(program *exec.Cmd) (end func()) {
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var kill *time.Timer
	program.Cancel = func() error {
		group := program.Process.Pid
		if syscall.Kill(-group, syscall.SIGTERM) != nil {
			return os.ErrProcessDone
		}
		kill = time.AfterFunc(lastWords, func() { _ = syscall.Kill(-group, syscall.SIGKILL) })
		return nil
	}
	return func() {
		if kill != nil {
			kill.Stop() // its number may be another's by then
		}
		killGroup(program.Process.Pid)
	}
}

// killGroup kills all processes of a group, a few times over: one may be starting another.
func killGroup(group int) {
	for range 5 {
		if syscall.Kill(-group, syscall.SIGKILL) != nil {
			return // there is none left
		}
		time.Sleep(2 * time.Millisecond)
	}
}
