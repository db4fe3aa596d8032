// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"bytes"
	"sync"
)

// mark is a random text in two halves. A shell that runs a command first prints the
// joined halves and its process id. The command line keeps the halves apart, so a
// server that only echoes the command line does not print the mark.
type mark struct{ left, right string }

func newMark() mark { return mark{"gogrid-" + randomText(), randomText()} }

// text returns the joined mark, which only a shell prints.
func (m mark) text() string { return m.left + m.right + ":" }

// commandLine returns the command line that prints the mark to standard error and
// then starts a shell that reads its standard input.
func (m mark) commandLine(shell string) string {
	return inShell("echo " + m.left + `""` + m.right + ":$$ >&2; exec " + shell)
}

// inShell returns a command line that runs a text in /bin/sh, whatever the login shell
// of the account is. POSIX shells, fish and csh parse the line alike, as long as the
// text has no single quote, backslash, exclamation mark or line end.
func inShell(text string) string { return "exec /bin/sh -c '" + text + "'" }

// markReader removes the line with the mark from standard error and passes
// everything else on. Other text may come before the mark, for example a
// warning of the login shell.
type markReader struct {
	text  []byte
	next  *lines
	found chan struct{} // closed when the mark has arrived

	writing sync.Mutex
	held    []byte // an unfinished line before the mark

	mu sync.Mutex
	id string
}

func newMarkReader(m mark, next *lines) *markReader {
	return &markReader{text: []byte(m.text()), next: next, found: make(chan struct{})}
}

// group returns the id of the process group, or an empty string until it has
// arrived.
func (r *markReader) group() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.id
}

// Write passes on everything except the mark.
func (r *markReader) Write(p []byte) (int, error) {
	r.writing.Lock()
	defer r.writing.Unlock()
	if r.group() != "" {
		return r.next.Write(p)
	}
	r.held = append(r.held, p...)
	for r.group() == "" {
		end := bytes.IndexByte(r.held, '\n')
		if end < 0 {
			break
		}
		line := r.held[:end+1]
		if before, id, ok := bytes.Cut(line, r.text); ok && isNumber(bytes.TrimSpace(id)) {
			if len(before) > 0 { // text without a line end
				line = append(bytes.Clone(before), '\n')
			} else {
				line = nil
			}
			r.mu.Lock()
			r.id = string(bytes.TrimSpace(id))
			r.mu.Unlock()
			close(r.found)
		}
		_, _ = r.next.Write(line) // never fails
		r.held = r.held[end+1:]
	}
	if keep := maxLine; r.group() != "" || len(r.held) > 2*keep {
		if r.group() != "" {
			keep = 0
		}
		_, _ = r.next.Write(r.held[:len(r.held)-keep])
		r.held = r.held[len(r.held)-keep:]
	}
	return len(p), nil
}

// finish passes on the last line if it does not end with a line break.
func (r *markReader) finish() {
	r.writing.Lock()
	defer r.writing.Unlock()
	_, _ = r.next.Write(r.held) // never fails
	r.held = nil
	r.next.finish()
}

func isNumber(text []byte) bool {
	return len(text) > 0 && len(bytes.Trim(text, "0123456789")) == 0
}
