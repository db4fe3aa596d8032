// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// maxLine is the length at which an unfinished line is split, in bytes.
	maxLine = 4096
	// tailLines is the number of output lines that an error shows.
	tailLines = 20
)

// lines splits one output stream of a command into lines and adds them to the
// sink, which standard output and standard error share.
type lines struct {
	sink *sink
	mu   sync.Mutex
	rest []byte
}

// sink removes secrets and invisible characters from lines, passes the lines to
// output, and keeps the last ones for errors.
type sink struct {
	mu     sync.Mutex
	redact redactor
	output func(string)
	tail   []string
	closed bool
}

func newSink(redact redactor, output func(string)) *sink {
	if output == nil {
		output = func(string) {}
	}
	return &sink{redact: redact, output: output}
}

func (s *sink) add(line []byte) {
	text := s.redact.line(strings.TrimRight(string(line), "\r"))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.output(text)
	s.tail = append(s.tail, text)
	if len(s.tail) > tailLines {
		s.tail = s.tail[1:]
	}
}

// close makes the sink drop all later lines.
func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

// lastLines returns the most recent lines, at most tailLines.
func (s *sink) lastLines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.tail...)
}

// Write never fails, because an error would end the command.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 && len(l.rest) < maxLine {
			return len(p), nil
		}
		if end < 0 {
			// Redact before the split, because the redactor would not recognize half a
			// secret.
			l.rest = []byte(l.sink.redact.text(string(l.rest)))
			end = min(maxLine/2, len(l.rest))
			l.sink.add(l.rest[:end])
			l.rest = l.rest[end:]
			continue
		}
		l.sink.add(l.rest[:end])
		l.rest = l.rest[end+1:]
	}
}

// finish adds the last line if it does not end with a line break.
func (l *lines) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.sink.add(l.rest)
		l.rest = nil
	}
}
