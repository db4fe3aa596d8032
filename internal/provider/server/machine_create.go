// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// createMachine makes a machine: choose an address, add, save what is known,
// wait, read back, save. What is known is saved before the wait, so that
// nothing that is billed is ever missing from the state. plan and m are empty
// models: one keeps what is asked for, the other takes what comes to be.
func createMachine(ctx context.Context, s *session.Session, plan, m machineObject, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, m)...)
	limit, diags := plan.shared().Timeouts.Create(ctx, session.DefaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if !s.Known() {
		resp.Diagnostics.Append(s.NotKnown("create " + plan.spec().String()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	bounded, cancel := s.Limit(ctx, limit)
	defer cancel()

	spec := plan.spec()
	if err := plan.pinFirstBoot(bounded, s); err != nil {
		resp.Diagnostics.Append(rollout.Failure("create "+spec.String(), err))
		return
	}
	server, leftovers, diags := machine.Create(bounded, s, spec)
	resp.Diagnostics.Append(diags...)
	if server == nil {
		resp.Diagnostics.Append(plan.removeFiles(ctx, s)...)
		return
	}
	m.fill(*server)
	resp.Diagnostics.Append(tf.SaveStarted(ctx, req.Plan, &resp.State, m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), m.shared().PublicIP)...)
	resp.Diagnostics.Append(tf.SetPending(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}

	created, err := finishCreate(bounded, s, plan, spec.Operation(), *server)
	switch {
	case err == nil:
		plan.fill(*created)
		resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, plan)...)
		resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)
		resp.Diagnostics.Append(asWarnings(machine.RemoveOrphans(ctx, s, spec, leftovers))...)
	case ctx.Err() != nil:
		resp.Diagnostics.Append(tf.Interrupted(machine.Describe(*server)))
	case isUnanswered(err):
		resp.Diagnostics.Append(tf.Unanswered(machine.Describe(*server), err))
	default:
		resp.Diagnostics.Append(unfinishedCreate(ctx, s, spec, *server, err, &resp.State))
	}
}

// isUnanswered reports whether a creation ended because GoGrid or Cloud Storage
// did not answer: what was asked for has not been refused.
func isUnanswered(err error) bool {
	return client.IsStatusUnknown(err) || client.IsUnanswered(err) || storage.IsOutage(err)
}

// asWarnings turns errors into warnings where an error would taint an object.
func asWarnings(diags diag.Diagnostics) diag.Diagnostics {
	var warnings diag.Diagnostics
	for _, d := range diags {
		warnings.AddWarning(d.Summary(), d.Detail())
	}
	return warnings
}

// unfinishedCreate is the diagnostic of a machine that was added and did not become
// what was asked for. One that is proven to be gone must not stay in the state.
func unfinishedCreate(ctx context.Context, s *session.Session, spec machine.Spec, server client.Server, err error, state *tfsdk.State) diag.Diagnostic {
	if machine.NeverCreated(err) {
		if current, lookErr := machine.Refetch(ctx, s, server); lookErr == nil && current == nil {
			state.RemoveResource(ctx)
			s.Pool.Release(server.IP.Address)
			return diag.NewErrorDiagnostic("Could not create "+spec.String(), tf.Explain(err)+"\n\n"+machine.GoneReason(err)+"; nothing is left of it and nothing is billed.")
		}
	}
	return rollout.Problem("Could not finish creating "+spec.String(), err, tf.TaintedNote(machine.Describe(server)))
}

// finishCreate waits until a machine that was added is there, brings it to what the
// configuration asks for, and waits until it is ready.
func finishCreate(ctx context.Context, s *session.Session, m machineObject, operation client.Operation, server client.Server) (*client.Server, error) {
	created, err := machine.AwaitCreated(ctx, s, operation, server)
	if err != nil {
		return created, err
	}
	ctx, cancel := withFinalCheck(ctx, s)
	defer cancel()
	current, _, err := m.reconcile(ctx, s, nil, *created)
	if err != nil {
		return created, err
	}
	return current, awaitReady(ctx, s, m, *current)
}

// finalCheckTimeout is the time allowed for last looks after a time limit has passed.
const finalCheckTimeout = time.Minute

// withFinalCheck gives a context whose time limit has passed the time for one last
// look, unless the context was cancelled. A process that was frozen finds its
// limits passed and everything done.
func withFinalCheck(ctx context.Context, s *session.Session) (context.Context, context.CancelFunc) {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.WithCancel(ctx)
	}
	return s.Limit(context.WithoutCancel(ctx), finalCheckTimeout)
}

// awaitReady waits for the signs of life that the ready block asks for.
func awaitReady(ctx context.Context, s *session.Session, m machineObject, server client.Server) error {
	if m.shared().Ready.IsNull() || !server.State.Matches(client.StateOn) {
		return nil
	}
	var block readyModel
	if diags := m.shared().Ready.As(ctx, &block, basetypes.ObjectAsOptions{}); diags.HasError() {
		return errors.New(diags[0].Detail())
	}
	ctx, cancel := withFinalCheck(ctx, s)
	defer cancel()
	return machine.WhileThere(ctx, s, server, readinessOf(s, block, server).Await)
}

func readinessOf(s *session.Session, block readyModel, server client.Server) machine.Readiness {
	private := ""
	if server.PrivateIP != nil {
		private = server.PrivateIP.Address
	}
	r := machine.Readiness{Timeout: machine.DefaultReadyTimeout, Interval: min(s.Poll, machine.ReadyPause), Clock: s.Clock}
	if tf.IsSet(block.TCPPort) {
		r.Sign.Address = machine.ReadyAddress(server.IP.Address, block.TCPPort.ValueInt64())
	}
	if tf.IsSet(block.HTTP) {
		r.Sign.URL = tf.ReadyURL(block.HTTP.ValueString(), server.IP.Address, private)
	}
	if timeout, err := tf.ParseDuration(block.Timeout.ValueString()); err == nil {
		r.Timeout = timeout
	}
	r.Timeout = s.Guests.Limit(r.Timeout)
	return r
}
