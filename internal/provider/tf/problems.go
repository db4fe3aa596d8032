// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
)

// Diagnostic converts a problem to a Terraform diagnostic with the same
// severity, attribute, summary and detail.
func Diagnostic(p report.Problem) diag.Diagnostic {
	onAttribute := len(p.Attribute.Steps()) > 0
	switch {
	case p.IsWarning && onAttribute:
		return diag.NewAttributeWarningDiagnostic(p.Attribute, p.Summary, p.Detail)
	case p.IsWarning:
		return diag.NewWarningDiagnostic(p.Summary, p.Detail)
	case onAttribute:
		return diag.NewAttributeErrorDiagnostic(p.Attribute, p.Summary, p.Detail)
	default:
		return diag.NewErrorDiagnostic(p.Summary, p.Detail)
	}
}

// Diagnostics converts a list of problems with Diagnostic, in the same order and
// without duplicates.
func Diagnostics(problems report.List) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, p := range problems {
		diags.Append(Diagnostic(p))
	}
	return diags
}
