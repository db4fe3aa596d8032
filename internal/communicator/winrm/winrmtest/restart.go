// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import "net/http"

// Restart simulates a restart of the operating system: it ends all processes, removes
// all shells and breaks all connections. The server then breaks the connection of the
// next down requests before it answers again. It keeps its files.
func (s *Server) Restart(down int) {
	s.mu.Lock()
	s.boots++
	s.down = down
	for id, shell := range s.shells {
		if shell.process != nil {
			shell.process.stop()
		}
		delete(s.shells, id)
	}
	s.mu.Unlock()
	s.server.CloseClientConnections()
}

// Boots returns the number of calls of Restart.
func (s *Server) Boots() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.boots
}

// abortWhileDown breaks the connection of a request that arrives during a restart.
func (s *Server) abortWhileDown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down > 0 {
		s.down--
		panic(http.ErrAbortHandler) // breaks the connection without a log line
	}
}
