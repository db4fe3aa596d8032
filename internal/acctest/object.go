// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Object is the data that Terraform keeps about one resource between calls.
type Object struct {
	TypeName string
	state    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Absent returns an object of a resource type that has not been created yet.
func (s *Session) Absent(typeName string) Object {
	s.t.Helper()
	return Object{TypeName: typeName, state: tftypes.NewValue(s.schema(typeName).ValueType(), nil)}
}

// Exists reports whether the state contains the object.
func (o Object) Exists() bool { return !o.state.IsNull() }

// Get returns the value of an attribute: nil, a string, bool or float64, []any,
// Attributes, or Unknown.
func (o Object) Get(name string) any {
	value, err := decode(members(o.state)[name])
	if err != nil {
		return err
	}
	return value
}

// HasPrivate reports whether the private state holds a key.
func (o Object) HasPrivate(key string) bool { return strings.Contains(string(o.private), `"`+key+`"`) }

// Mentions reports whether the state or the private state contains the text.
func (o Object) Mentions(text string) bool {
	return strings.Contains(o.state.String(), text) || strings.Contains(string(o.private), text)
}

// WithoutPrivate returns the object without its private state, as in the state
// after a provider was killed during an update.
func (o Object) WithoutPrivate() Object {
	o.private = nil
	return o
}

// WithoutIdentity returns the object without its identity, as in the state of a
// Terraform version that does not support identities.
func (o Object) WithoutIdentity() Object {
	o.identity = nil
	return o
}

// Identity returns the attributes that identify an object, or nil if it has no
// identity.
func (s *Session) Identity(o Object) Attributes {
	s.t.Helper()
	if o.identity == nil {
		return nil
	}
	return s.attributes(s.value(s.identities[o.TypeName].ValueType(), o.identity.IdentityData))
}

// Read refreshes an object.
func (s *Session) Read(o Object) (Object, Diagnostics) {
	s.t.Helper()
	kind := s.schema(o.TypeName).ValueType()
	answer := must(s.server.ReadResource(s.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: o.TypeName, CurrentState: s.dynamic(o.state), Private: o.private, CurrentIdentity: o.identity,
	}))(s.t)
	if diagnostics := Diagnostics(answer.Diagnostics); len(diagnostics.Errors()) > 0 {
		return o, diagnostics
	}
	read := Object{TypeName: o.TypeName, state: s.value(kind, answer.NewState), private: answer.Private, identity: answer.NewIdentity}
	s.wantKnown("refreshing", read)
	return read, answer.Diagnostics
}

// Import imports an object by id and reads it.
func (s *Session) Import(typeName, id string) (Object, Diagnostics) {
	s.t.Helper()
	return s.importObject(&tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
}

// ImportByIdentity imports an object by its identity and reads it.
func (s *Session) ImportByIdentity(typeName string, identity Attributes) (Object, Diagnostics) {
	s.t.Helper()
	value := s.encode(s.identities[typeName].ValueType(), identity)
	return s.importObject(&tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: s.dynamic(value)},
	})
}

func (s *Session) importObject(request *tfprotov6.ImportResourceStateRequest) (Object, Diagnostics) {
	s.t.Helper()
	answer := must(s.server.ImportResourceState(s.t.Context(), request))(s.t)
	if diagnostics := Diagnostics(answer.Diagnostics); len(diagnostics.Errors()) > 0 {
		return s.Absent(request.TypeName), diagnostics
	}
	if len(answer.ImportedResources) != 1 {
		s.t.Fatalf("an import returned %d objects, want one", len(answer.ImportedResources))
	}
	imported := answer.ImportedResources[0]
	return s.Read(Object{
		TypeName: request.TypeName, state: s.value(s.schema(request.TypeName).ValueType(), imported.State),
		private: imported.Private, identity: imported.Identity,
	})
}

