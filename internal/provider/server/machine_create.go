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

// createMachine creates a server or sandbox and saves it to the state. plan and
// started must be empty models: createMachine reads the planned values into
// plan, and fills started with the values that the grid shows before the
// machine is finished.
func createMachine(ctx context.Context, s *session.Session, plan, started machineObject, req resource.CreateRequest, resp *resource.CreateResponse) {
	// Read the plan.
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, started)...)
	limit, diags := plan.shared().Timeouts.Create(ctx, session.DefaultCreateTimeout)
	resp.Diagnostics.Append(diags...)
	if !s.Configured() {
		resp.Diagnostics.Append(s.NotKnown("create " + plan.spec().String()))
	}
	if resp.Diagnostics.HasError() {
		return
	}

	// Apply the create timeout to all steps.
	bounded, cancel := s.Limit(ctx, limit)
	defer cancel()

	// Pin the release, so that the first boot loads it.
	spec := plan.spec()
	if err := plan.pinFirstBoot(bounded, s); err != nil {
		resp.Diagnostics.Append(rollout.Failure("create "+spec.String(), err))
		return
	}

	// Choose an address and add the machine, or adopt a machine that an
	// interrupted apply left.
	server, leftovers, problems := machine.Create(bounded, s, spec)
	resp.Diagnostics.Append(tf.Diagnostics(problems)...)
	if server == nil {
		// The pin of a server that was not added must not stay on Cloud Storage.
		resp.Diagnostics.Append(plan.removeFiles(ctx, s)...)
		return
	}

	// Save the address before waiting, so that the next apply finds the machine
	// if this apply is killed.
	started.fill(*server)
	resp.Diagnostics.Append(tf.SaveStarted(ctx, req.Plan, &resp.State, started)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), started.shared().PublicIP)...)
	resp.Diagnostics.Append(tf.SetPending(ctx, resp.Private)...)
	if resp.Diagnostics.HasError() {
		return
	}

	// Wait until the machine exists, matches the configuration and is ready.
	created, err := finishCreate(bounded, s, plan, spec.Operation(), *server)
	if err != nil {
		resp.Diagnostics.Append(unfinishedCreate(ctx, s, spec, *server, err, &resp.State))
		return
	}

	// Save the finished machine.
	planned := plan.clone()
	plan.fill(*created)
	plan.keepForecast(planned)
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, plan)...)
	resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)

	// Delete the other machines that interrupted applies left. An error would taint the new machine.
	resp.Diagnostics.Append(asWarnings(tf.Diagnostics(machine.RemoveOrphans(ctx, s, spec, leftovers)))...)
}

// isUnanswered reports whether a create ended because GoGrid or Cloud Storage
// did not answer. In that case GoGrid has not refused the create.
func isUnanswered(err error) bool {
	return client.IsStatusUnknown(err) || client.IsUnanswered(err) || storage.IsOutage(err)
}

// asWarnings turns errors into warnings. Terraform taints an object whose create
// reports an error.
func asWarnings(diags diag.Diagnostics) diag.Diagnostics {
	var warnings diag.Diagnostics
	for _, d := range diags {
		warnings.AddWarning(d.Summary(), d.Detail())
	}
	return warnings
}

// unfinishedCreate returns the diagnostic for a machine that was added but not
// finished. The diagnostic is a warning if the next apply can complete the
// machine. If the machine is proven to be gone, unfinishedCreate removes it
// from the state.
func unfinishedCreate(ctx context.Context, s *session.Session, spec machine.Spec, server client.Server, err error, state *tfsdk.State) diag.Diagnostic {
	if ctx.Err() != nil {
		return tf.Interrupted(machine.Describe(server))
	}
	if isUnanswered(err) {
		return tf.Unanswered(machine.Describe(server), err)
	}
	if machine.NeverCreated(err) {
		if current, lookErr := machine.Refetch(ctx, s, server); lookErr == nil && current == nil {
			state.RemoveResource(ctx)
			s.Pool.Release(server.IP.Address)
			return diag.NewErrorDiagnostic("Could not create "+spec.String(), tf.Explain(err)+"\n\n"+machine.GoneReason(err)+"; nothing is left of it and nothing is billed.")
		}
	}
	return rollout.CreateFailure("Could not finish creating "+spec.String(), err, machine.Describe(server))
}

// finishCreate waits until an added machine exists, reconciles it with the
// configuration, and waits until the machine is ready.
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

// finalCheckTimeout bounds the final check that follows an exceeded time limit.
const finalCheckTimeout = time.Minute

// withFinalCheck returns a context with time for a final check if the time
// limit of ctx has passed. A suspended process may resume after its time limit
// has passed, although the server is finished by then. A canceled context stays
// canceled.
func withFinalCheck(ctx context.Context, s *session.Session) (context.Context, context.CancelFunc) {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.WithCancel(ctx)
	}
	return s.Limit(context.WithoutCancel(ctx), finalCheckTimeout)
}

// awaitReady waits until the checks of the ready block succeed. It returns nil at
// once if there is no ready block or the server is not On.
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
	return machine.WhileExists(ctx, s, server, readinessOf(s, block, server).Await)
}

// readinessOf returns the checks of a ready block, with the server's addresses
// filled in and the time limit converted to real time.
func readinessOf(s *session.Session, block readyModel, server client.Server) machine.Readiness {
	private := ""
	if server.PrivateIP != nil {
		private = server.PrivateIP.Address
	}
	timeout := s.Guests.Limit(tf.DurationOr(block.Timeout, machine.DefaultReadyTimeout))
	r := machine.Readiness{Timeout: timeout, Interval: min(s.Poll, machine.ReadyPause), Clock: s.Clock}
	if tf.IsSet(block.TCPPort) {
		r.Sign.Address = machine.ReadyAddress(server.IP.Address, block.TCPPort.ValueInt64())
	}
	if tf.IsSet(block.HTTP) {
		r.Sign.URL = tf.ReadyURL(block.HTTP.ValueString(), server.IP.Address, private)
	}
	return r
}
