// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// protocolServer is a provider server that also implements the optional parts
// of the protocol, as the servers of the framework do.
type protocolServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// FilterDiagnostics returns a server whose diagnostics hold only visible
// characters. Diagnostics quote untrusted texts, such as names of servers and
// API responses. The filter wraps the whole server, so every diagnostic passes
// through it. server must be a server of the framework. The streams of actions
// and list resources are not filtered: the provider has none.
func FilterDiagnostics(server tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	return filterServer{server.(protocolServer)}
}

type filterServer struct{ protocolServer }

// filtered filters the diagnostics of a response in place and returns the response
// and the error.
func filtered[R any](response *R, err error) (*R, error) {
	if response == nil {
		return nil, err
	}
	diags, _ := reflect.ValueOf(response).Elem().FieldByName("Diagnostics").Interface().([]*tfprotov6.Diagnostic)
	for _, d := range diags {
		d.Summary, d.Detail = untrusted.Line(d.Summary), untrusted.Text(d.Detail)
	}
	return response, err
}

func (s filterServer) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return filtered(s.protocolServer.ValidateProviderConfig(ctx, req))
}

func (s filterServer) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return filtered(s.protocolServer.ConfigureProvider(ctx, req))
}

func (s filterServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return filtered(s.protocolServer.ValidateResourceConfig(ctx, req))
}

func (s filterServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return filtered(s.protocolServer.UpgradeResourceState(ctx, req))
}

func (s filterServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return filtered(s.protocolServer.ReadResource(ctx, req))
}

func (s filterServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return filtered(s.protocolServer.PlanResourceChange(ctx, req))
}

func (s filterServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return filtered(s.protocolServer.ApplyResourceChange(ctx, req))
}

func (s filterServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return filtered(s.protocolServer.ImportResourceState(ctx, req))
}

func (s filterServer) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return filtered(s.protocolServer.MoveResourceState(ctx, req))
}

func (s filterServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return filtered(s.protocolServer.UpgradeResourceIdentity(ctx, req))
}

func (s filterServer) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return filtered(s.protocolServer.ValidateDataResourceConfig(ctx, req))
}

func (s filterServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return filtered(s.protocolServer.ReadDataSource(ctx, req))
}

func (s filterServer) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return filtered(s.protocolServer.ValidateEphemeralResourceConfig(ctx, req))
}

func (s filterServer) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return filtered(s.protocolServer.OpenEphemeralResource(ctx, req))
}

func (s filterServer) RenewEphemeralResource(ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return filtered(s.protocolServer.RenewEphemeralResource(ctx, req))
}

func (s filterServer) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return filtered(s.protocolServer.CloseEphemeralResource(ctx, req))
}
