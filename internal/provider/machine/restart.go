// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// JobID returns the id of a job as text, or "" for nil.
func JobID(job *client.Job) string {
	if job == nil {
		return ""
	}
	return strconv.FormatInt(job.ID, 10)
}

// RestartOnce restarts a server exactly once, and returns the server when it is
// on again. last is the id of the server's newest restart job so far. If the
// response is lost, a newer job proves that GoGrid accepted the restart.
func RestartOnce(ctx context.Context, s *session.Session, server client.Server, last string) (*client.Server, error) {
	return sendCommand(ctx, s, server, command{
		operation: client.OperationPowerServer,
		needsJob:  true,
		done:      func(current *client.Server) bool { return current != nil && current.State.Matches(client.StateOn) },
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Power(ctx, server.ID, client.PowerRestart)
			if !client.IsOutcomeUnknown(err) {
				return err
			}
			newest, listErr := LastRestart(ctx, s, server)
			if listErr == nil && newest != nil && JobID(newest) != last {
				return nil
			}
			return err
		},
	})
}

// LastRestart returns the newest job that restarted a server, was requested
// through the API and did not fail. It returns nil if there is no such job.
func LastRestart(ctx context.Context, s *session.Session, server client.Server) (*client.Job, error) {
	jobs, err := s.Client.Jobs.List(ctx, client.JobFilter{Object: server.Name, Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		switch {
		case job.Detail["ip"] != server.IP.Address:
		case job.Command.Matches(client.JobCreateVirtualServer):
			return nil, nil // older jobs belong to an earlier server with this name
		case job.Command.Matches(client.JobRestartVirtualServer) && !job.Failed() && strings.HasSuffix(job.Owner, apiOwner):
			return &job, nil
		}
	}
	return nil, nil
}

// apiOwner is the suffix of the owner of a job that was requested through the
// API. A job that was requested in the portal has the user's own e-mail address
// as owner.
const apiOwner = "@api.gogrid.com"

// RestartedSince reports whether the restart job last is newer than known, the
// time of the last restart in the state in RFC 3339. If the state records no
// restart, every job counts as newer.
func RestartedSince(last *client.Job, known types.String) bool {
	if last == nil {
		return false
	}
	before, err := time.Parse(time.RFC3339Nano, known.ValueString())
	return err != nil || last.CreatedOn.After(before)
}
