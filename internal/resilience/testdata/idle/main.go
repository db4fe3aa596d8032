// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command idle is a provider with the schema of this provider that does
// nothing: it returns all values unchanged. The cost of a plan with it is the
// minimum for any provider.
package main

import (
	"context"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
)

// idle handles the calls for each resource of a plan without changes. The real
// provider handles all other calls.
type idle struct {
	tfprotov6.ProviderServer
	schemas map[string]*tfprotov6.Schema
}

func (i *idle) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// UpgradeResourceState converts the state from JSON to the encoding of the
// protocol.
func (i *idle) UpgradeResourceState(_ context.Context, request *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	kind := i.schemas[request.TypeName].ValueType()
	state, err := request.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	upgraded, err := tfprotov6.NewDynamicValue(kind, state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &upgraded}, err
}

func (i *idle) ReadResource(_ context.Context, request *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: request.CurrentState, Private: request.Private, NewIdentity: request.CurrentIdentity}, nil
}

func (i *idle) PlanResourceChange(_ context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: request.PriorState, PlannedPrivate: request.PriorPrivate, PlannedIdentity: request.PriorIdentity}, nil
}

func main() {
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
		if err := os.Setenv(name, "OFF"); err != nil {
			log.Fatal(err)
		}
	}
	real := providerserver.NewProtocol6(provider.New("idle", os.Getenv, clockwork.NewRealClock())())()
	known, err := real.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		log.Fatal(err)
	}
	server := &idle{ProviderServer: real, schemas: known.ResourceSchemas}
	if err := tf6server.Serve("registry.terraform.io/gogrid/gogrid", func() tfprotov6.ProviderServer { return server }); err != nil {
		log.Fatal(err)
	}
}
