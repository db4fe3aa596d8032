// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// updateMachine changes a machine in place, or goes on with a creation that
// was interrupted. A change of attributes that only the configuration has
// calls nothing. After an error the state stays as it was, so that the next
// plan shows what is still to do.
func (s *session) updateMachine(ctx context.Context, plan, prior machine, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	pending := isPending(ctx, req.Private, &resp.Diagnostics)
	limit, diags := plan.shared().Timeouts.Update(ctx, defaultUpdateTimeout)
	if pending {
		limit, diags = plan.shared().Timeouts.Create(ctx, defaultCreateTimeout)
	}
	resp.Diagnostics.Append(diags...)
	if !s.known() {
		resp.Diagnostics.Append(s.notKnown("update " + prior.spec().String()))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	s.ledger.begin()
	if pending || plan.changes(prior).any() {
		server, err := s.changeInTurn(ctx, plan, prior, pending, limit)
		if err != nil {
			resp.Diagnostics.Append(deployFailure("update "+plan.spec().String(), err))
			return
		}
		plan.fill(*server)
	}
	resp.Diagnostics.Append(saveKnown(ctx, &resp.State, plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("public_ip"), plan.shared().PublicIP)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(clearPending(ctx, resp.Private)...)
	}
}

// changeInTurn is change, once the machine may be changed: the wait for that is
// not counted.
func (s *session) changeInTurn(ctx context.Context, plan, prior machine, pending bool, limit time.Duration) (server *client.Server, err error) {
	if !pending {
		leave, queueErr := plan.queue(ctx, s, prior)
		if queueErr != nil {
			return nil, queueErr
		}
		defer func() { leave(err) }()
	}
	ctx, cancel := s.limit(ctx, limit)
	defer cancel()
	return s.change(ctx, plan, prior, pending)
}

func (s *session) change(ctx context.Context, plan, prior machine, pending bool) (*client.Server, error) {
	reference := prior.shared().reference()
	if pending {
		return s.finish(ctx, plan, plan.spec().operation(), reference)
	}
	server, err := s.client.Snapshot.Server(ctx, reference.ID)
	if err != nil {
		return nil, err
	}
	if server == nil {
		return nil, fmt.Errorf("%s is not on the grid any more; plan again, and it will be made anew", describe(reference))
	}
	if !steady(server) {
		if server, err = s.awaitSteady(ctx, *server); err != nil {
			return nil, err
		}
	}
	now, started, err := plan.settle(ctx, s, prior, *server)
	if err != nil || !started {
		return now, err
	}
	return now, s.awaitReady(ctx, plan, *now)
}

// deleteMachine deletes a machine and waits until it is gone and its address
// is free again.
func (s *session) deleteMachine(ctx context.Context, prior machine, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
	limit, diags := prior.shared().Timeouts.Delete(ctx, defaultDeleteTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !s.known() {
		resp.Diagnostics.Append(s.notKnown("delete " + prior.spec().String()))
		return
	}
	s.ledger.begin()
	address := prior.shared().PublicIP.ValueString()
	s.ledger.see(prior.addresses()...)
	bounded, cancel := s.limit(ctx, limit)
	defer cancel()

	server, err := s.find(bounded, *prior.shared())
	switch {
	case err != nil:
		resp.Diagnostics.Append(failure("look up "+prior.spec().String(), err))
	case server == nil:
		resp.Diagnostics.Append(prior.forget(bounded, s)...)
	case s.ledger.hasAdopted(prior.spec().kind(), address):
		resp.Diagnostics.AddWarning("Did not delete "+describe(*server),
			"The replacement has taken over this very object, because it is what the configuration asks for and carries this deployment's mark. It goes on as the new one. "+
				"To have it made anew, replace it without create_before_destroy.")
	default:
		if err := s.remove(bounded, *server); err != nil {
			resp.Diagnostics.Append(failure("delete "+describe(*server), err))
			return
		}
		resp.Diagnostics.Append(prior.forget(bounded, s)...)
	}
}
