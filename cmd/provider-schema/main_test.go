// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fixedServer answers the two schema requests with fixed responses.
type fixedServer struct {
	tfprotov6.ProviderServer

	schemas    *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
	err        error
}

func (s fixedServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return s.schemas, s.err
}

func (s fixedServer) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return s.identities, s.err
}

// everyKind returns a server with one schema of every kind.
func everyKind() fixedServer {
	plain := &tfprotov6.Schema{Version: 3, Block: &tfprotov6.SchemaBlock{
		Description:     "An **object**.",
		DescriptionKind: tfprotov6.StringKindMarkdown,
		Deprecated:      true,
		Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "id", Type: tftypes.String, Computed: true, Description: "Plain."},
			{Name: "tags", Type: tftypes.Map{ElementType: tftypes.Number}, Optional: true, Sensitive: true, WriteOnly: true},
			{Name: "ready", Required: true, NestedType: &tfprotov6.SchemaObject{
				Nesting:    tfprotov6.SchemaObjectNestingModeSingle,
				Attributes: []*tfprotov6.SchemaAttribute{{Name: "tcp_port", Type: tftypes.Number, Optional: true}},
			}},
		},
		BlockTypes: []*tfprotov6.SchemaNestedBlock{{
			TypeName: "step", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MinItems: 1, MaxItems: 4,
			Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{{Name: "run", Type: tftypes.Bool, Required: true}}},
		}},
	}}
	return fixedServer{
		schemas: &tfprotov6.GetProviderSchemaResponse{
			Provider:                 &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
			ResourceSchemas:          map[string]*tfprotov6.Schema{"gogrid_thing": plain},
			DataSourceSchemas:        map[string]*tfprotov6.Schema{"gogrid_thing": plain},
			EphemeralResourceSchemas: map[string]*tfprotov6.Schema{"gogrid_thing": plain},
			ListResourceSchemas:      map[string]*tfprotov6.Schema{"gogrid_thing": plain},
			ActionSchemas:            map[string]*tfprotov6.ActionSchema{"gogrid_do": {Schema: plain}},
			Functions: map[string]*tfprotov6.Function{"join": {
				Summary:           "Joins.",
				Return:            &tfprotov6.FunctionReturn{Type: tftypes.String},
				Parameters:        []*tfprotov6.FunctionParameter{{Name: "sep", Type: tftypes.String, AllowNullValue: true}},
				VariadicParameter: &tfprotov6.FunctionParameter{Name: "parts", Type: tftypes.String},
			}},
		},
		identities: &tfprotov6.GetResourceIdentitySchemasResponse{
			IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{"gogrid_thing": {
				Version:            1,
				IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{{Name: "id", Type: tftypes.Number, RequiredForImport: true}},
			}},
		},
	}
}

// thing is the object of everyKind in the format of `terraform providers schema -json`.
const thing = `{
	"version": 3,
	"block": {
		"attributes": {
			"id": {"type": "string", "computed": true, "description": "Plain.", "description_kind": "plain"},
			"ready": {"nested_type": {"nesting_mode": "single", "attributes": {"tcp_port": {"type": "number", "optional": true, "description_kind": "plain"}}},
				"required": true, "description_kind": "plain"},
			"tags": {"type": ["map", "number"], "optional": true, "sensitive": true, "write_only": true, "description_kind": "plain"}
		},
		"block_types": {"step": {"nesting_mode": "list", "min_items": 1, "max_items": 4,
			"block": {"attributes": {"run": {"type": "bool", "required": true, "description_kind": "plain"}}, "description_kind": "plain"}}},
		"description": "An **object**.", "description_kind": "markdown", "deprecated": true
	}
}`

func TestRunWritesEveryKindOfSchema(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), everyKind(), &out); err != nil {
		t.Fatal(err)
	}
	want := `{"format_version": "1.0", "provider_schemas": {"gogrid": {
		"provider": {"version": 0, "block": {"description_kind": "plain"}},
		"resource_schemas": {"gogrid_thing": ` + thing + `},
		"data_source_schemas": {"gogrid_thing": ` + thing + `},
		"ephemeral_resource_schemas": {"gogrid_thing": ` + thing + `},
		"list_resource_schemas": {"gogrid_thing": ` + thing + `},
		"action_schemas": {"gogrid_do": {"block": ` + blockOf(t, thing) + `}},
		"functions": {"join": {"summary": "Joins.", "return_type": "string",
			"parameters": [{"name": "sep", "is_nullable": true, "type": "string"}],
			"variadic_parameter": {"name": "parts", "type": "string"}}},
		"resource_identity_schemas": {"gogrid_thing": {"version": 1, "attributes": {"id": {"type": "number", "required_for_import": true}}}}
	}}}`
	if diff := cmp.Diff(decode(t, want), decode(t, out.String())); diff != "" {
		t.Errorf("schemas differ (-want +got):\n%s", diff)
	}
}

func TestRunReportsDiagnostics(t *testing.T) {
	t.Parallel()
	server := everyKind()
	server.schemas.Diagnostics = []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "only a warning"},
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Bad schema", Detail: "no name"},
	}
	err := run(t.Context(), server, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "Bad schema: no name") || strings.Contains(err.Error(), "warning") {
		t.Errorf("run() = %v, want the error diagnostic alone", err)
	}
}

func TestRunReportsServerError(t *testing.T) {
	t.Parallel()
	server := everyKind()
	server.err = errors.New("gone")
	if err := run(t.Context(), server, &bytes.Buffer{}); !errors.Is(err, server.err) {
		t.Errorf("run() = %v, want it to wrap %v", err, server.err)
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	return value
}

func blockOf(t *testing.T, schema string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(schema), &fields); err != nil {
		t.Fatal(err)
	}
	return string(fields["block"])
}
