// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestSSHPortOfTheGrid: if the configuration sets no port, a build and its
// verification reach the servers at the port from the environment.
func TestSSHPortOfTheGrid(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t)
	grid = grid.WithEnv("GOGRID_SSH_PORT", strconv.Itoa(grid.SSHPort))
	config := providertest.WithVerification(providertest.ImageOnGuests(grid, acctest.Attributes{"connection": acctest.Attributes{"port": nil}}), "grep hello /srv/motd")
	grid.Manage(t, providertest.ImageType).Apply(config).WantNone(t)
}

// TestSSHPortOfTheConfigurationWins: a configured port overrides the port from
// the environment.
func TestSSHPortOfTheConfigurationWins(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t).WithEnv("GOGRID_SSH_PORT", "9")
	grid.Manage(t, providertest.ImageType).Apply(providertest.ImageOnGuests(grid, nil)).WantNone(t)
}

// TestBuildNeedsALogin: on a grid whose servers accept no logins, the plan
// rejects a build that logs in, but accepts a build without a login.
func TestBuildNeedsALogin(t *testing.T) {
	t.Parallel()
	commands := acctest.Attributes{"commands": []any{"true"}}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		at     string // attribute of the error; empty if there is no error
	}{
		"prepare":           {providertest.PreparedImage(commands), "prepare"},
		"prepare over SSH":  {providertest.ConnectedImage(acctest.Attributes{"port": 2222}), "prepare"},
		"prepare and WinRM": {providertest.ConnectedImage(acctest.Attributes{"type": "winrm"}), "prepare"},
		"verify":            {providertest.BuiltImage().With(acctest.Attributes{"verify": commands}), "verify"},
		"saved as it is":    {providertest.BuiltImage(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			closed := grid.WithEnv("GOGRID_SSH_PORT", "none")
			plan := providertest.PlanImage(t, closed, tc.config)
			if tc.at == "" {
				plan.Diagnostics.WantOK(t)
				return
			}
			plan.Diagnostics.WantError(t, tc.at, "no server of this grid answers a login", "--guests")

			// The apply of a plan that was saved with another environment must
			// also create nothing.
			elsewhere := providertest.PlanImage(t, grid, tc.config)
			object, diagnostics := closed.Session(t).Apply(t.Context(), elsewhere)
			diagnostics.WantError(t, tc.at, "no server of this grid answers a login")
			if object.Exists() || len(grid.Inspect().Servers) > 0 {
				t.Errorf("in the state: %t, on the grid: %+v", object.Exists(), grid.Inspect().Servers)
			}
			providertest.PlanImage(t, closed.Destroying(), tc.config).Diagnostics.WantOK(t)
		})
	}
}

// TestReplacementNeedsALogin: an existing image needs no login, but the build
// of its replacement does.
func TestReplacementNeedsALogin(t *testing.T) {
	t.Parallel()
	grid := acctest.NewGuestGrid(t)
	image := grid.Manage(t, providertest.ImageType)
	image.Apply(providertest.ImageOnGuests(grid, nil)).WantNone(t)
	closed := grid.WithEnv("GOGRID_SSH_PORT", "none")
	closed.Session(t).Plan(image.Object, providertest.ImageOnGuests(grid, nil)).Diagnostics.WantNone(t)
	changed := providertest.ImageOnGuests(grid, acctest.Attributes{"commands": []any{"echo changed"}})
	closed.Session(t).Plan(image.Object, changed).Diagnostics.WantError(t, "prepare", "no server of this grid answers a login")
}

// TestLimitsFollowTheGrid: on a fast grid the time limit of a wait for a server
// is in grid time, but never less than a real minute.
func TestLimitsFollowTheGrid(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ speed, limit, want string }{
		"no speed":           {"", "2m", "2m0s"},
		"slower":             {"0.5", "2m", "2m0s"},
		"twice as fast":      {"2", "3m", "1m30s"},
		"much faster":        {"1e6", "3m", "1m0s"},
		"less than a minute": {"60", "10s", "10s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t).WithEnv("GOGRID_SPEED", tc.speed)
			ready := acctest.Attributes{"tcp_port": closedPort(t), "timeout": tc.limit}
			diagnostics := grid.Manage(t, "gogrid_server").Apply(providertest.Web1().With(acctest.Attributes{"ready": ready}))
			limit, err := time.ParseDuration(tc.want)
			if err != nil {
				t.Fatal(err)
			}
			diagnostics.WantError(t, "-", "not ready after ("+strings.Join(within(limit), "|")+");")
		})
	}
}

// closedPort is a port on which nothing listens at the servers' addresses.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

// TestGuestAccessErrors: the provider rejects invalid values in the
// environment.
func TestGuestAccessErrors(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{
		"GOGRID_SSH_PORT": {"0", "-1", "65536", "ssh", "None", "22.0", " 22"},
		"GOGRID_SPEED":    {"0", "-1", "fast", "NaN", "Inf", "1e300"},
	} {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				t.Parallel()
				_, diagnostics := acctest.NewQuickGrid(t).WithEnv(name, value).Configure(t)
				diagnostics.WantError(t, "-", "Invalid "+name, strconv.Quote(value))
			})
		}
	}
}

// within returns, as strings, the durations that a test accepts for a wait: the
// time limit and up to ten seconds more. On a busy machine the quick clock of a
// test can run a few seconds past the limit.
func within(limit time.Duration) []string {
	var texts []string
	for late := range 11 {
		texts = append(texts, (limit + time.Duration(late)*time.Second).String())
	}
	return texts
}
