// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// lifetime is a machine's lifetime that a test can end.
type lifetime struct {
	ctx    context.Context
	cancel context.CancelFunc
	jobs   sync.WaitGroup
}

func newLifetime(t *testing.T) *lifetime {
	t.Helper()
	l := &lifetime{}
	l.ctx, l.cancel = context.WithCancel(t.Context())
	return l
}

// Begin counts a job.
func (l *lifetime) Begin() (context.Context, func(), bool) {
	l.jobs.Add(1)
	if l.ctx.Err() != nil {
		l.jobs.Done()
		return nil, nil, false
	}
	return l.ctx, l.jobs.Done, true
}

// A background job continues to run after its script and the script's context
// have ended. It ends when the machine goes down.
func TestBackgroundLivesOn(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"a loop":            "while :; do sleep 1; [ ! -e /tmp/ask ] || { echo yes > /tmp/answer; break; }; done & echo over",
		"under nohup":       "nohup sh -c 'while [ ! -e /tmp/ask ]; do sleep 1; done; echo yes > /tmp/answer' & echo over",
		"of a nested shell": "sh -c 'while [ ! -e /tmp/ask ]; do sleep 1; done; echo yes > /tmp/answer' & echo over",
		"within a timeout":  "timeout 864000 sh -c 'while [ ! -e /tmp/ask ]; do sleep 1; done > /dev/null && echo yes > /tmp/answer &'; echo over",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, l := newGuest(t), newLifetime(t)
			g.Lifetime = l
			ctx, leave := context.WithCancel(t.Context())
			var out bytes.Buffer
			code, err := g.Run(ctx, shell.Script{Text: script, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out})
			if code != 0 || err != nil || out.String() != "over\n" {
				t.Fatalf("code %d, %v: %q", code, err, out.String())
			}
			leave()
			if out, _ := g.sh(t, "touch /tmp/ask"); out != "" {
				t.Fatal(out)
			}
			l.jobs.Wait()
			if out, _ := g.sh(t, "cat /tmp/answer"); out != "yes\n" {
				t.Errorf("the job did not continue to run: the answer is %q", out)
			}
		})
	}
}

func TestBackgroundEndsWithTheMachine(t *testing.T) {
	t.Parallel()
	g, l := newGuest(t), newLifetime(t)
	g.Lifetime = l
	if out, code := g.run(t, shell.Script{Text: "sleep 864000 & while :; do sleep 1; done & echo over"}); code != 0 {
		t.Fatalf("code %d: %s", code, out)
	}
	l.cancel()
	l.jobs.Wait()
	if out, code := g.run(t, shell.Script{Text: "echo late > /tmp/late & wait; test ! -e /tmp/late"}); code != 0 {
		t.Errorf("a job starts after the machine has ended: code %d, %s", code, out)
	}
}

// A script can wait for its jobs, even if the shell has a Lifetime.
func TestBackgroundIsWaitedFor(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	g.Lifetime = newLifetime(t)
	if out, _ := g.sh(t, "(sleep 5; echo one) & wait; echo two | cat; (exit 3) & wait $!; echo $?"); out != "one\ntwo\n3\n" {
		t.Errorf("the output is %q", out)
	}
}
