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

// updateMachine changes a machine in place, or goes on with a creation that
// was interrupted. A change of attributes that only the configuration has
// calls nothing. After an error the state stays as it was, so that the next
// plan shows what is still to do.
func updateMachine(ctx context.Context, s *session.Session, plan, prior machineObject, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	pending := tf.IsPending(ctx, req.Private, &resp.Diagnostics)
	limit, diags := plan.shared().Timeouts.Update(ctx, session.DefaultUpdateTimeout)
	if pending {
		limit, diags = plan.shared().Timeouts.Create(ctx, session.DefaultCreateTimeout)
	}
	resp.Diagnostics.Append(diags...)
	if !s.Known() {
		resp.Diagnostics.Append(s.NotKnown("update " + prior.spec().String()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	s.Ledger.Begin()
	unready := tf.IsUnready(ctx, req.Private, &resp.Diagnostics)
	if pending || unready || plan.changes(prior).Any() {
		server, err := changeAdmitted(ctx, s, plan, prior, progress{pending, unready}, limit)
		switch {
		case machine.IsForeign(err):
			resp.Diagnostics.Append(machine.ForeignDiagnostic("update "+plan.spec().String(), err))
			return
		case err != nil:
			resp.Diagnostics.Append(rollout.Failure("update "+plan.spec().String(), err))
			if !pending && !plan.shared().Ready.IsNull() {
				resp.Diagnostics.Append(tf.SetUnready(ctx, resp.Private)...)
			}
			return
		}
		deployment := plan.shared().Deployment
		plan.fill(*server)
		if tf.IsSet(deployment) {
			plan.shared().Deployment = deployment
		}
	}
	if pending {
		resp.Diagnostics.Append(removeTwins(ctx, s, plan.spec())...)
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), plan.shared().PublicIP)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(tf.ClearPending(ctx, resp.Private)...)
		resp.Diagnostics.Append(tf.ClearUnready(ctx, resp.Private)...)
	}
}

// removeTwins removes the other machines that interrupted applies left, once
// the machine itself is finished.
func removeTwins(ctx context.Context, s *session.Session, spec machine.Spec) diag.Diagnostics {
	left, err := machine.FindOrphans(ctx, s, spec)
	if err != nil {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Could not look for leftovers of "+spec.String(), tf.Explain(err))}
	}
	if left.Best != nil {
		left.Others = append(left.Others, *left.Best)
	}
	return asWarnings(machine.RemoveOrphans(ctx, s, spec, left.Others))
}

// progress is how far an earlier apply has come with a machine.
type progress struct {
	pending bool // it was added and not finished
	unready bool // it was changed and did not become ready
}

// changeAdmitted is change, once the machine may be changed: the wait for that is
// not counted.
func changeAdmitted(ctx context.Context, s *session.Session, plan, prior machineObject, left progress, limit time.Duration) (server *client.Server, err error) {
	if !left.pending {
		leave, queueErr := plan.queue(ctx, s, prior)
		if queueErr != nil {
			return nil, queueErr
		}
		defer func() { leave(err) }()
	}
	ctx, cancel := s.Limit(ctx, limit)
	defer cancel()
	return changeServer(ctx, s, plan, prior, left)
}

func changeServer(ctx context.Context, s *session.Session, plan, prior machineObject, left progress) (*client.Server, error) {
	reference := prior.shared().reference()
	server, err := findOwnedServer(ctx, s, prior)
	switch {
	case left.pending && (server != nil || client.IsUnproven(err)):
		// The wait proves itself what became of the server.
		return finishCreate(ctx, s, plan, plan.spec().Operation(), reference)
	case err != nil:
		return nil, err
	case server == nil:
		return nil, notThere(reference)
	}
	if !machine.IsSteady(server) {
		if server, err = machine.AwaitSteady(ctx, s, *server); err != nil {
			return nil, err
		}
	}
	switch server, err = machine.AwaitDeletionEnd(ctx, s, *server); {
	case err != nil:
		return nil, err
	case server == nil:
		return nil, notThere(reference)
	}
	now, started, err := plan.settle(ctx, s, prior, *server)
	if err != nil || !started && !left.unready {
		return now, err
	}
	return now, awaitReady(ctx, s, plan, *now)
}

// notThere is the error of a change to a server that is gone.
func notThere(server client.Server) error {
	return fmt.Errorf("%s is no longer on the grid; plan again to create it again", machine.Describe(server))
}

// deleteMachine deletes a machine and waits until it is gone and its address
// is free again.
func deleteMachine(ctx context.Context, s *session.Session, prior machineObject, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	limit, diags := prior.shared().Timeouts.Delete(ctx, session.DefaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.Known() {
		resp.Diagnostics.Append(s.NotKnown("delete " + prior.spec().String()))
		return
	}
	s.Ledger.Begin()
	address := prior.shared().PublicIP.ValueString()
	s.Ledger.See(prior.addresses()...)
	bounded, cancel := s.Limit(ctx, limit)
	defer cancel()

	server, err := findOwnedServer(bounded, s, prior)
	switch {
	case machine.IsForeign(err):
		resp.Diagnostics.Append(machine.ForeignDiagnostic("delete "+prior.spec().String(), err))
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("look up "+prior.spec().String(), err))
	case server == nil:
		resp.Diagnostics.Append(prior.forget(bounded, s)...)
	case !s.Ledger.TryLeave(prior.spec().Kind(), address):
		resp.Diagnostics.AddWarning("Did not delete "+machine.Describe(*server),
			"The replacement has taken over this very object, because it is what the configuration asks for and carries this deployment's mark. It goes on as the new one. "+
				"To have it made anew, replace it without create_before_destroy.")
	default:
		if err := machine.Delete(bounded, s, *server); err != nil {
			resp.Diagnostics.Append(tf.Failure("delete "+machine.Describe(*server), err))
			return
		}
		resp.Diagnostics.Append(prior.forget(bounded, s)...)
	}
}
