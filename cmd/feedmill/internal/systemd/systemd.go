// Package systemd is what a service says to systemd and gets from it: sockets that were opened before it started
// (sd_listen_fds(3)), and how its start, reload and stop go (sd_notify(3)). Without systemd it does nothing.
package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"feedmill/feed"
)

// firstFD is where the sockets begin (sd_listen_fds(3)).
const firstFD = 3

// Listeners returns the sockets that were handed to this process, by the names that FileDescriptorName= gives them. A
// single one has the name that alone says. It must be called once, before files are opened; no child of this process gets
// the sockets. An error is of class [feed.Refused].
func Listeners(alone string) (map[string]net.Listener, error) {
	defer func() {
		for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
			_ = os.Unsetenv(name) // the names are good
		}
	}()
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 1 {
		return nil, nil
	}
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	given := map[string]net.Listener{}
	for i := range n {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		if n == 1 {
			name = alone
		}
		syscall.CloseOnExec(firstFD + i)
		file := os.NewFile(uintptr(firstFD+i), name)
		l, err := net.FileListener(file)
		_ = file.Close() // the listener has a copy
		if err == nil && given[name] != nil {
			err = errors.New("there are two of that name")
		}
		if err != nil {
			return given, feed.Classify(feed.Refused, fmt.Errorf("socket %q of the systemd unit: %w; it must be a ListenStream= with a FileDescriptorName= of its own", name, err))
		}
		given[name] = l
	}
	return given, nil
}

// What [Notify] may say.
const (
	Ready     = "READY=1"
	Reloading = "RELOADING=1"
	Stopping  = "STOPPING=1"
)

// Notify tells how the service is. Where nobody listens, nobody is told.
func Notify(state string) error {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"}) // a first @ is an abstract name
	if err != nil {
		return fmt.Errorf("tell systemd %s: %w", state, err)
	}
	_, err = conn.Write([]byte(state))
	if err = errors.Join(err, conn.Close()); err != nil {
		return fmt.Errorf("tell systemd %s: %w", state, err)
	}
	return nil
}
