// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Status holds the time on the clock of a grid, and the cost and number of
// calls since its start.
type Status struct {
	// Now is the time on the grid's clock.
	Now time.Time
	// USD is the cost of all servers so far.
	USD float64
	// Calls is the number of API calls that were answered.
	Calls int
}

// Status returns the current status of the grid.
func (s *Simulator) Status(ctx context.Context) (Status, error) {
	var (
		clock struct{ Now time.Time }
		bills []struct{ USD float64 }
		calls struct{ Calls map[string]int }
		all   Status
	)
	for path, into := range map[string]any{"/clock": &clock, "/bill": &bills, "/counters": &calls} {
		if err := s.get(ctx, path, into); err != nil {
			return Status{}, err
		}
	}
	all.Now = clock.Now
	for _, bill := range bills {
		all.USD += bill.USD
	}
	for _, count := range calls.Calls {
		all.Calls += count
	}
	return all, nil
}

// Servers returns the names of all servers and sandboxes on the grid.
func (s *Simulator) Servers(ctx context.Context) ([]string, error) {
	var state struct{ Servers []struct{ Name string } }
	if err := s.get(ctx, "/state", &state); err != nil {
		return nil, err
	}
	var names []string
	for _, server := range state.Servers {
		names = append(names, server.Name)
	}
	return names, nil
}

// Step switches the grid to a stepped clock. A stepped clock stands still while
// clients work, and jumps to the next event while they wait.
func (s *Simulator) Step(ctx context.Context) error {
	var clock struct{ Stepped bool }
	return s.call(ctx, http.MethodPost, "/clock", strings.NewReader(`{"stepped":true}`), &clock)
}

// Now returns the time on the grid's clock.
func (s *Simulator) Now(ctx context.Context) (time.Time, error) {
	var clock struct{ Now time.Time }
	err := s.get(ctx, "/clock", &clock)
	return clock.Now, err
}

// get reads an admin route of the grid into a value.
func (s *Simulator) get(ctx context.Context, path string, into any) error {
	return s.call(ctx, http.MethodGet, path, http.NoBody, into)
}

func (s *Simulator) call(ctx context.Context, method, path string, body io.Reader, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.Admin+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("call the simulator: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("call %s of the simulator: %s", path, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("read the response of the simulator to %s: %w", path, err)
	}
	return nil
}
