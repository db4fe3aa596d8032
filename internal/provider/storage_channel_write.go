// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// maxChannelSize is more than any pointer has, in bytes.
const maxChannelSize = 64 << 10

// brokenChannelError says that a file is there that servers cannot read.
type brokenChannelError struct{ err error }

func (e *brokenChannelError) Error() string { return e.err.Error() }

// readChannel reads a pointer.
func readChannel(ctx context.Context, store *storage.Store, at string) (startup.Pointer, error) {
	text, err := store.Read(ctx, at, maxChannelSize)
	if err != nil {
		return startup.Pointer{}, err
	}
	found, err := startup.DecodePointer(string(text))
	if err != nil {
		return startup.Pointer{}, &brokenChannelError{err}
	}
	return found, nil
}

// putChannel has the file name what a plan asks for, and takes over what it then
// holds, as the only operation of this process on the file. The prior state is nil
// for a new channel.
func (s *session) putChannel(ctx context.Context, plan *storageChannelModel, prior *storageChannelModel) diag.Diagnostics {
	turn, err := s.holdFile(ctx, plan.file())
	if err != nil {
		return diag.Diagnostics{interruptedChannel(*plan)}
	}
	defer turn.end()
	placed, diags := s.writeChannel(ctx, plan, prior)
	if !diags.HasError() {
		s.keepFile(turn, plan.file(), placed)
	}
	return diags
}

func interruptedChannel(plan storageChannelModel) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Interrupted while writing "+plan.what(),
		"Servers find what was there before, or the new release, and nothing in between. Run the same command again to continue.")
}

// writeChannel returns what is known of the file, which may be little.
func (s *session) writeChannel(ctx context.Context, plan *storageChannelModel, prior *storageChannelModel) (storage.Object, diag.Diagnostics) {
	var diags diag.Diagnostics
	store, err := s.openStorage(ctx)
	if err != nil {
		diags.Append(failure("write "+plan.what(), err))
		return storage.Object{}, diags
	}
	found, err := readChannel(ctx, store, plan.file())
	var broken *brokenChannelError
	there := err == nil || errors.As(err, &broken)
	switch {
	case !there && !storage.IsMissing(err):
		diags.Append(failure("look at "+plan.what(), err))
	case prior == nil && broken != nil:
		diags.Append(otherChannel(*plan, "holds something else: "+broken.Error()))
	case prior == nil && there && !s.mayTakeOver(*plan, found):
		diags.Append(otherChannel(*plan, says(found)))
	case prior != nil && err == nil && !found.Names(prior.pointer()) && !found.Names(plan.pointer()):
		diags.AddWarning(fmt.Sprintf("Somebody else has changed the channel %q", plan.Name.ValueString()),
			fmt.Sprintf("Since it was refreshed, %s. It is changed all the same, and keeps that as the previous release.", says(found)))
	}
	if diags.HasError() {
		return storage.Object{}, diags
	}
	if prior != nil && err != nil {
		found = prior.known() // what servers have loaded until now
	}
	diags.Append(checkArchiveThere(ctx, store, *plan)...)
	if diags.HasError() {
		return storage.Object{}, diags
	}
	if err == nil && found.Names(plan.pointer()) {
		plan.fill(found) // an apply that was killed has written it
		return storage.Object{}, diags
	}
	next := plan.pointer().After(found)
	next.UpdatedBy, next.UpdatedAt = s.deployment, s.clock.Now().UTC().Format(time.RFC3339)
	upload := storage.Bytes([]byte(next.Encode()))
	upload.Replace = prior != nil || there
	placed, err := store.Put(ctx, plan.file(), upload)
	switch {
	case errors.Is(err, storage.ErrOtherContent):
		diags.Append(otherChannel(*plan, "was written by somebody else a moment ago"))
	case ctx.Err() != nil && err != nil:
		diags.Append(interruptedChannel(*plan))
	case err != nil:
		diags.Append(failure("write "+plan.what(), err))
	default:
		plan.fill(next)
	}
	return placed, diags
}

// checkArchiveThere keeps servers from being sent to an archive that is not
// there. They check its digest themselves.
func checkArchiveThere(ctx context.Context, store *storage.Store, plan storageChannelModel) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("archive")
	unchanged := " Servers of " + plan.what() + " could not load it, so nothing was changed. Upload it first, for example with a gogrid_storage_object to whose path archive refers."
	found, err := store.Stat(ctx, plan.Archive.ValueString(), storage.Object{})
	switch {
	case errors.Is(err, fs.ErrNotExist), storage.IsEmptyShare(err):
		diags.AddAttributeError(at, "The archive is not on Cloud Storage", fmt.Sprintf("There is no file %s.%s", plan.Archive.ValueString(), unchanged))
	case err != nil:
		diags.Append(attributeFailure(at, "look at "+plan.Archive.ValueString(), err))
	case found.Size == 0:
		diags.AddAttributeError(at, "The archive is empty", fmt.Sprintf("The file %s on Cloud Storage has no bytes.%s", plan.Archive.ValueString(), unchanged))
	}
	return diags
}
