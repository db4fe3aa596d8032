// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/jonboulle/clockwork"
)

// validated is what all framework schemas have in common here.
type validated interface {
	ValidateImplementation(ctx context.Context) diag.Diagnostics
}

// schemas are all schemas of the provider, by name.
func schemas(t *testing.T) map[string]validated {
	t.Helper()
	p := New("test", func(string) string { return "" }, clockwork.NewRealClock())()
	all := map[string]validated{}
	var own providerschema.SchemaResponse
	p.Schema(t.Context(), providerschema.SchemaRequest{}, &own)
	all["provider"] = own.Schema
	for _, construct := range p.Resources(t.Context()) {
		r := construct()
		var meta resourceschema.MetadataResponse
		r.Metadata(t.Context(), resourceschema.MetadataRequest{ProviderTypeName: "gogrid"}, &meta)
		var schema resourceschema.SchemaResponse
		r.Schema(t.Context(), resourceschema.SchemaRequest{}, &schema)
		all["resource "+meta.TypeName] = schema.Schema
		var identity resourceschema.IdentitySchemaResponse
		r.(resourceschema.ResourceWithIdentity).IdentitySchema(t.Context(), resourceschema.IdentitySchemaRequest{}, &identity)
		all["identity "+meta.TypeName] = identity.IdentitySchema
	}
	for _, construct := range p.DataSources(t.Context()) {
		d := construct()
		var meta datasourceschema.MetadataResponse
		d.Metadata(t.Context(), datasourceschema.MetadataRequest{ProviderTypeName: "gogrid"}, &meta)
		var schema datasourceschema.SchemaResponse
		d.Schema(t.Context(), datasourceschema.SchemaRequest{}, &schema)
		all["data "+meta.TypeName] = schema.Schema
	}
	for _, construct := range p.(providerschema.ProviderWithEphemeralResources).EphemeralResources(t.Context()) {
		e := construct()
		var meta ephemeralschema.MetadataResponse
		e.Metadata(t.Context(), ephemeralschema.MetadataRequest{ProviderTypeName: "gogrid"}, &meta)
		var schema ephemeralschema.SchemaResponse
		e.Schema(t.Context(), ephemeralschema.SchemaRequest{}, &schema)
		all["ephemeral "+meta.TypeName] = schema.Schema
	}
	return all
}

func TestSchemasAreValid(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	for _, name := range []string{
		"provider", "resource gogrid_server", "resource gogrid_sandbox", "resource gogrid_mygsi_image", "resource gogrid_private_ip", "resource gogrid_storage_object", "resource gogrid_storage_channel",
		"identity gogrid_server", "identity gogrid_sandbox", "identity gogrid_mygsi_image", "identity gogrid_private_ip", "identity gogrid_storage_object", "identity gogrid_storage_channel",
		"data gogrid_image", "data gogrid_images", "data gogrid_ips", "data gogrid_bootstrap_archive", "data gogrid_startup_script",
		"data gogrid_dhcp_config", "data gogrid_storage_objects", "data gogrid_deployment", "data gogrid_leftovers",
		"ephemeral gogrid_server_password", "ephemeral gogrid_storage_credentials",
	} {
		schema, ok := all[name]
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		if diags := schema.ValidateImplementation(t.Context()); len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
	}
	if len(all) != 24 {
		t.Errorf("there are %d schemas that this test does not know: %v", len(all)-24, slices.Sorted(maps.Keys(all)))
	}
}

// TestEverythingIsDescribed: the documentation is made from these texts.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(New("test", func(string) string { return "" }, clockwork.NewRealClock())())()
	answer, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	describedBlock(t, "provider", answer.Provider.Block)
	for _, group := range []map[string]*tfprotov6.Schema{answer.ResourceSchemas, answer.DataSourceSchemas, answer.EphemeralResourceSchemas} {
		for name, schema := range group {
			describedBlock(t, name, schema.Block)
		}
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range identities.IdentitySchemas {
		for _, attribute := range schema.IdentityAttributes {
			described(t, "identity "+name+"."+attribute.Name, attribute.Description)
			if !attribute.RequiredForImport {
				t.Errorf("identity %s.%s is not required for import", name, attribute.Name)
			}
		}
	}
}

func describedBlock(t *testing.T, name string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	if name != "timeouts" && !strings.HasSuffix(name, ".timeouts") {
		described(t, name, block.Description)
	}
	describedAttributes(t, name, block.Attributes)
	for _, nested := range block.BlockTypes {
		describedBlock(t, name+"."+nested.TypeName, nested.Block)
	}
}

func describedAttributes(t *testing.T, name string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, attribute := range attributes {
		described(t, name+"."+attribute.Name, attribute.Description)
		if attribute.NestedType != nil {
			describedAttributes(t, name+"."+attribute.Name, attribute.NestedType.Attributes)
		}
	}
}

func described(t *testing.T, name, text string) {
	t.Helper()
	if len(text) < 6 || !strings.HasSuffix(text, ".") && !strings.Contains(name, ".timeouts.") {
		t.Errorf("%s is described as %q, which is no sentence", name, text)
	}
}
