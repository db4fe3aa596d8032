// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// ImageOnGuests is an image that is built and prepared on a grid whose servers
// answer.
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

// WithVerification is a configuration with a verification.
func WithVerification(config acctest.Attributes, commands ...any) acctest.Attributes {
	return config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": commands}})
}

// WantLeft checks what a grid has besides GoGrid's own images.
func WantLeft(t *testing.T, grid *acctest.Grid, servers, images int) {
	t.Helper()
	now := grid.Inspect()
	if len(now.Servers) != servers {
		t.Errorf("servers on the grid: %+v, want %d", now.Servers, servers)
	}
	if found := grid.Images(); len(found) != images {
		t.Errorf("images on the grid: %+v, want %d", found, images)
	}
	billed := 0
	for _, bill := range now.Bills {
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

// BuildSandbox is the name of the sandbox that a build has made.
func BuildSandbox(grid *acctest.Grid) string {
	for _, server := range grid.Inspect().Servers {
		if strings.HasPrefix(server.Name, "build-") {
			return server.Name
		}
	}
	return ""
}

// OnceTrue does something once, at the first look at the servers at which a
// condition holds.
func OnceTrue(grid *acctest.Grid, holds func() bool, do func()) {
	grid.Before("grid.server.list", func() {
		if holds() {
			do()
			return
		}
		OnceTrue(grid, holds, do)
	})
}

func BuildSandboxState(grid *acctest.Grid) string {
	for _, server := range grid.Inspect().Servers {
		if server.Sandbox {
			return server.State
		}
	}
	return ""
}
