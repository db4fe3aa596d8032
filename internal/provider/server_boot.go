// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// bootReports holds the names of the servers that have reported a boot on Cloud
// Storage. A process lists them once, so that a server that reports nothing
// costs no look of its own. The zero value is ready for use.
type bootReports struct {
	once  sync.Once
	names []string
	err   error
}

func (b *bootReports) has(ctx context.Context, d *deploy.Deployer, server string) (bool, error) {
	b.once.Do(func() { b.names, b.err = d.Reporting(ctx) })
	return slices.Contains(b.names, server), b.err
}

// bootProblem warns of what went wrong when a server without a deploy block
// booted last. With a deploy block the plan shows the consequence instead.
// Without Cloud Storage there is no report, which is no problem of the server.
func (s *session) bootProblem(ctx context.Context, server string) diag.Diagnostics {
	if !s.storage.set || len(s.storageUnknown()) > 0 {
		return nil
	}
	var status startup.Status
	err := s.withDeployer(ctx, func(d *deploy.Deployer) error {
		reported, err := s.rollouts.boots.has(ctx, d, server)
		if err == nil && reported {
			status, err = d.Status(ctx, server)
		}
		return err
	})
	if err != nil {
		tflog.Warn(ctx, "could not read what a server reported of its boot", map[string]any{"server": server, "error": err.Error()})
		return nil
	}
	if status.Started == "" || status.OK() {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("Server %q reported a problem in its last boot", server),
		fmt.Sprintf("%s The boot began at %s by the server's clock. The server's log has the details: /var/log/gogrid-startup.log or C:\\gogrid\\startup.log. "+
			"Restart the server when the cause is removed: the startup script then tries everything again.", sentence(status.Trouble()), status.Started))}
}
