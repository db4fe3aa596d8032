// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// BootProblem warns if the last boot of a server without a deploy block
// reported a problem. With a deploy block, the plan instead shows the release
// as changed. If Cloud Storage cannot be read, BootProblem only writes a log
// entry, because the server is not the cause.
func BootProblem(ctx context.Context, s *session.Session, server string) diag.Diagnostics {
	if !s.Storage.Set || len(s.StorageUnknown()) > 0 {
		return nil
	}
	var status startup.Status
	err := WithDeployer(ctx, s, func(d *deploy.Deployer) error {
		reported, err := s.Rollouts.Boots.Has(ctx, d, server)
		if err == nil && reported {
			status, err = d.Status(ctx, server)
		}
		return err
	})
	if err != nil {
		tflog.Warn(ctx, "could not read the boot report of a server", map[string]any{"server": server, "error": err.Error()})
		return nil
	}
	if status.Started == "" || status.OK() {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("Server %q reported a problem during its last boot", server),
		fmt.Sprintf("%s The boot began at %s by the server's clock. The server's log has the details: /var/log/gogrid-startup.log or C:\\gogrid\\startup.log. "+
			"Remove the cause and restart the server. The startup script then tries every step again.", tf.Sentence(status.FailureText()), status.Started))}
}
