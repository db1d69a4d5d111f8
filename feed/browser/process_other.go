//go:build !unix

package browser

import (
	"os"
	"os/exec"
)

func servant() (id int, other bool) { return 0, false }

func separate(*exec.Cmd) {}

func handOver(string) error { return nil }

// killGroup kills the process; those it started end with the pipe.
func killGroup(id int) {
	if p, err := os.FindProcess(id); err == nil {
		_ = p.Kill() // it may have ended
	}
}
