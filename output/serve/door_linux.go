package serve

import (
	"net"
	"syscall"
)

// unsent is how much of an answer the kernel takes before the line has room for it.
const unsent = 128 << 10

// notSentLowat is TCP_NOTSENT_LOWAT of linux/tcp.h, which package syscall does not have.
const notSentLowat = 25

// bound keeps small what waits in the kernel for a slow reader: it would be up to 4 MB on each connection (tcp_wmem). What is
// under way on the line is not bounded, so that long fast lines stay fast.
func bound(c net.Conn) {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return // it is closed already
	}
	_ = raw.Control(func(fd uintptr) {
		// A connection that is not of TCP goes without.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, notSentLowat, unsent)
	})
}
