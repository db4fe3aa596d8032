// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Failure returns the diagnostic for a failed action. If a release caused the failure,
// the diagnostic points at an attribute of the deploy block. action is an imperative,
// such as "update server". Failure is for objects that stay in the state untainted, so
// the next apply continues with them.
func Failure(action string, err error) diag.Diagnostic {
	summary := "Could not " + action
	at, hint := deployHint(err)
	var unready *machine.NotReadyError
	switch {
	case !at.Equal(path.Empty()):
		return diag.NewAttributeErrorDiagnostic(at, summary, tf.Sentence(err.Error())+"\n\n"+hint)
	case errors.As(err, &unready):
		return diag.NewErrorDiagnostic(summary, tf.Sentence(err.Error())+"\n\nThe server keeps its changes. Run the same command again: it waits until the server is ready, and replaces nothing.")
	default:
		return diag.NewErrorDiagnostic(summary, tf.Explain(err))
	}
}

// CreateFailure is Failure for an object that exists although its create failed.
// Terraform taints the object, so the next apply replaces it. what describes the
// object.
func CreateFailure(summary string, err error, what string) diag.Diagnostic {
	at, _ := deployHint(err)
	if at.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(summary, tf.ExplainTainted(err, what))
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, tf.ExplainTainted(err, what))
}

// deployHint returns the attribute that an error about a release belongs to, and
// the next step. The path is empty if the error is not about a release.
func deployHint(err error) (path.Path, string) {
	const back = " To go back, apply the previous release."
	var (
		stopped     *deploy.StoppedError
		unavailable *deploy.UnavailableError
		release     *deploy.ReleaseError
		unknown     *deploy.UnknownReleaseError
	)
	switch {
	case errors.As(err, &stopped):
		return Path(), fmt.Sprintf("This server was not touched. Fix the cause and run the same command again. It continues with %s and the remaining servers.%s", stopped.Server, back)
	case errors.As(err, &unavailable):
		return path.Root("deploy").AtName("max_unavailable"), "This server was not touched. Make the unavailable servers healthy again, apply a release that makes them healthy, or raise max_unavailable. Then run the same command again. " +
			"If this apply also restarts the unavailable servers, they may still be waiting for one of Terraform's parallelism slots: run with -parallelism above the number of servers in the group."
	case errors.As(err, &release):
		return Path(), fmt.Sprintf("Servers of the group whose turn had not begun are left as they are. Fix the cause and run the same command again to continue.%s", back)
	case errors.As(err, &unknown):
		return Path(), "Set deploy.release and the release of a gogrid_storage_channel to the same value, and deploy.channel to the name of that channel. Terraform then updates the channel first."
	default:
		return path.Empty(), ""
	}
}

// CheckServerFile returns an error if a server name cannot be used in paths of
// files on Cloud Storage.
func CheckServerFile(name string) error {
	err := startup.CheckName(name)
	if err == nil {
		err = storage.CheckPath(startup.ServerFile(name))
	}
	if err != nil {
		return fmt.Errorf("%q %w", name, err)
	}
	return nil
}

// CheckShare checks at plan time that Cloud Storage can be used. An outage is only a
// warning, because Cloud Storage may be reachable again during the apply.
func CheckShare(ctx context.Context, s *session.Session, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	store, err := s.OpenStorage(ctx)
	if err == nil {
		_, err = store.Stat(ctx, startup.HostMapFile, storage.Object{})
	}
	switch {
	case err == nil, storage.IsMissing(err):
	case storage.IsOutage(err):
		diags.Append(diag.WithPath(at, tf.StorageOutage(err, "Servers load their releases from there")))
	default:
		diags.Append(tf.AttributeFailure(at, "use Cloud Storage", err))
	}
	return diags
}
