// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// updateMachine changes a machine in place, or completes an interrupted create.
// It makes no API call if the plan changes only attributes that do not exist on
// the grid. After an error the state stays unchanged, so the next plan shows
// the remaining changes.
func updateMachine(ctx context.Context, s *session.Session, plan, prior machineObject, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	// Read the plan, the state and the time limit.
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	limit, diags := plan.shared().Timeouts.Update(ctx, session.DefaultUpdateTimeout)
	if pending {
		limit, diags = plan.shared().Timeouts.Create(ctx, session.DefaultCreateTimeout)
	}
	resp.Diagnostics.Append(diags...)
	if !s.Configured() {
		resp.Diagnostics.Append(s.NotKnown("update " + prior.spec().String()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	s.Phase.BeginApply()

	// Change the machine, and wait until it is ready.
	unready := tf.IsUnready(ctx, req.Private, &resp.Diagnostics)
	if pending || unready || plan.changes(prior).Any() {
		server, err := changeWhenAdmitted(ctx, s, plan, prior, earlierProgress{pending, unready}, limit)
		switch {
		case machine.IsForeign(err):
			resp.Diagnostics.Append(tf.Diagnostic(machine.ForeignProblem("update "+plan.spec().String(), err)))
			return
		case err != nil:
			resp.Diagnostics.Append(rollout.Failure("update "+plan.spec().String(), err))
			if !pending && !plan.shared().Ready.IsNull() {
				resp.Diagnostics.Append(tf.SetUnready(ctx, resp.Private)...)
			}
			return
		}
		deployment, planned := plan.shared().Deployment, plan.clone()
		plan.fill(*server)
		plan.keepForecast(planned)
		if tf.IsSet(deployment) {
			plan.shared().Deployment = deployment
		}
	}

	// Delete the other machines that interrupted applies left.
	if pending {
		resp.Diagnostics.Append(removeDuplicates(ctx, s, plan.spec())...)
	}

	// Save the changed machine, and clear the records of interrupted applies.
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), plan.shared().PublicIP)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)
		resp.Diagnostics.Append(tf.ClearUnready(ctx, resp.Private)...)
	}
}

// removeDuplicates deletes other machines that interrupted applies created from the
// same spec. It must be called after the machine itself is finished.
func removeDuplicates(ctx context.Context, s *session.Session, spec machine.Spec) diag.Diagnostics {
	orphans, err := machine.FindOrphans(ctx, s, spec)
	if err != nil {
		return asWarnings(diag.Diagnostics{tf.Failure("look for duplicates of "+spec.String(), err)})
	}
	if orphans.Best != nil {
		orphans.Others = append(orphans.Others, *orphans.Best)
	}
	return asWarnings(tf.Diagnostics(machine.RemoveOrphans(ctx, s, spec, orphans.Others)))
}

// earlierProgress records how far an earlier, interrupted apply got with a machine.
type earlierProgress struct {
	pending bool // the apply added the machine but did not finish it
	unready bool // the apply changed the machine, which then did not become ready
}

// changeWhenAdmitted waits until the rollout admits the machine, then changes it
// within the time limit. The limit does not include the wait for admission.
func changeWhenAdmitted(ctx context.Context, s *session.Session, plan, prior machineObject, earlier earlierProgress, limit time.Duration) (server *client.Server, err error) {
	if !earlier.pending {
		leave, queueErr := plan.enterRollout(ctx, s, prior)
		if queueErr != nil {
			return nil, queueErr
		}
		defer func() { leave(err) }()
	}
	ctx, cancel := s.Limit(ctx, limit)
	defer cancel()
	return changeServer(ctx, s, plan, prior, earlier)
}

// changeServer changes an existing server, or completes an interrupted create,
// and returns the changed server.
func changeServer(ctx context.Context, s *session.Session, plan, prior machineObject, earlier earlierProgress) (*client.Server, error) {
	reference := prior.shared().reference()
	server, err := findOwnedServer(ctx, s, prior)

	// Complete an interrupted create.
	switch {
	case earlier.pending && (server != nil || client.IsUnproven(err)):
		// finishCreate waits until the server exists or is proven to be gone.
		return finishCreate(ctx, s, plan, plan.spec().Operation(), reference)
	case err != nil:
		return nil, err
	case server == nil:
		return nil, goneError(reference)
	}

	// Wait until GoGrid has finished earlier jobs of the server.
	if !machine.IsSteady(server) {
		if server, err = machine.AwaitSteady(ctx, s, *server); err != nil {
			return nil, err
		}
	}
	switch server, err = machine.AwaitDeletionEnd(ctx, s, *server); {
	case err != nil:
		return nil, err
	case server == nil:
		return nil, goneError(reference)
	}

	// Make the server match the plan. Wait for readiness only if the server may
	// have booted, or was not ready before.
	current, started, err := plan.reconcile(ctx, s, prior, *server)
	if err != nil || !started && !earlier.unready {
		return current, err
	}
	return current, awaitReady(ctx, s, plan, *current)
}

// goneError returns the error for a change to a server that is gone.
func goneError(server client.Server) error {
	return fmt.Errorf("%s is no longer on the grid; plan again to create it again", machine.Describe(server))
}

// deleteMachine deletes a machine, and waits until the machine is gone and its
// address is free again.
func deleteMachine(ctx context.Context, s *session.Session, prior machineObject, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	// Read the state and the time limit.
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	limit, diags := prior.shared().Timeouts.Delete(ctx, session.DefaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.Configured() {
		resp.Diagnostics.Append(s.NotKnown("delete " + prior.spec().String()))
		return
	}
	s.Phase.BeginApply()
	address := prior.shared().PublicIP.ValueString()
	s.Known.See(prior.addresses()...)
	bounded, cancel := s.Limit(ctx, limit)
	defer cancel()

	// Find the server, and delete the server unless this apply has adopted it.
	server, err := findOwnedServer(bounded, s, prior)
	switch {
	case machine.IsForeign(err):
		resp.Diagnostics.Append(tf.Diagnostic(machine.ForeignProblem("delete "+prior.spec().String(), err)))
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("look up "+prior.spec().String(), err))
	case server == nil:
		resp.Diagnostics.Append(prior.removeFiles(bounded, s)...)
	case !s.Known.TryDelete(prior.spec().Kind(), address):
		resp.Diagnostics.AddWarning("Did not delete "+machine.Describe(*server),
			"The replacement has taken over this object, because it matches the configuration and carries the tag of this deployment. The object now belongs to the replacement. "+
				"To create a new object, replace this one without create_before_destroy.")
	default:
		if err := machine.Delete(bounded, s, *server); err != nil {
			resp.Diagnostics.Append(tf.Failure("delete "+machine.Describe(*server), err))
			return
		}
		resp.Diagnostics.Append(prior.removeFiles(bounded, s)...)
	}
}
