// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		time           time.Duration
		clock, minutes string
	}{
		{0, "0:00", "0 s"},
		{59400 * time.Millisecond, "0:59", "59 s"},
		{60 * time.Second, "1:00", "1 min"},
		{89 * time.Second, "1:29", "1 min"},
		{41*time.Minute + 40*time.Second, "41:40", "42 min"},
		{59*time.Minute + 59600*time.Millisecond, "1:00:00", "60 min"},
		{2*time.Hour + 5*time.Second, "2:00:05", "120 min"},
	} {
		if got := clockText(c.time); got != c.clock {
			t.Errorf("clockText(%s) = %q, want %q", c.time, got, c.clock)
		}
		if got := minutes(c.time); got != c.minutes {
			t.Errorf("minutes(%s) = %q, want %q", c.time, got, c.minutes)
		}
	}
}

// stream holds the events of a step with a warning, an error, and a line that
// is not an event.
const stream = `{"type":"version","@message":"Terraform 1.11.4"}
{"type":"refresh_start","@message":"a.b: Refreshing state..."}
{"type":"change_summary","@message":"Plan: 1 to add, 0 to change, 2 to destroy.","changes":{"add":1,"change":0,"remove":2,"operation":"plan"}}
{"type":"apply_start","@message":"a.b: Creating...","hook":{"resource":{"addr":"a.b"},"action":"create"}}
{"type":"apply_complete","@message":"a.b: Creation complete","hook":{"resource":{"addr":"a.b"},"action":"create"}}
{"type":"apply_complete","@message":"a.c: Destruction complete","hook":{"resource":{"addr":"a.c"},"action":"delete"}}
{"type":"diagnostic","@message":"Warning: Odd","diagnostic":{"severity":"warning","summary":"Odd","detail":"One\nTwo"}}
{"type":"diagnostic","@message":"Warning: Resource targeting is in effect","diagnostic":{"severity":"warning","summary":"Resource targeting is in effect"}}
{"type":"diagnostic","@message":"Error: Bad","diagnostic":{"severity":"error","summary":"Bad","detail":"Three\nFour","address":"a.d"}}
{"type":"outputs","@message":"Outputs: 1","outputs":{"servers":{"value":{"web":{"public_ip":"1.2.3.4","private_ip":"10.0.0.2","image_id":"7"}}},"image":{"action":"create"}}}
no event`

func followStream(t *testing.T, s step) (*follower, string) {
	t.Helper()
	var out bytes.Buffer
	// The grid's clock advances by 75 s at every reading.
	now := time.Date(2012, 1, 2, 3, 4, 0, 0, time.UTC)
	tick := func() time.Time {
		now = now.Add(75 * time.Second)
		return now
	}
	f := &follower{step: s, announcer: &announcer{out: &out}, now: tick, onPlan: func(time.Time) {}, startedAt: map[string]time.Time{
		"delete a.c": now.Add(5 * time.Minute),
	}}
	if err := f.follow(strings.NewReader(stream)); err != nil {
		t.Fatal(err)
	}
	return f, out.String()
}

func TestFollower(t *testing.T) {
	t.Parallel()
	f, shown := followStream(t, step{command: []string{"apply", "-target=a.b"}})
	want := "   plan     1 to add, 2 to destroy\n" +
		"       2:30 + a.b                              took 1 min\n" +
		"       3:45 - a.c\n" +
		"   warning  Odd\n            One\n            Two\n"
	if shown != want {
		t.Errorf("the output is\n%s\nwant\n%s", shown, want)
	}
	if f.result.Planned != (Changes{Add: 1, Remove: 2, Operation: "plan"}) {
		t.Errorf("planned = %+v", f.result.Planned)
	}
	if got := f.result.Grid.Servers["web"]; got != (Server{PublicIP: "1.2.3.4", PrivateIP: "10.0.0.2", ImageID: "7"}) {
		t.Errorf("server = %+v", got)
	}
	log := f.log.String()
	if strings.Contains(log, "Refreshing") || !strings.HasSuffix(log, "Error: Bad\n  with a.d\n  Three\n  Four\nOutputs: 1\nno event") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestTargetingWarningsAreShownWhereNothingWasTargeted(t *testing.T) {
	t.Parallel()
	f, _ := followStream(t, step{command: []string{"apply"}})
	if len(f.result.Warnings) != 2 {
		t.Errorf("warnings = %q, want both", f.result.Warnings)
	}
}

func TestPaint(t *testing.T) {
	t.Parallel()
	if got := (&announcer{color: true}).paint(red, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("with colors: %q", got)
	}
	if got := (&announcer{}).paint(red, "x"); got != "x" {
		t.Errorf("without: %q", got)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell is installed")
	}
	for _, text := range []string{"", "plain/path-1.2", "with space", "it's", `$HOME "x" \n`, "a;b", "ä"} {
		out, err := exec.CommandContext(t.Context(), shell, "-c", "printf %s "+shellQuote(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("the shell reads %s as %q (%v), want %q", shellQuote(text), out, err, text)
		}
	}
}

func TestPollInterval(t *testing.T) {
	t.Parallel()
	for speed, want := range map[float64]time.Duration{1: 10 * time.Second, 100: 100 * time.Millisecond, 5000: 50 * time.Millisecond} {
		if got := pollInterval(speed); got != want {
			t.Errorf("pollInterval(%g) = %s, want %s", speed, got, want)
		}
	}
}
