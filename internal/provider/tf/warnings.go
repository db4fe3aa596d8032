// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import "github.com/hashicorp/terraform-plugin-framework/diag"

// NotRefreshed is the warning of a refresh that leaves the state unchanged. reason
// is a whole sentence, or an error text that becomes one.
func NotRefreshed(reason string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not refreshed", Sentence(reason)+" The state is kept as it is.")
}

// StorageOutage is the warning of a plan that cannot reach Cloud Storage. It is not an
// error, because Cloud Storage may be reachable again during the apply. task says what
// the apply does there, as a sentence without its full stop.
func StorageOutage(err error, task string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Cloud Storage cannot be reached",
		Sentence(err.Error())+" "+task+", which will fail unless Cloud Storage is reachable again by then.")
}
