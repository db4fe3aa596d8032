// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// formatVersion is the version of the JSON format.
const formatVersion = "1.0"

// export returns all schemas of a provider server.
func export(ctx context.Context, server tfprotov6.ProviderServer) (*tfjson.ProviderSchemas, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("get the provider's schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("get the resource identity schemas: %w", err)
	}
	if err := diagnosed(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return nil, err
	}

	exported := &tfjson.ProviderSchema{}
	if exported.ConfigSchema, err = schema(schemas.Provider); err != nil {
		return nil, fmt.Errorf("provider block: %w", err)
	}
	if exported.ResourceSchemas, err = each("resource", schemas.ResourceSchemas, schema); err != nil {
		return nil, err
	}
	if exported.DataSourceSchemas, err = each("data source", schemas.DataSourceSchemas, schema); err != nil {
		return nil, err
	}
	if exported.EphemeralResourceSchemas, err = each("ephemeral resource", schemas.EphemeralResourceSchemas, schema); err != nil {
		return nil, err
	}
	if exported.ListResourceSchemas, err = each("list resource", schemas.ListResourceSchemas, schema); err != nil {
		return nil, err
	}
	if exported.ActionSchemas, err = each("action", schemas.ActionSchemas, action); err != nil {
		return nil, err
	}
	if exported.Functions, err = each("function", schemas.Functions, function); err != nil {
		return nil, err
	}
	if exported.ResourceIdentitySchemas, err = each("identity", identities.IdentitySchemas, identity); err != nil {
		return nil, err
	}
	return &tfjson.ProviderSchemas{
		FormatVersion: formatVersion,
		Schemas:       map[string]*tfjson.ProviderSchema{documentationKey: exported},
	}, nil
}

// diagnosed returns the errors among diagnostics, joined, or nil if there are none.
func diagnosed(diagnostics []*tfprotov6.Diagnostic) error {
	var all []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(all...)
}

// each converts the values of a map. Its errors name the kind of value and the key.
func each[From, To any](kind string, from map[string]From, convert func(From) (To, error)) (map[string]To, error) {
	to := make(map[string]To, len(from))
	for name, value := range from {
		converted, err := convert(value)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, name, err)
		}
		to[name] = converted
	}
	return to, nil
}
