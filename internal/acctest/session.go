// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Session is one configured provider in the test process, driven by protocol
// calls. It corresponds to one provider process of Terraform: plan and apply
// run in different processes and therefore in different sessions. A session
// checks Terraform's rules for plans and results.
type Session struct {
	t          *testing.T
	server     tfprotov6.ProviderServer
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// Session configures a new provider for the grid; config is its provider block.
// The test stops if the provider rejects the block.
func (g *Grid) Session(t *testing.T, config ...Attributes) *Session {
	t.Helper()
	s, diagnostics := g.Configure(t, config...)
	diagnostics.WantOK(t)
	return s
}

// Configure is like Session, but returns the diagnostics of the provider block.
// It validates the block first, as Terraform does.
func (g *Grid) Configure(t *testing.T, config ...Attributes) (*Session, Diagnostics) {
	t.Helper()
	s := &Session{t: t, server: g.Provider()}
	s.schemas, s.identities = shown.of(t, s.server)
	merged := Attributes{}
	for _, one := range config {
		merged = merged.With(one)
	}
	block := s.dynamic(s.encode(s.schemas.Provider.ValueType(), merged))
	validated := must(s.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: block}))(t)
	if diagnostics := Diagnostics(validated.Diagnostics); len(diagnostics.Errors()) > 0 {
		return s, diagnostics
	}
	configured := must(s.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: block}))(t)
	return s, Diagnostics(configured.Diagnostics)
}

// shown caches the schemas of the provider, which are costly to render and the
// same in every session.
var shown schemas

type schemas struct {
	mu         sync.Mutex
	all        *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// of returns the schemas. The first call in the process reads the
// schemas from the provider server.
func (c *schemas) of(t *testing.T, server tfprotov6.ProviderServer) (*tfprotov6.GetProviderSchemaResponse, map[string]*tfprotov6.ResourceIdentitySchema) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = must(server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}))(t)
		c.identities = must(server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}))(t).IdentitySchemas
	}
	return c.all, c.identities
}

// must stops the test if a protocol call itself fails, which never happens with
// a working provider.
func must[T any](answer T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatalf("protocol call: %v", err)
		}
		return answer
	}
}

func (s *Session) schema(typeName string) *tfprotov6.Schema {
	s.t.Helper()
	schema, ok := s.schemas.ResourceSchemas[typeName]
	if !ok {
		s.t.Fatalf("the provider has no resource type %s", typeName)
	}
	return schema
}

func (s *Session) encode(kind tftypes.Type, attributes Attributes) tftypes.Value {
	s.t.Helper()
	value, err := encode(kind, attributes)
	if err != nil {
		s.t.Fatalf("encode the values of the test: %v", err)
	}
	return value
}

func (s *Session) dynamic(value tftypes.Value) *tfprotov6.DynamicValue {
	s.t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &dynamic
}

func (s *Session) value(kind tftypes.Type, dynamic *tfprotov6.DynamicValue) tftypes.Value {
	s.t.Helper()
	if dynamic == nil {
		return tftypes.NewValue(kind, nil)
	}
	value, err := dynamic.Unmarshal(kind)
	if err != nil {
		s.t.Fatal(err)
	}
	return value
}

// ReadData reads a data source. The attributes are nil if it fails.
func (s *Session) ReadData(typeName string, config Attributes) (Attributes, Diagnostics) {
	s.t.Helper()
	kind := s.schemas.DataSourceSchemas[typeName].ValueType()
	block := s.dynamic(s.encode(kind, config))
	validated := must(s.server.ValidateDataResourceConfig(s.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: block}))(s.t)
	if diagnostics := Diagnostics(validated.Diagnostics); len(diagnostics.Errors()) > 0 {
		return nil, diagnostics
	}
	answer := must(s.server.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: block}))(s.t)
	return s.attributes(s.value(kind, answer.State)), append(Diagnostics(validated.Diagnostics), answer.Diagnostics...)
}

// OpenEphemeral opens an ephemeral resource. The attributes are nil if it
// fails.
func (s *Session) OpenEphemeral(typeName string, config Attributes) (Attributes, Diagnostics) {
	s.t.Helper()
	kind := s.schemas.EphemeralResourceSchemas[typeName].ValueType()
	block := s.dynamic(s.encode(kind, config))
	validated := must(s.server.ValidateEphemeralResourceConfig(s.t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: block}))(s.t)
	if diagnostics := Diagnostics(validated.Diagnostics); len(diagnostics.Errors()) > 0 {
		return nil, diagnostics
	}
	answer := must(s.server.OpenEphemeralResource(s.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: block}))(s.t)
	if diagnostics := Diagnostics(answer.Diagnostics); len(diagnostics.Errors()) > 0 {
		return nil, diagnostics
	}
	return s.attributes(s.value(kind, answer.Result)), answer.Diagnostics
}

func (s *Session) attributes(value tftypes.Value) Attributes {
	s.t.Helper()
	if value.IsNull() {
		return nil
	}
	if !value.IsFullyKnown() {
		s.t.Errorf("the result contains unknown values: %s", value)
	}
	decoded, err := decode(value)
	if err != nil {
		s.t.Fatal(err)
	}
	attributes, _ := decoded.(Attributes)
	return attributes
}

// DataValue converts the attributes that ReadData returned to the value of a
// reference to the data source.
func (s *Session) DataValue(typeName string, attributes Attributes) (tftypes.Value, error) {
	return encode(s.schemas.DataSourceSchemas[typeName].ValueType(), attributes)
}
