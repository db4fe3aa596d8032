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

// implementationValidator holds the method that all framework schemas have in
// common.
type implementationValidator interface {
	ValidateImplementation(ctx context.Context) diag.Diagnostics
}

// schemas returns all schemas of the provider, by kind and name, such as "resource
// gogrid_server".
func schemas(t *testing.T) map[string]implementationValidator {
	t.Helper()
	p := New("test", func(string) string { return "" }, clockwork.NewRealClock())()
	all := map[string]implementationValidator{}
	var providerSchema providerschema.SchemaResponse
	p.Schema(t.Context(), providerschema.SchemaRequest{}, &providerSchema)
	all["provider"] = providerSchema.Schema
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
			t.Errorf("the provider has no %s", name)
			continue
		}
		if diags := schema.ValidateImplementation(t.Context()); len(diags) > 0 {
			t.Errorf("%s: %v", name, diags)
		}
	}
	if len(all) != 24 {
		t.Errorf("the provider has %d schemas that this test does not list: %v", len(all)-24, slices.Sorted(maps.Keys(all)))
	}
}

// TestEverythingIsDescribed checks that every schema has a description, because
// the documentation is generated from them. The framework describes timeouts
// blocks, which are exempt.
func TestEverythingIsDescribed(t *testing.T) {
	t.Parallel()
	for name, text := range schemaTexts(t) {
		if !strings.HasSuffix(name, ".timeouts") {
			wantDescribed(t, name, text)
		}
	}
	identities, err := protocolServer().GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range identities.IdentitySchemas {
		for _, attribute := range schema.IdentityAttributes {
			wantDescribed(t, "identity "+name+"."+attribute.Name, attribute.Description)
			if !attribute.RequiredForImport {
				t.Errorf("identity %s.%s is not required for import", name, attribute.Name)
			}
		}
	}
}

// protocolServer returns a server of the provider, without a configuration.
func protocolServer() tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(New("test", func(string) string { return "" }, clockwork.NewRealClock())())()
}

// schemaTexts returns the descriptions of all schemas, blocks and attributes, by
// path. The path of an attribute or nested block has a dot, such as "resource
// gogrid_server.name".
func schemaTexts(t *testing.T) map[string]string {
	t.Helper()
	resp, err := protocolServer().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	collectTexts(texts, "provider", resp.Provider.Block)
	for kind, all := range map[string]map[string]*tfprotov6.Schema{
		"resource ": resp.ResourceSchemas, "data ": resp.DataSourceSchemas, "ephemeral ": resp.EphemeralResourceSchemas,
	} {
		for name, schema := range all {
			collectTexts(texts, kind+name, schema.Block)
		}
	}
	return texts
}

func collectTexts(texts map[string]string, path string, block *tfprotov6.SchemaBlock) {
	texts[path] = block.Description
	collectAttributeTexts(texts, path, block.Attributes)
	for _, nested := range block.BlockTypes {
		collectTexts(texts, path+"."+nested.TypeName, nested.Block)
	}
}

func collectAttributeTexts(texts map[string]string, path string, attributes []*tfprotov6.SchemaAttribute) {
	for _, attribute := range attributes {
		texts[path+"."+attribute.Name] = attribute.Description
		if attribute.NestedType != nil {
			collectAttributeTexts(texts, path+"."+attribute.Name, attribute.NestedType.Attributes)
		}
	}
}

// wantDescribed checks that a description ends with a period. Attributes of a
// timeouts block may end without a period.
func wantDescribed(t *testing.T, name, text string) {
	t.Helper()
	if len(text) < 6 || !strings.HasSuffix(text, ".") && !strings.Contains(name, ".timeouts.") {
		t.Errorf("%s is described as %q, want a sentence", name, text)
	}
}
