// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// called runs the subcommand "call" and returns its exit code, output and
// message.
func called(t *testing.T, env []string, args ...string) (output, message string, code int) {
	t.Helper()
	var stdout, stderr strings.Builder
	code = run(t.Context(), append([]string{"call"}, args...), env, &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func TestCallDoesWhatThePortalWasFor(t *testing.T) {
	t.Parallel()
	sim := launch(t, "--tls", "--speed", "6000")
	grid := clientFor(t, sim.facts)
	addLinuxAndWindows(t, grid)
	env := []string{
		"GOGRID_ENDPOINT=" + sim.facts.Endpoint, "GOGRID_API_KEY=" + sim.facts.APIKey,
		"GOGRID_SHARED_SECRET=" + sim.facts.SharedSecret, "GOGRID_CA_CERTIFICATE_FILE=" + sim.facts.CAFile,
	}
	output, message, code := called(t, env, "grid.server.power", "server=windows", "power=stop")
	if code != exitOK || !json.Valid([]byte(output)) || !strings.Contains(output, "\n  \"status\": \"success\"") {
		t.Errorf("power: code %d, %s%s", code, output, message)
	}
	await(t, "the stop of the server", func(ctx context.Context) bool {
		servers, err := grid.Servers.List(ctx, client.ServerFilter{})
		for _, s := range servers {
			if err == nil && s.Name == "windows" && s.State.Matches(client.StateOff) {
				return true
			}
		}
		return false
	})
	if output, message, code := called(t, nil, "--ready-file", sim.ready, "grid.server.list", "format=csv"); code != exitOK || !strings.Contains(output, "linux,") {
		t.Errorf("list as CSV: code %d, %s%s", code, output, message)
	}
	output, message, code = called(t, env, "grid.server.get", "name=none")
	if code != exitFailed || !strings.Contains(output, "No object found") || !strings.Contains(message, "grid.server.get (HTTP 400)") {
		t.Errorf("a refusal: code %d, %s%s", code, output, message)
	}
}

func TestCallRefusesBadUsage(t *testing.T) {
	t.Parallel()
	env := []string{"GOGRID_ENDPOINT=http://127.0.0.1:1/api", "GOGRID_API_KEY=C4N4RY", "GOGRID_SHARED_SECRET=C4N4RY"}
	for name, test := range map[string]struct {
		env, args []string
		want      string
	}{
		"no method":    {env, nil, "grid.server.list"},
		"no value":     {env, []string{"grid.server.get", "web"}, `"web"`},
		"no grid":      {nil, []string{"grid.server.list"}, "GOGRID_ENDPOINT"},
		"no answer":    {env, []string{"grid.server.list"}, "127.0.0.1:1"},
		"unknown flag": {env, []string{"--v"}, "-v"},
	} {
		_, message, code := called(t, test.env, test.args...)
		if code != exitFailed || !strings.Contains(message, test.want) || strings.Contains(message, "C4N4RY") {
			t.Errorf("%s: code %d, message %q, want %q", name, code, message, test.want)
		}
	}
	if output, _, code := called(t, nil, "--help"); code != exitOK || !strings.Contains(output, "grid.image.restore") {
		t.Errorf("help: code %d, %s", code, output)
	}
}
