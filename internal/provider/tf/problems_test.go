// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// TestDiagnostics: the conversion keeps the severity, attribute, summary and
// detail of a problem, and reports a repeated problem once.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	var problems report.List
	if problems.HasError() || tf.Diagnostics(problems) != nil {
		t.Error("an empty list must have no error and no diagnostics")
	}
	problems.AddWarning(path.Empty(), "a", "b")
	problems.AddWarning(path.Root("ram"), "c", "d")
	if problems.HasError() {
		t.Error("warnings must not count as errors")
	}
	problems.AddError(path.Root("build").AtName("ram"), "e", "f")
	problems.Add(report.Problem{Summary: "g", Detail: "h"}, report.Error(path.Empty(), "g", "h"))
	if !problems.HasError() {
		t.Error("the list must report its error")
	}
	want := diag.Diagnostics{
		diag.NewWarningDiagnostic("a", "b"), diag.NewAttributeWarningDiagnostic(path.Root("ram"), "c", "d"),
		diag.NewAttributeErrorDiagnostic(path.Root("build").AtName("ram"), "e", "f"), diag.NewErrorDiagnostic("g", "h"),
	}
	if got := tf.Diagnostics(problems); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
