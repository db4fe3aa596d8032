// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

const (
	// cancelGrace bounds the cleanup after Ctrl-C, because the user waits for it.
	cancelGrace = 2 * time.Minute
	// sandboxUSDPerHour is the price of a sandbox's 2 GB of RAM at GoGrid's
	// list price of 2008, 0.19 USD per GB of RAM per hour.
	sandboxUSDPerHour = 0.38
)

// Abandon cleans up after a build that ended before it had an image. It deletes
// the objects of the build, or keeps the sandbox if Keep is set. It returns the
// diagnostics to report, and whether the state must record objects that remain
// on the grid.
func (b *Build) Abandon(ctx context.Context, why diag.Diagnostics) (diag.Diagnostics, bool) {
	// Report only the error if the build created nothing.
	switch {
	case b.Own == nil || b.sandbox == nil:
		if ctx.Err() == nil {
			return why, false
		}
		return b.cancelled("Nothing was created."), false
	case ctx.Err() == nil && b.Keep:
		return withNote(why, b.keptNote()), true
	}
	// Delete the sandbox, and report what remains.
	sandbox := machine.Describe(*b.sandbox)
	err := b.cleanUp(ctx, nil)
	switch {
	case err != nil:
		return withNote(b.rootCause(ctx, why), b.cleanupFailedNote(err)), true
	case ctx.Err() != nil:
		return b.cancelled(fmt.Sprintf("%s was deleted; nothing is left and nothing is billed.", tf.Capitalised(sandbox))), false
	}
	return withNote(why, fmt.Sprintf("%s was deleted; nothing is left and nothing is billed. Run the same command again to build the image.", tf.Capitalised(sandbox))), false
}

// Fail cleans up after a build that has an image and failed with the error why.
// The caller handles Ctrl-C with Pause. It returns the diagnostics to report,
// and whether the state must record objects that remain on the grid.
func (b *Build) Fail(ctx context.Context, image client.Image, why error) (diag.Diagnostics, bool) {
	switch {
	case errors.Is(why, errNotSaved):
		return b.failUnsaved(ctx, image, why)
	case errors.Is(why, errNotVerified):
		return b.failUnusable(ctx, image, tf.Failure("verify "+Describe(image), why))
	case b.Own == nil || b.complete:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Could not finish saving "+Describe(image), tf.ExplainTainted(why, Describe(image)))}, true
	default:
		return b.failUnusable(ctx, image, tf.Failure("finish building "+Describe(image), why))
	}
}

// failUnsaved handles a save that GoGrid accepted and then dropped.
func (b *Build) failUnsaved(ctx context.Context, image client.Image, why error) (diag.Diagnostics, bool) {
	diags := diag.Diagnostics{tf.Failure(fmt.Sprintf("save image %q", image.FriendlyName), why)}
	if b.Own != nil && b.Keep && b.sandbox != nil {
		return withNote(diags, b.keptNote()), true
	}
	if err := b.cleanUp(ctx, nil); err != nil {
		return withNote(diags, b.cleanupFailedNote(err)), true
	}
	if b.Own != nil {
		return withNote(diags, "The sandbox was deleted; nothing is left of the build."), false
	}
	return withNote(diags, "Nothing is left of the image. The sandbox may have been busy, for example with a save that an interrupted apply began. "+
		"Run the same command again: the provider first looks for an image that already exists."), false
}

// failUnusable moves an image that cannot be used to the trash, and deletes the
// other objects of its build.
func (b *Build) failUnusable(ctx context.Context, image client.Image, why diag.Diagnostic) (diag.Diagnostics, bool) {
	diags := diag.Diagnostics{why}
	if err := b.cleanUp(ctx, &image); err != nil {
		return withNote(diags, b.cleanupFailedNote(err)), true
	}
	return withNote(diags, "The image was moved to the trash, and the servers that were created for it were deleted; none of its servers is billed any more."), false
}

