// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"
)

// Managed is one resource under the care of commands like Terraform's: each
// refreshes, plans and applies in processes of its own, and an object whose
// creation ended with an error is replaced by the next one.
type Managed struct {
	// Object is what the state holds.
	Object
	// Tainted is true when the object is to be replaced.
	Tainted bool

	grid     *Grid
	provider Attributes
	t        *testing.T
}

// Manage starts with an empty state. The attributes are those of the provider
// block.
func (g *Grid) Manage(t *testing.T, typeName string, provider ...Attributes) *Managed {
	t.Helper()
	m := &Managed{grid: g, t: t, provider: Attributes{}}
	for _, block := range provider {
		m.provider = m.provider.With(block)
	}
	m.Object = g.Session(t, m.provider).Absent(typeName)
	return m
}

// Plan refreshes and plans, in one process, and changes nothing but the
// refreshed state.
func (m *Managed) Plan(config Attributes) *Plan {
	m.t.Helper()
	s, diagnostics := m.grid.Configure(m.t, m.provider)
	if len(diagnostics.Errors()) > 0 {
		return &Plan{prior: m.Object, planned: m.state, Diagnostics: diagnostics}
	}
	if m.Exists() {
		var more Diagnostics
		m.Object, more = s.Read(m.Object)
		diagnostics = append(diagnostics, more...)
		if len(diagnostics.Errors()) > 0 {
			return &Plan{prior: m.Object, planned: m.state, Diagnostics: diagnostics}
		}
	}
	prior := m.Object
	if m.Tainted && config != nil {
		prior = s.Absent(m.TypeName)
	}
	plan := s.Plan(prior, config)
	if len(plan.RequiresReplace) > 0 && len(plan.Diagnostics.Errors()) == 0 {
		plan.Diagnostics = append(plan.Diagnostics, s.Replacement(plan).Diagnostics...)
	}
	plan.Diagnostics = append(diagnostics, plan.Diagnostics...)
	return plan
}

// Apply refreshes and plans in one process and applies in another. A
// replacement deletes first. The diagnostics are those of both.
func (m *Managed) Apply(config Attributes) Diagnostics {
	m.t.Helper()
	plan := m.Plan(config)
	if len(plan.Diagnostics.Errors()) > 0 || plan.Action() == "no-op" || config == nil && !m.Exists() {
		return plan.Diagnostics
	}
	s, diagnostics := m.grid.Configure(m.t, m.provider)
	diagnostics = append(plan.Diagnostics, diagnostics...)
	if len(diagnostics.Errors()) > 0 {
		return diagnostics
	}
	if m.Exists() && (m.Tainted || config == nil || plan.Action() == "replace") {
		diagnostics = append(diagnostics, m.carryOut(s, nil, nil)...)
	}
	if config == nil || len(diagnostics.Errors()) > 0 {
		return diagnostics
	}
	promised := plan
	if plan.Action() == "replace" {
		promised = nil // what was promised is the other plan, of the creation
	}
	return append(diagnostics, m.carryOut(s, config, promised)...)
}

// Destroy is Apply without a configuration.
func (m *Managed) Destroy() Diagnostics {
	m.t.Helper()
	return m.Apply(nil)
}

// Remove deletes the object without a refresh, as an apply does with a plan that
// was saved before.
func (m *Managed) Remove() Diagnostics {
	m.t.Helper()
	s, diagnostics := m.grid.Configure(m.t, m.provider)
	if len(diagnostics.Errors()) > 0 || !m.Exists() {
		return diagnostics
	}
	return append(diagnostics, m.carryOut(s, nil, nil)...)
}

// Session is one more process of the same provider block.
func (m *Managed) Session() *Session {
	m.t.Helper()
	return m.grid.Session(m.t, m.provider)
}

// carryOut makes the plan and apply calls of an apply walk. The plan must keep
// what the plan walk promised.
func (m *Managed) carryOut(s *Session, config Attributes, promised *Plan) Diagnostics {
	m.t.Helper()
	prior := m.Object
	plan := s.Plan(prior, config)
	if len(plan.Diagnostics.Errors()) > 0 {
		return plan.Diagnostics
	}
	if promised != nil {
		for _, problem := range inconsistent(m.TypeName, promised.planned, plan.planned) {
			m.t.Errorf("Terraform would call the final plan inconsistent: %s", problem)
		}
	}
	made, diagnostics := s.Apply(m.t.Context(), plan)
	m.Tainted = m.Exists() && m.Tainted || !prior.Exists() && made.Exists() && len(diagnostics.Errors()) > 0
	m.Object = made
	if !made.Exists() {
		m.Tainted = false
		m.Object = s.Absent(m.TypeName)
	}
	return append(plan.Diagnostics, diagnostics...)
}
