// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// Create plans and creates an object in one process.
func Create(t *testing.T, s *acctest.Session, typeName string, config acctest.Attributes) acctest.Object {
	t.Helper()
	plan := s.Plan(s.Absent(typeName), config)
	plan.Diagnostics.WantNone(t)
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	return object
}

// Destroy plans and applies the deletion of an object.
func Destroy(t *testing.T, s *acctest.Session, object acctest.Object) {
	t.Helper()
	plan := s.Plan(object, nil)
	plan.Diagnostics.WantNone(t)
	gone, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantNone(t)
	if gone.Exists() {
		t.Errorf("%s is still in the state", object.TypeName)
	}
}

// Strings returns one attribute of each object in a list.
func Strings(list any, name string) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		object, _ := item.(acctest.Attributes)
		text, _ := object[name].(string)
		all = append(all, text)
	}
	return all
}

// Web1 returns the configuration of a small server named web1.
func Web1() acctest.Attributes {
	return acctest.Attributes{"name": "web1", "image": "centos6.2_64_base", "ram": "1GB"}
}

// WantNoOp checks that a refresh and plan in a new process have no change and no
// diagnostics.
func WantNoOp(t *testing.T, grid *acctest.Grid, object acctest.Object, config acctest.Attributes) {
	t.Helper()
	s := grid.Session(t)
	object, diagnostics := s.Read(object)
	diagnostics.WantNone(t)
	plan := s.Plan(object, config)
	plan.Diagnostics.WantNone(t)
	if plan.Action() != "no-op" {
		t.Errorf("the plan is %s, want no-op", plan.Action())
	}
}

// Tuple returns a tuple of values whose types may differ.
func Tuple(values ...tftypes.Value) tftypes.Value {
	kinds := []tftypes.Type{}
	for _, value := range values {
		kinds = append(kinds, value.Type())
	}
	return tftypes.NewValue(tftypes.Tuple{ElementTypes: kinds}, values)
}

// Deployment returns a provider block that names the deployment "shop".
func Deployment() acctest.Attributes { return acctest.Attributes{"deployment": "shop"} }
