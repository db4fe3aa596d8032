// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package skeleton

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ resource.ResourceWithConfigure   = (*skeletonResource)(nil)
	_ resource.ResourceWithIdentity    = (*skeletonResource)(nil)
	_ resource.ResourceWithImportState = (*skeletonResource)(nil)
)

type skeletonResource struct {
	tf.ResourceRules

	session *session.Session
}

// NewResource returns the resource gogrid_skeleton.
func NewResource() resource.Resource { return &skeletonResource{} }

func (r *skeletonResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_skeleton"
}

func (r *skeletonResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceSchema()
}

func (r *skeletonResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identity()
}

func (r *skeletonResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// Create adds a load balancer and waits until GoGrid has provisioned it.
func (r *skeletonResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(tf.Diagnostics(r.session.MayChange("add a load balancer"))...)
	if resp.Diagnostics.HasError() {
		return
	}
	// A canceled apply must not cancel this call: without the response the state
	// would not contain the new object. The client bounds the duration of the call.
	_, err := r.session.Client.LoadBalancers.Add(context.WithoutCancel(ctx), client.LoadBalancerAdd{
		Name: m.Name.ValueString(), VirtualIP: endpoint(m.VirtualIP), RealIPs: m.realIPs(),
	})
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("add "+m.label(), err))
		return
	}
	// Save the model before the wait, so that an interrupted apply keeps it.
	resp.Diagnostics.Append(tf.SaveStarted(ctx, req.Plan, &resp.State, &m)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("virtual_ip"), m.VirtualIP)...)
	err = r.wait(ctx, session.DefaultCreateTimeout, func(ctx context.Context) (bool, error) {
		balancer, err := r.find(ctx, m)
		if err != nil || balancer == nil || balancer.Pending() {
			return false, err
		}
		m.fill(*balancer)
		return true, nil
	})
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("add "+m.label(), err))
		return
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &m)...)
}

// wait calls done once per poll interval until done returns true or an error.
// After limit, wait returns an error that wraps [context.DeadlineExceeded].
func (r *skeletonResource) wait(ctx context.Context, limit time.Duration, done func(context.Context) (bool, error)) error {
	ctx, cancel := r.session.Limit(ctx, limit)
	defer cancel()
	for {
		if ended, err := done(ctx); ended || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for GoGrid: %w", ctx.Err())
		case <-r.session.Clock.After(r.session.Poll):
		}
	}
}

// newestJobSucceeded reports whether the newest job of the load balancer succeeded.
// It returns an error if that job failed.
func (r *skeletonResource) newestJobSucceeded(ctx context.Context, m model) (bool, error) {
	jobs, err := r.session.Client.Jobs.List(ctx, client.JobFilter{
		Object: m.Name.ValueString(), ObjectTypes: []string{client.JobObjectLoadBalancer}, Limit: 1,
	})
	if err != nil || len(jobs) == 0 {
		return false, err
	}
	if jobs[0].Failed() {
		return false, fmt.Errorf("%s failed: %s", &jobs[0], jobs[0].Reason())
	}
	return jobs[0].Succeeded(), nil
}

// find returns the load balancer with the model's virtual address or id. Both
// results are nil only if the load balancer is proven absent: it is missing from
// a complete list, and GoGrid reports that its id does not exist. Before the load
// balancer has an id, the list alone decides.
func (r *skeletonResource) find(ctx context.Context, m model) (*client.LoadBalancer, error) {
	balancers, err := r.session.Client.LoadBalancers.List(ctx, client.LoadBalancerFilter{})
	if err != nil {
		return nil, err
	}
	for _, balancer := range balancers {
		if balancer.VirtualIP.IP.Address == m.VirtualIP.ValueString() || tf.IDText(balancer.ID).Equal(m.ID) {
			return &balancer, nil
		}
	}
	id, err := strconv.ParseInt(m.ID.ValueString(), 10, 64)
	if err != nil {
		return nil, nil // without an id the list alone decides
	}
	switch found, err := r.session.Client.LoadBalancers.Get(ctx, id); {
	case client.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case len(found) != 1:
		return nil, fmt.Errorf("get %s: GoGrid returned %d objects", m.label(), len(found))
	default:
		return &found[0], nil
	}
}

// Read refreshes the state, and removes the object from it only if its absence
// is proven.
func (r *skeletonResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !r.session.Configured() {
		return
	}
	balancer, err := r.find(ctx, m)
	switch {
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("refresh "+m.label(), err))
	case balancer == nil:
		resp.State.RemoveResource(ctx)
	default:
		m.fill(*balancer)
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("virtual_ip"), m.VirtualIP)...)
	}
}

// Update replaces the list of addresses, the only property that GoGrid can
// change, and waits until GoGrid has applied the new list.
func (r *skeletonResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	resp.Diagnostics.Append(tf.Diagnostics(r.session.MayChange("edit a load balancer"))...)
	if resp.Diagnostics.HasError() {
		return
	}
	if _, err := r.session.Client.LoadBalancers.Edit(context.WithoutCancel(ctx), tf.ServerID(m.ID), m.realIPs()); err != nil {
		resp.Diagnostics.Append(tf.Failure("edit "+m.label(), err))
		return
	}
	err := r.wait(ctx, session.DefaultUpdateTimeout, func(ctx context.Context) (bool, error) { return r.newestJobSucceeded(ctx, m) })
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("edit "+m.label(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// Delete deletes the load balancer and waits until its absence is proven. An
// object that is already missing is not an error.
func (r *skeletonResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m model
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	resp.Diagnostics.Append(tf.Diagnostics(r.session.MayChange("delete a load balancer"))...)
	if resp.Diagnostics.HasError() {
		return
	}
	balancer, err := r.find(ctx, m)
	if err == nil && balancer != nil {
		_, err = r.session.Client.LoadBalancers.Delete(context.WithoutCancel(ctx), balancer.ID)
	}
	if err == nil {
		err = r.wait(ctx, session.DefaultDeleteTimeout, func(ctx context.Context) (bool, error) {
			balancer, err := r.find(ctx, m)
			return balancer == nil, err
		})
	}
	if err != nil {
		resp.Diagnostics.Append(tf.Failure("delete "+m.label(), err))
	}
}

// ImportState imports by id, or by the identity.
func (r *skeletonResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	tf.ImportByID(ctx, "virtual_ip", req, resp)
}

// label names the object in diagnostics.
func (m *model) label() string { return fmt.Sprintf("load balancer %q", m.Name.ValueString()) }
