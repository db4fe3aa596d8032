// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, exitOK, "-speed"},
		{[]string{"--speed", "0"}, exitUsage, "above 0"},
		{[]string{"--speed", "fast"}, exitUsage, "invalid value"},
		{[]string{"--nonsense"}, exitUsage, "not defined"},
		{[]string{"extra"}, exitUsage, "takes only flags"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), c.args, &stdout, &stderr); code != c.code {
			t.Errorf("%q: code %d, want %d", c.args, code, c.code)
		}
		if !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%q prints the errors %q and the output %q, want only an error about %q", c.args, stderr.String(), stdout.String(), c.says)
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if code := run(ctx, nil, &stdout, &stderr); code != exitInterrupted {
		t.Errorf("code %d, want %d; stderr is %q", code, exitInterrupted, stderr.String())
	}
}

// An invalid fault rule ends the demo before its first step.
func TestFailure(t *testing.T) {
	t.Parallel()
	if _, err := tfcli.Find(t.Context()); err != nil {
		t.Skipf("no engine to run the demo with: %v", err)
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--fault", "nonsense"}, &stdout, &stderr); code != exitFailed {
		t.Errorf("code %d, want %d", code, exitFailed)
	}
	if !strings.Contains(stderr.String(), "fault") {
		t.Errorf("stderr is %q, want an error about the fault", stderr.String())
	}
}

func TestKeepComesFromTheEnvironment(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "1": true} {
		t.Setenv("KEEP", value)
		options, err := parse(nil, &bytes.Buffer{})
		if err != nil || options.Keep != want || options.Speed != defaultSpeed {
			t.Errorf("KEEP=%q: keep %t at speed %g, %v", value, options.Keep, options.Speed, err)
		}
	}
}
