// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"net"
	"time"
)

// writeLimitConn gives every write a deadline. Reads have no deadline, because
// a command may legitimately print nothing for an hour; the keepalive detects a
// frozen server.
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
