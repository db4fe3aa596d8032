// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// While GoGrid deletes a server, it lists the server as Off for some time. The
// provider must not treat such a server as stopped: a server that is being
// deleted can be neither switched on nor taken over.

// DeletionOf returns the job that deletes a listed server, or nil if there is
// none. It lists jobs only for a server that is Off.
func DeletionOf(ctx context.Context, s *session.Session, server client.Server) (*client.Job, error) {
	if server.Pending() || !server.State.Matches(client.StateOff) {
		return nil, nil
	}
	return s.Client.Snapshot.Deletion(ctx, &server)
}

// BeingDeleted returns the warning about a server that is being deleted. The
// deletion may still fail, so the state keeps the server.
func BeingDeleted(server client.Server, job client.Job) report.Problem {
	return report.Warning(path.Empty(), tf.Capitalised(Describe(server))+" is being deleted",
		fmt.Sprintf("%s is %s: the server was deleted outside of Terraform. The state is kept as it is until the server is gone. The next plan then creates the server again.",
			tf.Capitalised(job.String()), job.State().Name))
}

// NoImport returns the error for the import of a server that is being deleted.
func NoImport(server client.Server, job client.Job) report.Problem {
	return report.Error(path.Empty(), "Cannot import "+Describe(server),
		fmt.Sprintf("GoGrid is deleting the server: %s is %s.", job.String(), job.State().Name))
}

// awaitDeletion waits for the end of a deletion. It returns nil if the server is
// gone, and the server if the deletion failed.
func awaitDeletion(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	_, err := s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: client.OperationDeleteServer,
		ID:        server.ID,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(current *client.Server) bool { return current == nil },
		Job:       client.JobDeleteVirtualServer,
	})
	var failed *client.JobError
	if errors.As(err, &failed) {
		return Refetch(ctx, s, server)
	}
	return nil, err
}

// AwaitDeletionEnd waits until a deletion in progress, if any, has ended. It
// returns nil if the server is gone, and the server if there was no deletion or
// the deletion failed.
func AwaitDeletionEnd(ctx context.Context, s *session.Session, server client.Server) (*client.Server, error) {
	if server.Pending() || !server.State.Matches(client.StateOff) {
		return &server, nil
	}
	job, err := s.Client.Snapshot.FreshDeletion(ctx, &server)
	if err != nil || job == nil {
		return &server, err
	}
	return awaitDeletion(ctx, s, server)
}
