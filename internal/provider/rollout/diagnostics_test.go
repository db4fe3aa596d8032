// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// TestOneNextStep checks that an error names only one next step. After a failed
// create, the error says that Terraform replaces the tainted object. After a failed
// update, it says nothing of the kind.
func TestOneNextStep(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"not ready":      &machine.NotReadyError{Last: fmt.Errorf("no answer: %w", context.DeadlineExceeded)},
		"refused":        &machine.NotReadyError{Last: errors.New("connection refused")},
		"time limit":     fmt.Errorf("wait: %w", context.DeadlineExceeded),
		"failed job":     &client.JobError{Reason: "no capacity"},
		"release":        &deploy.ReleaseError{},
		"outage":         fmt.Errorf("%w", storage.ErrLogin),
		"another reason": errors.New("no reason"),
	} {
		created := CreateFailure("Could not create it", err, `server "web1"`).Detail()
		if strings.Contains(strings.ToLower(created), "run the same command again") || strings.Contains(created, "continue") || !strings.Contains(created, "tainted") {
			t.Errorf("%s: after a create the detail is %q", name, created)
		}
		updated := Failure("update it", err).Detail()
		if strings.Contains(updated, "taint") || strings.Contains(updated, "deletes") {
			t.Errorf("%s: after an update the detail is %q", name, updated)
		}
	}
}
