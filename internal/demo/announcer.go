// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// announcer prints the demo for a person at a terminal.
type announcer struct {
	out   io.Writer
	color bool
	width int // width of the terminal; 0 if out is not a terminal
}

// Colors of a terminal.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (a *announcer) paint(color, text string) string {
	if !a.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// line prints a line that starts with its topic.
func (a *announcer) line(about, text string) {
	fmt.Fprintf(a.out, "   %s %s\n", a.paint(faint, fmt.Sprintf("%-8s", about)), text)
}

func (a *announcer) note(about, text string) { a.line(about, text) }

func (a *announcer) opening(e *tfcli.Engine, speed float64) {
	fmt.Fprintf(a.out, "\n%s\n", a.paint(bold, fmt.Sprintf("A grid from nothing and back, with %s %s", e.Name(), e.Version)))
	fmt.Fprintf(a.out, "The grid is simulated on this machine, up to %g times as fast as the real one. Its clock stands still while %s works,\n", speed, e.Name())
	fmt.Fprint(a.out, "so minutes and cost are the same on every machine.\n\n")
}

// chapter prints the title of a chapter and the path of its configuration.
func (a *announcer) chapter(c chapter) {
	fmt.Fprintf(a.out, "\n%s\n", a.paint(bold, fmt.Sprintf("%s (examples/%s)", c.title, c.example)))
}

// heading prints the title of a step and the variables that it sets.
func (a *announcer) heading(number int, s step) {
	fmt.Fprintf(a.out, "\n%s\n", a.paint(bold, fmt.Sprintf("%d. %s", number, s.title)))
	if s.variables != "" {
		a.line("set", strings.ReplaceAll(strings.TrimSpace(s.variables), "\n", ", "))
	}
}

func (a *announcer) plan(c Changes) {
	var parts []string
	for _, part := range []struct {
		count int
		what  string
	}{{c.Add, "to add"}, {c.Change, "to change"}, {c.Remove, "to destroy"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no changes"}
	}
	a.line("plan", strings.Join(parts, ", "))
}

// change prints a finished change of a resource. at is the grid time since the
// plan, and took is the duration of the change.
func (a *announcer) change(h hook, at, took time.Duration) {
	sign, color := "~", yellow
	switch h.Action {
	case "create":
		sign, color = "+", green
	case "delete":
		sign, color = "-", red
	}
	text := h.Resource.Address
	if took >= time.Minute {
		text = fmt.Sprintf("%-32s %s", text, a.paint(faint, "took "+minutes(took)))
	}
	fmt.Fprintf(a.out, "   %s %s %s\n", a.paint(faint, fmt.Sprintf("%8s", clockText(at))), a.paint(color, sign), text)
}

func (a *announcer) warning(d diagnostic) {
	a.line("warning", a.paint(yellow, d.Summary))
	a.detail(d.Detail)
}

// outcome prints the grid after a step, and the duration, calls and cost of the step.
func (a *announcer) outcome(r Result) {
	for i, name := range slices.Sorted(maps.Keys(r.Grid.Servers)) {
		about := ""
		if i == 0 {
			about = "grid"
		}
		server := r.Grid.Servers[name]
		a.line(about, fmt.Sprintf("%-8s %-12s public %-12s image %s", name, server.PrivateIP, server.PublicIP, server.ImageID))
	}
	if r.Watch != nil {
		a.watchResult(*r.Watch)
	}
	a.line("took", fmt.Sprintf("%s on the grid, %s here, %s", a.paint(bold, minutes(r.OnGrid)), seconds(r.Here), count(r.Calls, "API call")))
	a.line("bill", fmt.Sprintf("%.2f USD so far", r.USD))
}

// failure prints the log of a failed step.
func (a *announcer) failure(e StepError) {
	fmt.Fprintf(a.out, "\n%s\n", a.paint(red, fmt.Sprintf("%s ended with code %d. Its output:", e.Command, e.Code)))
	fmt.Fprintf(a.out, "\n   %s\n\n", strings.ReplaceAll(strings.TrimSpace(e.Log), "\n", "\n   "))
}

// summary prints the totals of all steps.
func (a *announcer) summary(r Report) {
	var here, onGrid time.Duration
	var calls int
	for _, step := range r.Steps {
		here, onGrid, calls = here+step.Here, onGrid+step.OnGrid, calls+step.Calls
	}
	fmt.Fprintf(a.out, "\n%s\n", a.paint(bold, fmt.Sprintf("%s on the grid took %s here, with %s, for %.2f USD.",
		minutes(onGrid), seconds(here), count(calls, "API call"), r.Steps[len(r.Steps)-1].USD)))
}

// nothingLeft prints that there is nothing to clean up.
func (a *announcer) nothingLeft() {
	fmt.Fprintln(a.out, "Nothing is left: no server on the grid, and no process or file on this machine.")
}

// clockText formats the time since the beginning of a step, as 7:30 or 1:07:30.
func clockText(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func minutes(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	}
	return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