// Pause cleans up after a build that Ctrl-C interrupted after the image had an
// id. The next apply continues the build, so Pause deletes only the verifying
// server, which is billed.
func (b *Build) Pause(ctx context.Context, image client.Image) diag.Diagnostics {
	diags := diag.Diagnostics{tf.Interrupted(Describe(image))}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	if b.verifier == nil {
		return diags
	}
	server := machine.Describe(*b.verifier)
	if err := b.removeVerifier(cleaning, image); err != nil {
		diags.AddWarning("Could not delete "+server, tf.Explain(err)+" It is billed until the next apply deletes it.")
	}
	return diags
}

// cleanUp deletes all objects of the build, including image unless it is nil.
// If ctx has ended, cleanUp still runs, but for at most cancelGrace.
func (b *Build) cleanUp(ctx context.Context, image *client.Image) error {
	grace := session.DefaultDeleteTimeout
	if ctx.Err() != nil {
		grace = cancelGrace
	}
	cleaning, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	var failed []error
	if image != nil {
		failed = append(failed, b.removeVerifier(cleaning, *image), Trash(cleaning, b.session, *image))
	}
	return errors.Join(append(failed, b.removeSandbox(cleaning))...)
}

// keptNote describes how to log in to a sandbox that is kept after a failed build.
func (b *Build) keptNote() string {
	port, account := b.loginPortAndUser()
	return fmt.Sprintf("%s was kept, because keep_sandbox_on_failure is set. Log in to it at %s port %d as %s. The account's password list has the password: "+
		"the ephemeral resource gogrid_server_password reads it for id %d, and on a simulated grid \"gogrid-simulator passwords\" prints it. "+
		"The sandbox with its 2 GB of RAM is billed until it is deleted, %.2f USD an hour at GoGrid's list price of 2008. "+
		"The state records this build as tainted: the next apply, or a destroy, deletes the sandbox first.",
		tf.Capitalised(machine.Describe(*b.sandbox)), b.sandbox.IP.Address, port, account, b.sandbox.ID, sandboxUSDPerHour)
}

// loginPortAndUser returns the port and the account for a login to the sandbox.
func (b *Build) loginPortAndUser() (int, string) {
	login := prepare.Login{Target: communicator.Target{Protocol: communicator.SSH}}
	if b.Recipe != nil {
		login = b.Recipe.Login
	}
	target := b.session.Guests.Reach(login.Target).WithDefaults()
	return target.Port, target.Username
}

// cleanupFailedNote explains what remains of a build whose cleanup failed.
func (b *Build) cleanupFailedNote(err error) string {
	return "The cleanup failed too, so objects of the build may remain and be billed: " + tf.Explain(err) +
		" The state records this build as tainted: the next apply, or a destroy, deletes the remaining objects first."
}

func (b *Build) cancelled(outcome string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted while building image %q", b.FriendlyName),
		outcome+" Run the same command again to build it.")}
}

// rootCause returns the diagnostics met if ctx is still active. After Ctrl-C it
// reports only the interruption, because the interruption caused the other
// errors.
func (b *Build) rootCause(ctx context.Context, met diag.Diagnostics) diag.Diagnostics {
	if ctx.Err() == nil {
		return met
	}
	return b.cancelled("")
}

// withNote returns a copy of diags with a paragraph added to the last error.
func withNote(diags diag.Diagnostics, note string) diag.Diagnostics {
	all := append(diag.Diagnostics{}, diags...)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Severity() != diag.SeverityError {
			continue
		}
		detail := all[i].Detail() + "\n\n" + note
		if at, ok := all[i].(diag.DiagnosticWithPath); ok {
			all[i] = diag.NewAttributeErrorDiagnostic(at.Path(), all[i].Summary(), detail)
		} else {
			all[i] = diag.NewErrorDiagnostic(all[i].Summary(), detail)
		}
		break
	}
	return all
}
