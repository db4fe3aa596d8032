// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package skeleton_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/skeleton"
)

// TestLife creates, refreshes, edits and deletes an object on a simulated grid.
// It calls the resource directly, because the provider does not offer it. Test
// a registered resource through acctest.Grid.Session and Terraform instead.
func TestLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	public, private := r.freeAddress(true), r.freeAddress(false)

	state := r.create(map[string]tftypes.Value{
		"id":         tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		"name":       text("web"),
		"virtual_ip": text(public),
		"real_ips":   texts(private),
	})
	if id := r.attribute(state, "id"); id.IsNull() || !id.IsKnown() {
		t.Errorf("the state has no id after a create: %s", state)
	}
	if refreshed := r.read(state); !refreshed.Equal(state) {
		t.Errorf("a refresh changed the state:\n%s\n%s", refreshed, state)
	}
	edited := r.update(state, "real_ips", texts())
	if refreshed := r.read(edited); !refreshed.Equal(edited) {
		t.Errorf("a refresh changed the edited state:\n%s\n%s", refreshed, edited)
	}
	r.delete(edited)
	if refreshed := r.read(state); !refreshed.IsNull() {
		t.Errorf("a refresh kept a deleted object: %s", refreshed)
	}
}

// TestSchemaIsValid checks the schema in the same way as the framework at run
// time.
func TestSchemaIsValid(t *testing.T) {
	t.Parallel()
	var resp resource.SchemaResponse
	skeleton.NewResource().Schema(t.Context(), resource.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
}

// rig is a configured resource on its own grid.
type rig struct {
	*testing.T
	client   *client.Client
	resource resource.ResourceWithIdentity
	schema   resource.SchemaResponse
	identity resource.IdentitySchemaResponse
}

func newRig(t *testing.T) *rig {
	t.Helper()
	grid := acctest.NewGrid(t)
	grids, err := client.New(grid.Key.APIKey, grid.Key.SharedSecret, client.WithEndpoint(grid.Endpoint))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, client: grids, resource: skeleton.NewResource().(resource.ResourceWithIdentity)}
	r.resource.Schema(t.Context(), resource.SchemaRequest{}, &r.schema)
	r.resource.IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &r.identity)
	var configured resource.ConfigureResponse
	r.resource.(resource.ResourceWithConfigure).Configure(t.Context(), resource.ConfigureRequest{ProviderData: &session.Session{
		Client: grids, Clock: clockwork.NewRealClock(), Limit: context.WithTimeout, Poll: 10 * time.Millisecond,
	}}, &configured)
	r.check(configured.Diagnostics)
	return r
}

// check stops the test if a call returned an error.
func (r *rig) check(diags diag.Diagnostics) {
	r.Helper()
	if diags.HasError() {
		r.Fatal(diags)
	}
}

// freeAddress returns a free address of the account.
func (r *rig) freeAddress(public bool) string {
	r.Helper()
	ips, err := r.client.Snapshot.IPs(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	for _, ip := range ips {
		if ip.Public == public && !ip.Assigned() {
			return ip.Address
		}
	}
	r.Fatal("the account has no free address")
	return ""
}

func (r *rig) state(raw tftypes.Value) tfsdk.State {
	return tfsdk.State{Schema: r.schema.Schema, Raw: raw}
}

func (r *rig) emptyIdentity() *tfsdk.ResourceIdentity {
	schema := r.identity.IdentitySchema
	return &tfsdk.ResourceIdentity{Schema: schema, Raw: tftypes.NewValue(schema.Type().TerraformType(r.Context()), nil)}
}

func (r *rig) kind() tftypes.Type { return r.schema.Schema.Type().TerraformType(r.Context()) }

func (r *rig) create(attributes map[string]tftypes.Value) tftypes.Value {
	r.Helper()
	resp := resource.CreateResponse{State: r.state(tftypes.NewValue(r.kind(), nil)), Identity: r.emptyIdentity()}
	plan := tfsdk.Plan{Schema: r.schema.Schema, Raw: tftypes.NewValue(r.kind(), attributes)}
	r.resource.Create(r.Context(), resource.CreateRequest{Plan: plan}, &resp)
	r.check(resp.Diagnostics)
	return resp.State.Raw
}

func (r *rig) read(raw tftypes.Value) tftypes.Value {
	r.Helper()
	resp := resource.ReadResponse{State: r.state(raw), Identity: r.emptyIdentity()}
	r.resource.Read(r.Context(), resource.ReadRequest{State: r.state(raw)}, &resp)
	r.check(resp.Diagnostics)
	return resp.State.Raw
}

func (r *rig) update(raw tftypes.Value, name string, value tftypes.Value) tftypes.Value {
	r.Helper()
	attributes := r.attributes(raw)
	attributes[name] = value
	plan := tfsdk.Plan{Schema: r.schema.Schema, Raw: tftypes.NewValue(r.kind(), attributes)}
	resp := resource.UpdateResponse{State: r.state(raw), Identity: r.emptyIdentity()}
	r.resource.Update(r.Context(), resource.UpdateRequest{Plan: plan, State: r.state(raw)}, &resp)
	r.check(resp.Diagnostics)
	return resp.State.Raw
}

func (r *rig) delete(raw tftypes.Value) {
	r.Helper()
	resp := resource.DeleteResponse{State: r.state(raw)}
	r.resource.Delete(r.Context(), resource.DeleteRequest{State: r.state(raw)}, &resp)
	r.check(resp.Diagnostics)
}

func (r *rig) attributes(raw tftypes.Value) map[string]tftypes.Value {
	r.Helper()
	attributes := map[string]tftypes.Value{}
	if err := raw.As(&attributes); err != nil {
		r.Fatal(err)
	}
	return attributes
}

func (r *rig) attribute(raw tftypes.Value, name string) tftypes.Value { return r.attributes(raw)[name] }

func text(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func texts(values ...string) tftypes.Value {
	all := []tftypes.Value{}
	for _, value := range values {
		all = append(all, text(value))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, all)
}
