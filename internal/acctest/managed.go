// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"
)

// Managed is one resource that a test manages with commands like Terraform's.
// Each command refreshes, plans and applies in its own processes. If a creation
// fails, the next command replaces the object.
type Managed struct {
	// Object is the resource as stored in the state.
	Object
	// Tainted reports whether the next apply must replace the object.
	Tainted bool

	grid     *Grid
	provider Attributes
	t        *testing.T
}

// Manage returns a resource with an empty state. The given attributes form the
// provider block.
func (g *Grid) Manage(t *testing.T, typeName string, provider ...Attributes) *Managed {
	t.Helper()
	m := &Managed{grid: g, t: t, provider: Attributes{}}
	for _, block := range provider {
		m.provider = m.provider.With(block)
	}
	m.Object = g.Session(t, m.provider).Absent(typeName)
	return m
}

// Plan refreshes and plans in one process. It stores the refreshed state but
// changes nothing else.
func (m *Managed) Plan(config Attributes) *Plan {
	m.t.Helper()
	s, diagnostics := m.grid.Configure(m.t, m.provider)
	if len(diagnostics.Errors()) > 0 {
		return &Plan{prior: m.Object, planned: m.state, Diagnostics: diagnostics}
	}
	if m.Exists() {
		var moreDiags Diagnostics
		m.Object, moreDiags = s.Read(m.Object)
		diagnostics = append(diagnostics, moreDiags...)
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

// Apply refreshes and plans in one process and applies in another. It returns
// the diagnostics of both. A replacement deletes the old object first.
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
		promised = nil // a create has a different plan than the replacement
	}
	return append(diagnostics, m.carryOut(s, config, promised)...)
}

// Destroy applies an empty configuration, which deletes the object.
func (m *Managed) Destroy() Diagnostics {
	m.t.Helper()
	return m.Apply(nil)
}

// Remove deletes the object without a refresh, as when Terraform applies a
// saved plan.
func (m *Managed) Remove() Diagnostics {
	m.t.Helper()
	s, diagnostics := m.grid.Configure(m.t, m.provider)
	if len(diagnostics.Errors()) > 0 || !m.Exists() {
		return diagnostics
	}
	return append(diagnostics, m.carryOut(s, nil, nil)...)
}

// Session returns another process with the same provider block.
func (m *Managed) Session() *Session {
	m.t.Helper()
	return m.grid.Session(m.t, m.provider)
}

// carryOut makes the plan and apply calls that terraform apply makes. The final
// plan must be consistent with the promised plan, unless promised is nil.
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
