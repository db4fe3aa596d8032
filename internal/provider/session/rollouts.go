// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"slices"
	"sync"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
)

// Rollouts holds the state that all rollouts of a process share.
type Rollouts struct {
	Gates   deploy.Gates
	Outages outages
	Boots   bootReports
}

// bootReports holds the names of the servers that have reported a boot on Cloud
// Storage. A process lists the reports once, so it sends no request for a
// server without a report. The zero value is ready for use.
type bootReports struct {
	once  sync.Once
	names []string
	err   error
}

// Has reports whether a server has reported a boot. The first call lists the
// reports. If the list fails, Has returns its error to every caller.
func (b *bootReports) Has(ctx context.Context, d *deploy.Deployer, server string) (bool, error) {
	b.once.Do(func() { b.names, b.err = d.Reporting(ctx) })
	return slices.Contains(b.names, server), b.err
}
