// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// preparingKey returns the tag key of a sandbox in which commands may have run.
//
// No command has run in a sandbox without this key, so the next apply uses the
// sandbox. In a sandbox with this key, a recipe may be half applied. The recipe
// may not be safe to repeat, so the next apply deletes the sandbox. The edit
// that sets the key does not delay the build, because it runs while the sandbox
// boots.
func preparingKey(key string) string { return key + "/prepare" }

// ensureSandbox sets b.sandbox to a sandbox that no job changes: the existing
// sandbox that the request names, a sandbox that an interrupted apply left, or
// a new sandbox.
func (b *Build) ensureSandbox(ctx context.Context) diag.Diagnostics {
	if b.Own == nil {
		return b.findGivenSandbox(ctx)
	}
	// Delete objects of interrupted builds that cannot be resumed.
	diags := b.reconcileOrphan(ctx)
	if diags.HasError() {
		return diags
	}
	diags.Append(b.removeAbandoned(ctx)...)
	if diags.HasError() {
		return diags
	}
	// Create the sandbox, or adopt a sandbox that an interrupted apply created.
	if b.sandbox == nil {
		sandbox, _, problems := machine.Create(ctx, b.session, *b.Own)
		diags.Append(tf.Diagnostics(problems)...)
		b.sandbox = sandbox
	}
	if diags.HasError() {
		return diags
	}
	// Wait until the sandbox is on, and tag it before any command runs in it.
	if err := b.reconcileSandbox(ctx); err != nil {
		diags.Append(tf.AttributeFailure(path.Root("build"), "start "+b.Own.String(), err))
	}
	return diags
}

// findGivenSandbox sets b.sandbox to the existing sandbox with the id SandboxID,
// and waits for jobs that change it.
func (b *Build) findGivenSandbox(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	sandbox, err := b.session.Client.Snapshot.Server(ctx, tf.ServerID(types.StringValue(b.SandboxID)))
	if err == nil && sandbox != nil && !machine.IsSteady(sandbox) {
		sandbox, err = machine.AwaitSteady(ctx, b.session, *sandbox)
	}
	if err == nil && sandbox != nil {
		sandbox, err = machine.AwaitDeletionEnd(ctx, b.session, *sandbox)
	}
	switch {
	case err != nil:
		diags.Append(tf.AttributeFailure(path.Root("sandbox_id"), "look up the sandbox", err))
	case sandbox == nil:
		diags.Append(NoSandbox(b.SandboxID))
	}
	b.sandbox = sandbox
	return diags
}

// reconcileOrphan deletes an orphaned sandbox of this build in which the recipe
// may be half applied. If a person prepares the sandbox, reconcileOrphan adopts
// it instead, because it holds that person's work.
func (b *Build) reconcileOrphan(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	found, err := machine.FindEqual(ctx, b.session, *b.Own)
	switch {
	case err != nil:
		diags.Append(tf.Failure("look for an existing "+b.Own.String(), err))
		return diags
	case found == nil || !b.session.Tag(preparingKey(b.Key)).On(found.Description):
		return diags // machine.Create adopts a sandbox in which no command has run
	}
	b.session.Known.See(found.Addresses()...)
	b.session.Known.Adopt(b.Own.Kind(), found.IP.Address)
	b.sandbox = found
	if b.Recipe != nil && b.Recipe.Manual {
		diags.AddWarning("Took over "+machine.Describe(*found), "An interrupted apply left the sandbox while a person was preparing it. No second sandbox was created.")
		return diags
	}
	if err := b.removeSandbox(ctx); err != nil {
		diags.Append(tf.Failure("delete "+machine.Describe(*found)+", which an interrupted apply left half prepared", err))
		return diags
	}
	diags.AddWarning("Deleted "+machine.Describe(*found), "An interrupted apply left the sandbox half prepared. The recipe cannot be continued safely, so the image was built in a new sandbox.")
	return diags
}

// reconcileSandbox waits until the sandbox exists, switches it on, and sets the
// preparing key in its tag. It does not switch on a sandbox that already has
// the key, because a person may have switched it off after preparing it.
func (b *Build) reconcileSandbox(ctx context.Context) error {
	s := b.session
	current, err := machine.AwaitCreated(ctx, s, client.OperationCreateSandbox, *b.sandbox)
	if err != nil {
		if machine.NeverCreated(err) {
			b.sandbox = nil
		}
		return err
	}
	b.sandbox = current
	// Switch on a sandbox that GoGrid shows as off.
	begun := s.Tag(preparingKey(b.Key)).On(current.Description)
	if current.State.Matches(client.StateOff) && !begun {
		if current, err = machine.SwitchPower(ctx, s, *current, client.PowerOn); err != nil {
			return err
		}
		b.sandbox = current
	}
	// Record in the tag that commands may have run in the sandbox.
	if s.Deployment == "" || begun || b.Recipe == nil {
		return nil
	}
	description := s.Tag(preparingKey(b.Key)).Describe(ownership.Strip(current.Description))
	if current, err = machine.Edit(ctx, s, *current, client.ServerEdit{Description: &description}); err != nil {
		return err
	}
	b.sandbox = current
	return nil
}

// removeSandbox deletes the build's own sandbox, including one that an
// interrupted apply left. It does nothing if there is no such sandbox.
func (b *Build) removeSandbox(ctx context.Context) error {
	if b.Own == nil {
		return nil
	}
	if b.sandbox == nil {
		orphan, err := findTagged(ctx, b.session, *b.Own, b.Key, preparingKey(b.Key))
		if err != nil || orphan == nil {
			return err
		}
		b.sandbox = orphan
	}
	if err := machine.Delete(ctx, b.session, *b.sandbox); err != nil {
		return fmt.Errorf("delete %s: %w", machine.Describe(*b.sandbox), err)
	}
	b.sandbox = nil
	return nil
}

// findTagged returns the orphan that matches spec and carries this deployment's
// tag with one of the keys, or nil if there is no such orphan.
func findTagged(ctx context.Context, s *session.Session, spec machine.Spec, keys ...string) (*client.Server, error) {
	found, err := machine.FindEqual(ctx, s, spec)
	if err != nil || found == nil {
		return nil, err
	}
	for _, key := range keys {
		if s.Tag(key).On(found.Description) {
			return found, nil
		}
	}
	return nil, nil
}
