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

// JobID names a job by its id; empty where there is none.
func JobID(job *client.Job) string {
	if job == nil {
		return ""
	}
	return strconv.FormatInt(job.ID, 10)
}

// RestartOnce restarts a server; when the answer is lost, the newest restart
// job tells whether it was taken: it is another one than the last so far.
func RestartOnce(ctx context.Context, s *session.Session, server client.Server, last string) (*client.Server, error) {
	return sendCommand(ctx, s, server, command{
		operation: client.OperationPowerServer,
		needsJob:  true,
		done:      func(now *client.Server) bool { return now != nil && now.State.Matches(client.StateOn) },
		send: func(ctx context.Context) error {
			_, err := s.Client.Servers.Power(ctx, server.ID, client.PowerRestart)
			if !client.IsOutcomeUnknown(err) {
				return err
			}
			newest, lookErr := LastRestart(ctx, s, server)
			if lookErr == nil && newest != nil && JobID(newest) != last {
				return nil
			}
			return err
		},
	})
}

// LastRestart is the newest restart of a server that was asked for through
// the API and did not fail; nil when there is none.
func LastRestart(ctx context.Context, s *session.Session, server client.Server) (*client.Job, error) {
	jobs, err := s.Client.Jobs.List(ctx, client.JobFilter{Object: server.Name, Limit: 100})
	if err != nil {
		return nil, err
	}
	for _, job := range jobs {
		switch {
		case job.Detail["ip"] != server.IP.Address:
		case job.Command.Matches(client.JobCreateVirtualServer):
			return nil, nil // older jobs are those of a former server
		case job.Command.Matches(client.JobRestartVirtualServer) && !job.Failed() && strings.HasSuffix(job.Owner, apiOwner):
			return &job, nil
		}
	}
	return nil, nil
}

// apiOwner ends the owner of a job that was asked for through the API; jobs
// from the portal carry the user's own e-mail address.
const apiOwner = "@api.gogrid.com"

// RestartedSince tells whether a restart is newer than the one that the state
// knows of. A state that knows of none has seen none since the server was made.
func RestartedSince(last *client.Job, known types.String) bool {
	if last == nil {
		return false
	}
	before, err := time.Parse(time.RFC3339Nano, known.ValueString())
	return err != nil || last.CreatedOn.After(before)
}
