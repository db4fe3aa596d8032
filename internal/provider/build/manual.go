// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// awaitByHand waits until a person has prepared the sandbox and switched it
// off, in the portal or from inside the sandbox. GoGrid's own prep step for
// Windows worked this way, over Remote Desktop.
func (b *Build) awaitByHand(ctx context.Context) error {
	tflog.Info(ctx, fmt.Sprintf("Waiting for %s to be prepared by hand: log in to it at %s, prepare it, and switch it off", machine.Describe(*b.sandbox), b.sandbox.IP.Address))
	off, err := awaitOff(ctx, b.session, *b.sandbox)
	if err != nil {
		return fmt.Errorf("%w. A person has to log in to the sandbox at %s, prepare it, and switch it off within the time that max_duration allows", err, b.sandbox.IP.Address)
	}
	b.sandbox = off
	return nil
}

// awaitOff waits until a person has switched a server off. It ignores the state
// Off of a server that is being deleted, and returns an error once that server is
// gone.
func awaitOff(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	for {
		off, err := s.Client.Watch.Server(ctx, client.ServerWait{
			Operation: client.OperationPowerServer,
			ID:        server.ID,
			Address:   server.IP.Address,
			Name:      server.Name,
			Done:      func(current *client.Server) bool { return current != nil && current.State.Matches(client.StateOff) },
		})
		if err != nil {
			return nil, err
		}
		current, err := machine.AwaitDeletionEnd(ctx, s, *off)
		switch {
		case err != nil:
			return nil, err
		case current == nil:
			return nil, fmt.Errorf("%s was deleted", machine.Describe(*off))
		case current.State.Matches(client.StateOff):
			return current, nil
		}
	}
}
