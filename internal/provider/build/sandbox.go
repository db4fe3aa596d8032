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

// preparingKey is the key in the mark of a sandbox from when on something may
// have been done in it. A sandbox without it is as GoGrid made it, so an
// interrupted build goes on with it; one with it holds half of a recipe, which
// need not be repeatable, and is deleted. The edit that sets it costs no time:
// it runs while the sandbox boots.
func preparingKey(key string) string { return key + "/prepare" }

// ensureSandbox makes sure that the sandbox is there and at rest: the one that
// was given, the one that an interrupted apply left, or a new one.
func (b *Build) ensureSandbox(ctx context.Context) diag.Diagnostics {
	if b.Own == nil {
		return b.findGivenSandbox(ctx)
	}
	diags := b.reconcileOrphan(ctx)
	if diags.HasError() {
		return diags
	}
	diags.Append(b.removeAbandoned(ctx)...)
	if diags.HasError() {
		return diags
	}
	if b.sandbox == nil {
		sandbox, _, moreDiags := machine.Create(ctx, b.session, *b.Own)
		diags.Append(moreDiags...)
		b.sandbox = sandbox
	}
	if diags.HasError() {
		return diags
	}
	if err := b.reconcileSandbox(ctx); err != nil {
		diags.Append(tf.AttributeFailure(path.Root("build"), "start "+b.Own.String(), err))
	}
	return diags
}

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

// reconcileOrphan deals with what an interrupted apply left: it deletes a sandbox
// that may hold half of a recipe. One that a person prepares is theirs, and is
// gone on with in any case.
func (b *Build) reconcileOrphan(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	found, err := machine.FindOrphan(ctx, b.session, *b.Own)
	switch {
	case err != nil:
		diags.Append(tf.Failure("look for an existing "+b.Own.String(), err))
		return diags
	case found == nil || !b.session.Tag(preparingKey(b.Key)).On(found.Description):
		return diags // start takes over one that is as it was current
	}
	b.session.Known.See(found.Addresses()...)
	b.session.Known.Adopt(b.Own.Kind(), found.IP.Address)
	b.sandbox = found
	if b.Recipe != nil && b.Recipe.Manual {
		diags.AddWarning("Took over "+machine.Describe(*found), "An interrupted apply left it while it was being prepared by hand. Nothing was made anew.")
		return diags
	}
	if err := b.removeSandbox(ctx); err != nil {
		diags.Append(tf.Failure("delete "+machine.Describe(*found)+", which an interrupted apply left half prepared", err))
		return diags
	}
	diags.AddWarning("Deleted "+machine.Describe(*found), "An interrupted apply left it half prepared. What it began cannot be gone on with safely, so the image was built in a new sandbox.")
	return diags
}

// reconcileSandbox waits until the sandbox is there and switched on, and writes
// into its mark that it may be changed from now on.
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
	begun := s.Tag(preparingKey(b.Key)).On(current.Description)
	if current.State.Matches(client.StateOff) && !begun {
		if current, err = machine.SwitchPower(ctx, s, *current, client.PowerOn); err != nil {
			return err
		}
		b.sandbox = current
	}
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

// removeSandbox deletes the build's own sandbox; nothing when there is none.
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

// findTagged finds a machine that this deployment made for a purpose of its own,
// by any of the keys that its mark may have; nil when there is none.
func findTagged(ctx context.Context, s *session.Session, spec machine.Spec, keys ...string) (*client.Server, error) {
	found, err := machine.FindOrphan(ctx, s, spec)
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
