// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// ImageOnGuests returns the configuration of an image that is built and prepared
// on a grid whose servers answer SSH. Members of prepare replace the defaults.
func ImageOnGuests(grid *acctest.Grid, prepare acctest.Attributes) acctest.Attributes {
	connection := acctest.Attributes{"port": grid.SSHPort}
	if more, ok := prepare["connection"].(acctest.Attributes); ok {
		connection = connection.With(more)
	}
	return PreparedImage(acctest.Attributes{
		"files":        []any{acctest.Attributes{"content": "hello\n", "destination": "/srv/motd", "mode": "0640"}},
		"commands":     []any{"test -s /srv/motd"},
		"prep_command": "gogrid-prep",
	}.With(prepare).With(acctest.Attributes{"connection": connection}))
}

// WithVerification returns an image's configuration with a verify block.
func WithVerification(config acctest.Attributes, commands ...any) acctest.Attributes {
	return config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": commands}})
}

// WantLeft checks how many servers and MyGSI images the account has, and that
// the account is billed for exactly as many servers.
func WantLeft(t *testing.T, grid *acctest.Grid, servers, images int) {
	t.Helper()
	current := grid.Inspect()
	if len(current.Servers) != servers {
		t.Errorf("servers on the grid: %+v, want %d", current.Servers, servers)
	}
	if found := grid.Images(); len(found) != images {
		t.Errorf("images on the grid: %+v, want %d", found, images)
	}
	billed := 0
	for _, bill := range current.Bills {
		for _, item := range bill.Items {
			if item.To == nil {
				billed++
			}
		}
	}
	if billed != servers {
		t.Errorf("%d servers are billed, want %d", billed, servers)
	}
}

// BuildSandbox returns the name of the sandbox that a build created, or "" if
// there is none.
func BuildSandbox(grid *acctest.Grid) string {
	for _, server := range grid.Inspect().Servers {
		if strings.HasPrefix(server.Name, "build-") {
			return server.Name
		}
	}
	return ""
}

// OnceTrue calls do once, before the first list of servers at which holds
// returns true.
func OnceTrue(grid *acctest.Grid, holds func() bool, do func()) {
	grid.Before("grid.server.list", func() {
		if holds() {
			do()
			return
		}
		OnceTrue(grid, holds, do)
	})
}

// BuildSandboxState returns the state of the grid's first sandbox, or "" if
// there is none.
func BuildSandboxState(grid *acctest.Grid) string {
	for _, server := range grid.Inspect().Servers {
		if server.Sandbox {
			return server.State
		}
	}
	return ""
}
