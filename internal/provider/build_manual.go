// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// awaitByHand waits until somebody has prepared the sandbox and switched it
// off, in the portal or from within. GoGrid's own prep step for Windows was
// done so, over Remote Desktop.
func (b *imageBuild) awaitByHand(ctx context.Context) error {
	tflog.Info(ctx, fmt.Sprintf("Waiting for %s to be prepared by hand: log in to it at %s, prepare it, and switch it off", describe(*b.sandbox), b.sandbox.IP.Address))
	off, err := b.session.client.Watch.Server(ctx, client.ServerWait{
		Operation: client.OperationPowerServer,
		ID:        b.sandbox.ID,
		Address:   b.sandbox.IP.Address,
		Name:      b.sandbox.Name,
		Done:      func(now *client.Server) bool { return now != nil && now.State.Matches(client.StateOff) },
	})
	if err != nil {
		return fmt.Errorf("%w. Somebody has to log in to it at %s, prepare it, and switch it off within the time that max_duration allows", err, b.sandbox.IP.Address)
	}
	b.sandbox = off
	return nil
}
