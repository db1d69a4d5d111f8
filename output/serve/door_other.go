//go:build !linux

package serve

import "net"

// bound leaves it to the system how much waits there for a slow reader.
func bound(net.Conn) {}
