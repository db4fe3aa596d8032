// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// failure returns the error about an operation that failed. tried is the verb phrase
// that completes "Could not ". The path is empty if no attribute caused the error.
func failure(at path.Path, tried string, err error) report.Problem {
	return report.Error(at, "Could not "+tried, tf.Explain(err))
}
