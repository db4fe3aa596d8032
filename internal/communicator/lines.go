// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// maxLine is where a line without an end is cut, in bytes.
	maxLine = 4096
	// tailLines is how many lines of output an error shows.
	tailLines = 20
)

// lines takes the output of a command apart. Standard output and standard
// error write to one of them each, and share what they tell.
type lines struct {
	sink *sink
	rest []byte
}

// sink gets whole lines, without secrets.
type sink struct {
	mu     sync.Mutex
	redact redactor
	output func(string)
	tail   []string
}

func newSink(redact redactor, output func(string)) *sink {
	if output == nil {
		output = func(string) {}
	}
	return &sink{redact: redact, output: output}
}

func (s *sink) add(line []byte) {
	text := strings.ToValidUTF8(strings.TrimRight(string(line), "\r"), "\uFFFD")
	text = strings.Map(printable, s.redact.text(text))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output(text)
	s.tail = append(s.tail, text)
	if len(s.tail) > tailLines {
		s.tail = s.tail[1:]
	}
}

// printable drops what would change how a terminal shows the rest.
func printable(r rune) rune {
	if r < ' ' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

// last are the last lines so far.
func (s *sink) lastLines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.tail...)
}

// Write never fails: what a command prints must not end it.
func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 && len(l.rest) < maxLine {
			return len(p), nil
		}
		if end < 0 {
			// A cut must not split a secret into halves that are not known as one.
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

// finish tells what has no end of line.
func (l *lines) finish() {
	if len(l.rest) > 0 {
		l.sink.add(l.rest)
		l.rest = nil
	}
}
