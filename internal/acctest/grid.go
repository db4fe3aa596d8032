// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package acctest gives every test its own simulated grid and a provider for
// it. The provider is run by a real Terraform or driven by protocol calls.
package acctest

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

const (
	// Speed is the number of grid seconds in one second of a test. Creating a
	// server takes about 40 ms.
	Speed = 10_000
	// PollInterval is the poll interval for that speed.
	PollInterval = "10ms"

	// quickPollInterval is the poll interval on a quick clock.
	quickPollInterval = "500ms"
)

// Grid is a simulated grid that serves one test on loopback.
type Grid struct {
	*simulator.Grid
	// Endpoint is the base URL of the API.
	Endpoint string
	// Key is the API key of the provider.
	Key simulator.Key

	// SSHPort is the SSH port of the guests; 0 if the grid has none.
	SSHPort int

	clock        clockwork.Clock
	pollInterval string
	calls        *callWatch
	limits       *limits // nil means limits in real time
	destroys     bool    // whether the engine runs a command that only destroys
	env          []string
}

// SuperKey returns the key with all permissions. Providers use it by default.
func SuperKey() simulator.Key {
	return simulator.Key{APIKey: "0123456789abcdef", SharedSecret: "canary-shared-secret", Role: simulator.RoleSuper}
}

// ReadOnlyKey returns a key that can only read.
func ReadOnlyKey() simulator.Key {
	return simulator.Key{APIKey: "fedcba9876543210", SharedSecret: "canary-reading-secret", Role: simulator.RoleReadOnly}
}

// outsideKey returns the key for changes behind Terraform's back.
func outsideKey() simulator.Key {
	return simulator.Key{APIKey: "00aa11bb22cc33dd", SharedSecret: "canary-outside-secret", Role: simulator.RoleSuper} //nolint:gosec // of a simulated grid
}

// NewGrid starts a grid that is closed when the test ends. Settings may change
// the options before the start.
func NewGrid(t *testing.T, settings ...func(*simulator.Options)) *Grid {
	t.Helper()
	return newGrid(t, clockwork.NewRealClock(), PollInterval, Speed, settings)
}

// NewQuickGrid is like NewGrid, for tests that drive the provider by protocol
// calls. Its clock runs 50 times as fast as the real one, so the provider's own
// waits, such as pauses before retries, are shorter too. Options.Speed is the
// number of grid seconds per second of that clock.
func NewQuickGrid(t *testing.T, settings ...func(*simulator.Options)) *Grid {
	t.Helper()
	return newGrid(t, newQuickClock(), quickPollInterval, 3*Speed/quickness, settings)
}

func newGrid(t *testing.T, clock clockwork.Clock, pollInterval string, speed float64, settings []func(*simulator.Options)) *Grid {
	t.Helper()
	options := simulator.Options{
		Clock:         clock,
		Speed:         speed,
		Strict:        true,
		Admin:         true,
		OwnImagesOnly: true,
		Keys:          []simulator.Key{SuperKey(), ReadOnlyKey(), outsideKey()},
	}
	for _, set := range settings {
		set(&options)
	}
	grid, err := simulator.New(options)
	if err != nil {
		t.Fatalf("start a simulated grid: %v", err)
	}
	calls := &callWatch{next: grid}
	server := httptest.NewServer(calls)
	t.Cleanup(func() {
		server.Close()
		if err := grid.Close(); err != nil {
			t.Errorf("close the simulated grid: %v", err)
		}
	})
	port := 0
	if options.Guests != nil {
		port = options.Guests.SSHPort
	}
	return &Grid{
		SSHPort: port,
		Grid:    grid, Endpoint: server.URL + "/api", Key: options.Keys[0],
		clock: clock, pollInterval: pollInterval, calls: calls,
	}
}

// As returns a copy of g whose providers use another key.
func (g *Grid) As(key simulator.Key) *Grid {
	other := *g
	other.Key = key
	return &other
}

// Destroying returns a copy of g whose providers run under a command that only
// destroys.
func (g *Grid) Destroying() *Grid {
	other := *g
	other.destroys = true
	return &other
}

// WithEnv returns a copy of g whose providers get the given value of an
// environment variable.
func (g *Grid) WithEnv(name, value string) *Grid {
	other := *g
	other.env = slices.DeleteFunc(slices.Clone(g.env), func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
	other.env = append(other.env, name+"="+value)
	return &other
}

// Env returns the environment variables that connect a provider to the grid.
func (g *Grid) Env() []string {
	return append([]string{
		"GOGRID_ENDPOINT=" + g.Endpoint,
		"GOGRID_API_KEY=" + g.Key.APIKey,
		"GOGRID_SHARED_SECRET=" + g.Key.SharedSecret,
		"GOGRID_POLL_INTERVAL=" + g.pollInterval,
	}, g.env...)
}

// getenv returns a variable of Env.
func (g *Grid) getenv(name string) string {
	for _, entry := range g.Env() {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// Providers returns the factory of a provider that runs in the test process and
// needs no provider block.
func (g *Grid) Providers() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"gogrid": func() (tfprotov6.ProviderServer, error) { return g.Provider(), nil },
	}
}

// Provider returns a provider that runs in the test process.
func (g *Grid) Provider() tfprotov6.ProviderServer {
	limit := session.LimitFunc(context.WithTimeout)
	if g.limits != nil {
		limit = g.limits.begin
	}
	return provider.NewServer("test", g.getenv, g.clock, provider.WithLimits(limit), provider.Destroying(g.destroys))()
}

// WholeCatalogue makes the grid list partner and community images too.
func WholeCatalogue(options *simulator.Options) { options.OwnImagesOnly = false }
