// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// lineWriter lets several write lines: the engine is followed while servers are
// asked.
type lineWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// edited tells which lines of a file have gone and come.
func (a *account) edited(file string, gone, come []string) {
	a.line("edit", file)
	for _, line := range gone {
		a.line("", a.paint(red, "- "+line))
	}
	for _, line := range come {
		a.line("", a.paint(green, "+ "+line))
	}
}

// answer tells that a server answers something else than before: when, on the
// grid's clock.
func (a *account) answer(at time.Duration, server, now string) {
	color := green
	if now == away {
		color = yellow
	}
	fmt.Fprintf(a.out, "   %s %s %s\n", a.paint(faint, fmt.Sprintf("%8s", clockText(at))), a.paint(color, ">"), server+": "+now)
}

// refusal shows the first lines of an error that the story has asked for.
func (a *account) refusal(d diagnostic) {
	a.line("error", a.paint(red, d.Summary)+" ("+d.Address+")")
	shown := 0
	for line := range strings.Lines(d.Detail) {
		if line = strings.TrimSpace(line); line != "" && shown < refusalLines {
			a.line("", cut(line))
			shown++
		}
	}
}

// refusalLines is how many lines of an error are shown, refusalWidth how much of
// each.
const (
	refusalLines = 2
	refusalWidth = 130
)

// cut is the beginning of a line that is long.
func cut(line string) string {
	if characters := []rune(line); len(characters) > refusalWidth {
		return string(characters[:refusalWidth-1]) + "…"
	}
	return line
}

// watched tells what was seen of servers that were asked all along.
func (a *account) watched(w Watch) {
	a.line("answers", fmt.Sprintf("%d, each of them a page as a whole; %s of %d servers answered at any time", w.Answers, a.paint(bold, fmt.Sprintf("at least %d", w.Fewest)), w.Servers))
}
