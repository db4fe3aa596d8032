// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package privateip

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

var (
	_ resource.ResourceWithConfigure   = (*privateIPResource)(nil)
	_ resource.ResourceWithIdentity    = (*privateIPResource)(nil)
	_ resource.ResourceWithImportState = (*privateIPResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*privateIPResource)(nil)
)

type privateIPResource struct {
	tf.ResourceRules

	session *session.Session
}

// NewPrivateIPResource returns the resource gogrid_private_ip.
func NewPrivateIPResource() resource.Resource { return &privateIPResource{} }

func (r *privateIPResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_private_ip"
}

func (r *privateIPResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = privateIPSchema()
}

func (r *privateIPResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = privateIPIdentity()
}

func (r *privateIPResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = session.From(req.ProviderData, &resp.Diagnostics)
}

// privateRequest returns the request that a claim makes to the address pool.
func privateRequest(s *session.Session, m privateIPModel) allocation.Request {
	request := allocation.Request{
		Address:    m.Address.ValueString(),
		Datacenter: m.Datacenter.ValueString(),
		Range:      m.prefix(),
		Holder:     m.name(),
	}
	if request.Datacenter == "" && request.Address == "" {
		request.Datacenter = s.Datacenter
	}
	return request
}

// Create claims an address. GoGrid has no API call for a claim, so only this
// process and the state record it.
func (r *privateIPResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan privateIPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !r.session.Configured() {
		resp.Diagnostics.Append(r.session.NotKnown("claim an address"))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.Phase.BeginApply()

	// Claim an address and take its lease.
	claimed, err := claimPrivate(ctx, r.session, plan, &resp.Diagnostics)
	if err != nil {
		resp.Diagnostics.Append(tf.Diagnostic(machine.AddressProblem(ctx, r.session, path.Root("address"), err)))
		return
	}

	// Save the claim, and record its lease.
	plan.fill(claimed.ip)
	plan.Deployment = tf.NullIfEmpty(claimed.lease.Owner)
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(recordLease(ctx, resp.Private, claimed.lease)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("address"), plan.Address)...)
}

// claimPrivate claims the address of an orphaned server or, if there is none, an
// address from the pool.
func claimPrivate(ctx context.Context, s *session.Session, plan privateIPModel, diags *diag.Diagnostics) (claim, error) {
	orphan, holder, err := orphanAddress(ctx, s, plan)
	if err != nil {
		return claim{}, err
	}
	if orphan == nil {
		return claimLeased(ctx, s, plan, diags)
	}
	lease, err := keepLease(ctx, s, orphan.Address, plan.Label.ValueString())
	if err != nil {
		return claim{}, err
	}
	diags.AddWarning(fmt.Sprintf("Took over address %s", orphan.Address),
		fmt.Sprintf("Server %q of this configuration has the address: an interrupted apply left the claim, or the claim was renamed.", holder))
	return claim{*orphan, lease}, nil
}

// orphanAddress claims the private address of a server of this deployment: the
// server that has the requested address, or the server that an interrupted
// apply left and that the label names. It returns the address and the name of
// the server, or nil if there is none. A create can take over a server only if
// the planned private_ip is the address that the server already has.
func orphanAddress(ctx context.Context, s *session.Session, plan privateIPModel) (*client.IP, string, error) {
	servers, err := s.Client.Snapshot.Servers(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, server := range servers {
		if server.PrivateIP == nil || !matchesClaim(s, plan, server) {
			continue
		}
		request := privateRequest(s, plan)
		request.Address = server.PrivateIP.Address
		ips, err := s.Client.Snapshot.IPs(ctx)
		if err != nil {
			return nil, "", err
		}
		if ip, err := allocation.Find(ips, request); err == nil && s.Pool.Adopt(ip.Address, plan.name()) {
			return &ip, server.Name, nil
		}
	}
	return nil, "", nil
}

// matchesClaim reports whether a claim is for a server that already has the
// address.
func matchesClaim(s *session.Session, plan privateIPModel, server client.Server) bool {
	tagged := s.Tag("").On(server.Description)
	if address := plan.Address.ValueString(); address != "" {
		return address == server.PrivateIP.Address && (tagged || s.Keys.Goes(addressKind, address))
	}
	return tagged && server.Name == plan.Label.ValueString() && !s.Known.HasSeen(server.IP.Address)
}

func (r *privateIPResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model privateIPModel
	resp.Diagnostics.Append(req.State.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.session.Configured() {
		resp.Diagnostics.Append(tf.NotRefreshed(r.session.UnknownAttributes()))
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "address", model.Address, model.ID)...)
		return
	}
	if model.Address.IsNull() && model.ID.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("address"), &model.Address)...)
	}
	ip, err := findPrivate(ctx, r.session, model)
	switch {
	case client.IsUnproven(err) && !model.Address.IsNull():
		r.session.Pool.Hold(model.Address.ValueString(), model.name())
		r.session.Phase.MarkRefreshed()
		resp.Diagnostics.Append(tf.Diagnostic(machine.NotRefreshed(model.name(), err)))
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "address", model.Address, model.ID)...)
		return
	case err != nil:
		resp.Diagnostics.Append(tf.Failure("refresh "+model.name(), err))
		return
	case ip == nil && !model.Assigned.IsNull():
		resp.Diagnostics.Append(tf.Diagnostic(machine.ForeignProblem("refresh "+model.name(), &machine.OtherAccountError{Object: model.name(), Address: model.Address.ValueString()})))
		return
	case ip == nil:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(tf.KeepIdentity(ctx, resp, "address", model.Address, model.ID)...)
		return
	case ip.Public:
		resp.Diagnostics.AddError("Not a private address", fmt.Sprintf("%s is a public address. A server gets its public address from its attribute public_ip.", ip.Address))
		return
	}
	before := model
	if model.Assigned.IsNull() { // an import
		model.Deployment = importedOwner(ctx, r.session, ip.Address)
	}
	model.fill(*ip)
	r.session.Pool.Hold(ip.Address, model.name())
	r.session.Phase.MarkRefreshed()
	if r.session.Planned.Count("claim", ip.Address) > 1 {
		resp.Diagnostics.Append(claimedTwice(ip.Address))
	}
	resp.Diagnostics.Append(tf.SaveRefreshed(ctx, &resp.State, &before, &model)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("address"), model.Address)...)
}

