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
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Failure is failure for what may have failed because of a release.
func Failure(tried string, err error) diag.Diagnostic {
	return Problem("Could not "+tried, err, "")
}

// Problem is the diagnostic of a change that may have failed because of a
// release, which is then said where the release is asked for.
func Problem(summary string, err error, suffix string) diag.Diagnostic {
	at, hint := deployHint(err)
	if at.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(summary, tf.Explain(err)+suffix)
	}
	return diag.NewAttributeErrorDiagnostic(at, summary, tf.Sentence(err.Error())+"\n\n"+hint+suffix)
}

// deployHint is where an error about a release belongs, and what to do about
// it.
func deployHint(err error) (path.Path, string) {
	const back = " To go back, apply the previous release."
	var (
		stopped *deploy.StoppedError
		away    *deploy.UnavailableError
		release *deploy.ReleaseError
		unknown *deploy.UnknownReleaseError
	)
	switch {
	case errors.As(err, &stopped):
		return Path(), fmt.Sprintf("This server was not touched. When the reason is mended, run the same command again, which goes on with %s and the servers that are left.%s", stopped.Server, back)
	case errors.As(err, &away):
		return path.Root("deploy").AtName("max_unavailable"), "This server was not touched. Bring those up again, apply a release with which they come up, or allow more with max_unavailable; then run the same command again. " +
			"If they are to be restarted by this very apply, they have not had their turn: run with -parallelism above the number of servers in the group."
	case errors.As(err, &release):
		return Path(), fmt.Sprintf("Servers of its group that had not begun are left as they are. When the reason is mended, run the same command again to go on.%s", back)
	case errors.As(err, &unknown):
		return Path(), "Have the release of a gogrid_storage_channel and deploy.release refer to the same thing, and deploy.channel to that channel's name, so that the channel is changed first."
	default:
		return path.Empty(), ""
	}
}

// CheckServerFile tells whether a server can have files on Cloud Storage.
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

// CheckShare tells at plan whether Cloud Storage can be used.
func CheckShare(ctx context.Context, s *session.Session, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	store, err := s.OpenStorage(ctx)
	if err == nil {
		_, err = store.Stat(ctx, startup.HostMapFile, storage.Object{})
	}
	switch {
	case err == nil, storage.IsMissing(err):
	case storage.IsOutage(err):
		diags.AddAttributeWarning(at, "Cloud Storage cannot be reached", tf.Sentence(err.Error())+" Servers are to load their releases from there, which will fail unless that changes until then.")
	default:
		diags.Append(tf.AttributeFailure(at, "use Cloud Storage", err))
	}
	return diags
}
