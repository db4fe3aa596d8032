// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"net"
	"time"
)

// writeLimitConn is a connection on which a write may take only so long, and which
// remembers nothing else. Silence of the other side is told by the keepalive: a
// command may rightly print nothing for an hour.
type writeLimitConn struct {
	net.Conn
	limit time.Duration
}

func (c *writeLimitConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
