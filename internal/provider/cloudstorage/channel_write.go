// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// maxChannelSize is the maximum size of a pointer that is read, in bytes. Every
// valid pointer is smaller.
const maxChannelSize = 64 << 10

// brokenChannelError reports that a channel's file exists but servers cannot read it.
type brokenChannelError struct{ err error }

func (e *brokenChannelError) Error() string { return e.err.Error() }

// readChannel reads the pointer at a path. It returns a *brokenChannelError if
// the file is not a pointer.
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

// putChannel writes the planned release to the file and copies the values of
// the written file into plan. It reserves the file, so no other operation of
// this process uses the file meanwhile. prior is nil for a new channel. If the
// file belongs to another resource whose delete is waiting, putChannel lets the
// delete run and tries again.
func putChannel(ctx context.Context, s *session.Session, plan *storageChannelModel, prior *storageChannelModel) diag.Diagnostics {
	for {
		turn, err := s.HoldFile(ctx, plan.file())
		if err != nil {
			return diag.Diagnostics{interruptedChannel(*plan)}
		}
		written, diags := writeChannel(ctx, s, plan, prior)
		if !diags.HasError() {
			s.KeepFile(turn, plan.file(), written.placed)
		}
		leaving := s.FileLeaves(plan.file())
		turn.End()
		if !written.foreign || !leaving {
			return diags
		}
	}
}

func interruptedChannel(plan storageChannelModel) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Interrupted while writing "+plan.what(),
		"The file names either the old release or the new release in full. Run the same command again to continue.")
}

// channelWrite is the result of writing a channel.
type channelWrite struct {
	placed storage.Object // zero if the file already named the release
	// foreign is true if the name belongs to another channel. In that case the
	// diagnostics hold an error.
	foreign bool
}

func writeChannel(ctx context.Context, s *session.Session, plan *storageChannelModel, prior *storageChannelModel) (channelWrite, diag.Diagnostics) {
	var diags diag.Diagnostics
	store, err := s.OpenStorage(ctx)
	if err != nil {
		diags.Append(tf.Failure("write "+plan.what(), err))
		return channelWrite{}, diags
	}
	foreign := func(how string) (channelWrite, diag.Diagnostics) {
		return channelWrite{foreign: true}, append(diags, otherChannel(*plan, how))
	}
	found, err := readChannel(ctx, store, plan.file())
	var broken *brokenChannelError
	exists := err == nil || errors.As(err, &broken)
	switch {
	case !exists && !storage.IsMissing(err):
		diags.Append(tf.Failure("look at "+plan.what(), err))
	case prior == nil && broken != nil:
		return foreign("holds something else: " + broken.Error())
	case prior == nil && exists && !mayTakeOver(s, *plan, found):
		return foreign(describePointer(found))
	case prior != nil && err == nil && !found.SameRelease(prior.pointer()) && !found.SameRelease(plan.pointer()):
		diags.AddWarning(fmt.Sprintf("Another client has changed the channel %q", plan.Name.ValueString()),
			fmt.Sprintf("The file has changed since the refresh: it %s. The apply replaces that release and keeps it as the previous release.", describePointer(found)))
	}
	if diags.HasError() {
		return channelWrite{}, diags
	}
	if prior != nil && err != nil {
		found = prior.known() // the file is gone or broken: use the release of the state
	}
	diags.Append(checkArchive(ctx, store, *plan)...)
	if diags.HasError() {
		return channelWrite{}, diags
	}
	if err == nil && found.SameRelease(plan.pointer()) {
		plan.fill(found) // already written, for example by a killed apply
		return channelWrite{}, diags
	}
	next := plan.pointer().After(found)
	next.UpdatedBy, next.UpdatedAt = s.Deployment, s.Clock.Now().UTC().Format(time.RFC3339)
	upload := storage.Bytes([]byte(next.Encode()))
	upload.Replace = prior != nil || exists
	placed, err := store.Put(ctx, plan.file(), upload)
	switch {
	case errors.Is(err, storage.ErrOtherContent):
		return foreign("was written by another client a moment ago")
	case ctx.Err() != nil && err != nil:
		diags.Append(interruptedChannel(*plan))
	case err != nil:
		diags.Append(tf.Failure("write "+plan.what(), err))
	default:
		plan.fill(next)
	}
	return channelWrite{placed: placed}, diags
}

// checkArchive returns an error if the archive of a channel does not exist or
// is empty. It does not check the digest, because servers check it when they
// load the archive.
func checkArchive(ctx context.Context, store *storage.Store, plan storageChannelModel) diag.Diagnostics {
	var diags diag.Diagnostics
	at := path.Root("archive")
	unchanged := " Servers of " + plan.what() + " could not load it, so nothing was changed. Upload the archive first, for example with a gogrid_storage_object, and set archive to its path."
	found, err := store.Stat(ctx, plan.Archive.ValueString(), storage.Object{})
	switch {
	case errors.Is(err, fs.ErrNotExist), storage.IsEmptyShare(err):
		diags.AddAttributeError(at, "The archive is not on Cloud Storage", fmt.Sprintf("There is no file %s.%s", plan.Archive.ValueString(), unchanged))
	case err != nil:
		diags.Append(tf.AttributeFailure(at, "look at "+plan.Archive.ValueString(), err))
	case found.Size == 0:
		diags.AddAttributeError(at, "The archive is empty", fmt.Sprintf("The file %s on Cloud Storage is empty.%s", plan.Archive.ValueString(), unchanged))
	}
	return diags
}