// findPrivate returns the account's entry for the address of a model. After an import
// by id, the model has no address, and findPrivate searches by id. It returns nil if
// the account has no such address.
func findPrivate(ctx context.Context, s *session.Session, m privateIPModel) (*client.IP, error) {
	if address := m.Address.ValueString(); address != "" {
		return s.Client.Snapshot.IPAt(ctx, address)
	}
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		return nil, err
	}
	for _, ip := range ips {
		if tf.IDText(ip.ID).Equal(m.ID) {
			return &ip, nil
		}
	}
	return nil, nil
}

// Update saves a new label or range, and updates the label or owner of the
// lease. It does not change the grid.
func (r *privateIPResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, prior privateIPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if plan.Assigned.IsUnknown() {
		plan.Assigned = prior.Assigned
	}
	if r.session.Configured() {
		r.session.Pool.Hold(plan.Address.ValueString(), plan.name())
	}
	diags := updateLease(ctx, r.session, plan, prior, req.Private, resp.Private)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	resp.Diagnostics.Append(tf.SaveKnown(ctx, &resp.State, &plan)...)
	resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("address"), plan.Address)...)
}

// Delete releases the lease of the address, and returns the address to the pool of
// this process.
func (r *privateIPResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var prior privateIPModel
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if resp.Diagnostics.HasError() || !r.session.Configured() {
		return
	}
	r.session.Phase.BeginApply()
	held, diags := recordedLease(ctx, req.Private)
	if held.Owner == "" {
		held.Owner = prior.Deployment.ValueString()
	}
	held.Label = prior.Label.ValueString()
	diags.Append(releaseLease(ctx, r.session, prior.Address.ValueString(), held)...)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	// The pool may have given the address to another claim, because an apply
	// sees the deleted claim for the first time here. Forget keeps the other
	// claim.
	r.session.Pool.Forget(prior.Address.ValueString())
}

// ImportState accepts the address or its id.
func (r *privateIPResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if _, err := netip.ParseAddr(req.ID); err == nil {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("address"), types.StringValue(req.ID))...)
		return
	}
	tf.ImportByID(ctx, "address", req, resp)
}

// ModifyPlan reports problems of a claim before the apply, and plans the owner of
// the lease.
func (r *privateIPResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.planDelete(ctx, req)...)
		return
	}
	var plan, prior privateIPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		var config privateIPModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		if !resp.Diagnostics.HasError() && r.session.Configured() && !r.session.Destroys {
			resp.Diagnostics.Append(checkPrivateIP(ctx, r.session, config)...)
		}
		if resp.Diagnostics.HasError() {
			return
		}
		if address := config.Address.ValueString(); address != "" && r.session.Keys.PlanComing(addressKind, address, address) {
			resp.Diagnostics.Append(r.session.TwiceInPlan("address " + address)...)
		}
		plan.Deployment = newOwner(r.session)
		plan.forecast(ctx, r.session)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	if !resp.Diagnostics.HasError() {
		r.planChange(ctx, &plan, prior, resp)
	}
}

// planChange plans a change of an existing claim. It applies semantic equality to
// the datacenter, and keeps the computed values that a new label does not change.
func (r *privateIPResource) planChange(ctx context.Context, plan *privateIPModel, prior privateIPModel, resp *resource.ModifyPlanResponse) {
	address := prior.Address.ValueString()
	plan.Deployment = plannedOwner(r.session, prior.Deployment)
	if r.session.Configured() {
		r.session.Pool.Hold(address, prior.name())
	}
	resp.Diagnostics.Append(tf.Diagnostics(machine.KeepOption(ctx, r.session, machine.Option{Name: "datacenter", Lookup: client.LookupDatacenter, Value: &plan.Datacenter}, prior.Datacenter))...)
	if resp.Diagnostics.HasError() {
		return
	}
	if tf.IsSet(plan.Datacenter) && !plan.Datacenter.Equal(prior.Datacenter) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("datacenter"))
	}
	if len(resp.RequiresReplace) == 0 && plan.Address.Equal(prior.Address) {
		plan.Assigned = prior.Assigned
		resp.Diagnostics.Append(checkExistingClaim(ctx, r.session, address, prior.Label.ValueString())...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDelete warns if another resource of the configuration creates or keeps the
// address that this destroy releases.
func (r *privateIPResource) planDelete(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	var prior privateIPModel
	diags := req.State.Get(ctx, &prior)
	address := prior.Address.ValueString()
	if !diags.HasError() && r.session.Keys.PlanGoing(addressKind, address, address) {
		diags.Append(r.session.TwiceInPlan("address " + address)...)
	}
	return diags
}
