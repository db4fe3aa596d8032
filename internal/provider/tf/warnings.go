// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import "github.com/hashicorp/terraform-plugin-framework/diag"

// NotRefreshed returns the warning of a refresh that leaves the state
// unchanged. reason is a sentence or an error text.
func NotRefreshed(reason string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not refreshed", Sentence(reason)+" The state is kept as it is.")
}

// StorageOutage returns the warning of a plan that cannot reach Cloud Storage.
// The plan does not fail, because Cloud Storage may be reachable again during
// the apply. task is a sentence, without the full stop, about what the apply
// does on Cloud Storage.
func StorageOutage(err error, task string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Cloud Storage cannot be reached",
		Sentence(err.Error())+" "+task+", which will fail unless Cloud Storage is reachable again by then.")
}