// Plan is the planned change of an object.
type Plan struct {
	// RequiresReplace names the attributes that force a replacement.
	RequiresReplace []string
	Diagnostics     Diagnostics

	prior    Object
	config   tftypes.Value
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// Planned returns the planned value of an attribute.
func (p *Plan) Planned(name string) any { return Object{state: p.planned}.Get(name) }

// Unknown returns the sorted names of the attributes and blocks that the plan shows,
// wholly or partly, as "known after apply".
func (p *Plan) Unknown() []string {
	var names []string
	for name, value := range members(p.planned) {
		if !value.IsFullyKnown() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Action returns Terraform's name for the change: create, update, replace,
// delete or no-op.
func (p *Plan) Action() string {
	switch {
	case len(p.RequiresReplace) > 0:
		return "replace"
	case !p.prior.Exists():
		return "create"
	case p.planned.IsNull():
		return "delete"
	case p.planned.Equal(p.prior.state):
		return "no-op"
	default:
		return "update"
	}
}

// Plan validates a configuration and plans it for an object. A nil
// configuration plans the deletion. For a replacement Terraform makes two
// calls: Plan is the first, Replacement the second.
func (s *Session) Plan(prior Object, config Attributes) *Plan {
	s.t.Helper()
	schema := s.schema(prior.TypeName)
	if config == nil {
		nothing := tftypes.NewValue(schema.ValueType(), nil)
		return s.plan(prior, nothing, nothing)
	}
	value := s.encode(schema.ValueType(), config)
	validated := must(s.server.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: prior.TypeName, Config: s.dynamic(value),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	}))(s.t)
	if diagnostics := Diagnostics(validated.Diagnostics); len(diagnostics.Errors()) > 0 {
		return &Plan{prior: prior, config: value, planned: value, Diagnostics: diagnostics}
	}
	return s.plan(prior, value, proposed(schema, prior.state, value))
}

// Replacement plans the second half of a replacement: the create.
func (s *Session) Replacement(p *Plan) *Plan {
	s.t.Helper()
	prior := s.Absent(p.prior.TypeName)
	prior.private = p.prior.private
	created := s.plan(prior, p.config, proposed(s.schema(prior.TypeName), prior.state, p.config))
	created.private = nil // Terraform drops the private state of a planned create
	return created
}

func (s *Session) plan(prior Object, config, proposed tftypes.Value) *Plan {
	s.t.Helper()
	schema := s.schema(prior.TypeName)
	answer := must(s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.TypeName, PriorState: s.dynamic(prior.state), ProposedNewState: s.dynamic(proposed), Config: s.dynamic(config),
		PriorPrivate: prior.private, PriorIdentity: prior.identity,
	}))(s.t)
	p := &Plan{
		prior: prior, config: config, planned: s.value(schema.ValueType(), answer.PlannedState),
		private: answer.PlannedPrivate, identity: answer.PlannedIdentity, Diagnostics: answer.Diagnostics,
	}
	for _, path := range answer.RequiresReplace {
		p.RequiresReplace = append(p.RequiresReplace, attributePath(path))
	}
	if len(p.Diagnostics.Errors()) == 0 && !p.planned.IsNull() {
		for _, problem := range illegalPlan(schema, prior.state, s.withoutWriteOnly(schema, config), p.planned) {
			s.t.Errorf("Terraform would reject the plan of %s: %s", prior.TypeName, problem)
		}
	}
	return p
}

// Apply applies a plan. The caller may cancel ctx, as Terraform does on Ctrl-C.
// For a replacement, Apply only creates the new object.
func (s *Session) Apply(ctx context.Context, p *Plan) (Object, Diagnostics) {
	s.t.Helper()
	kind := s.schema(p.prior.TypeName).ValueType()
	answer := must(s.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: p.prior.TypeName, PriorState: s.dynamic(p.prior.state), PlannedState: s.dynamic(p.planned), Config: s.dynamic(p.config),
		PlannedPrivate: p.private, PlannedIdentity: p.identity,
	}))(s.t)
	made := Object{TypeName: p.prior.TypeName, state: s.value(kind, answer.NewState), private: answer.Private, identity: answer.NewIdentity}
	s.wantKnown("applying", made)
	if diagnostics := Diagnostics(answer.Diagnostics); len(diagnostics.Errors()) > 0 {
		return made, diagnostics
	}
	for _, problem := range inconsistent(p.prior.TypeName, p.planned, made.state) {
		s.t.Errorf("Terraform would call the result inconsistent: %s", problem)
	}
	return made, answer.Diagnostics
}

func (s *Session) wantKnown(doing string, o Object) {
	s.t.Helper()
	if !o.state.IsNull() && !o.state.IsFullyKnown() {
		s.t.Errorf("%s %s left unknown values in the state: %s", doing, o.TypeName, o.state)
	}
}
