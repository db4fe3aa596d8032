// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mitchellh/go-wordwrap"
)

// lineWriter serializes writes, because two goroutines print at the same time:
// one prints the events of the engine, the other watches the servers.
type lineWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// showEdit prints the removed and added lines of a file.
func (a *announcer) showEdit(file string, gone, come []string) {
	a.line("edit", file)
	for _, line := range gone {
		a.line("", a.paint(red, "- "+line))
	}
	for _, line := range come {
		a.line("", a.paint(green, "+ "+line))
	}
}

// answer prints that a server now serves a different page. at is the time on
// the grid's clock.
func (a *announcer) answer(at time.Duration, server, page string) {
	color := green
	if page == downPage {
		color = yellow
	}
	fmt.Fprintf(a.out, "   %s %s %s\n", a.paint(faint, fmt.Sprintf("%8s", clockText(at))), a.paint(color, ">"), server+": "+page)
}

// refusals prints the errors of a step that is meant to fail. A detail that
// consecutive errors share is printed once.
func (a *announcer) refusals(all []diagnostic) {
	for i, d := range all {
		a.line("error", a.paint(red, d.Summary)+" ("+d.Address+")")
		if i+1 == len(all) || all[i+1].Detail != d.Detail {
			a.detail(d.Detail)
		}
	}
}

// detail prints a text of several lines, indented and wrapped to the width of
// the terminal.
func (a *announcer) detail(text string) {
	if room := a.width - len(detailIndent); a.width > 0 && room >= minWrapWidth {
		text = wordwrap.WrapString(text, uint(room)) //nolint:gosec // room is positive
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			fmt.Fprintln(a.out, detailIndent+line)
		}
	}
}

const (
	// detailIndent aligns a detail with the text of the line above it.
	detailIndent = "            "
	// minWrapWidth is the smallest width at which texts are wrapped.
	minWrapWidth = 20
)

// progress shows the current activity. On a terminal it replaces the previous
// activity.
func (a *announcer) progress(what string) {
	if a.width == 0 {
		fmt.Fprintln(a.out, detailIndent+what)
		return
	}
	line := []rune(detailIndent + what)
	fmt.Fprint(a.out, clearLine+string(line[:min(len(line), a.width-1)]))
}

// clearProgress removes the line that progress shows on a terminal.
func (a *announcer) clearProgress() {
	if a.width > 0 {
		fmt.Fprint(a.out, clearLine)
	}
}

// clearLine moves to the beginning of the terminal's line and clears it.
const clearLine = "\r\x1b[K"

// watchResult prints the result of watching the servers.
func (a *announcer) watchResult(w Watch) {
	a.line("answers", fmt.Sprintf("%d, each a complete page; %s of %d servers answered at any time", w.Answers, a.paint(bold, fmt.Sprintf("at least %d", w.Fewest)), w.Servers))
}
