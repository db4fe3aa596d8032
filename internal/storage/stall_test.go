// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"bytes"
	"net"
	"testing"

	"github.com/jonboulle/clockwork"
)

// noted is a connection that records what is written to it.
type noted struct {
	net.Conn
	all    bytes.Buffer
	writes []int
}

func (n *noted) Write(p []byte) (int, error) {
	n.writes = append(n.writes, len(p))
	return n.all.Write(p)
}

// TestLengthGoesWithItsMessage checks that a length is never sent alone and
// that no bytes are lost, even if a message is sent in pieces.
func TestLengthGoesWithItsMessage(t *testing.T) {
	t.Parallel()
	wire := &noted{}
	conn := &activityConn{Conn: wire, stall: newStallTimer(clockwork.NewRealClock())}
	var want bytes.Buffer
	write := func(p []byte) {
		t.Helper()
		want.Write(p)
		if n, err := conn.Write(p); n != len(p) || err != nil {
			t.Errorf("%d of %d bytes were written (%v)", n, len(p), err)
		}
	}
	for i, size := range []int{writeSize*2 + 100, 64, 1, writeSize} {
		before := wire.all.Len()
		write([]byte{0, byte(i), 0, 9})
		if wire.all.Len() != before {
			t.Error("a length was sent alone")
		}
		write(bytes.Repeat([]byte{'a' + byte(i)}, size))
		if !bytes.Equal(wire.all.Bytes(), want.Bytes()) {
			t.Fatalf("after message %d, the %d bytes that arrived are not the %d bytes that were sent", i, wire.all.Len(), want.Len())
		}
	}
	for _, size := range wire.writes {
		if size > writeSize {
			t.Errorf("%d bytes were written at a time", size)
		}
	}
}
