// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// imageBuild is the making of one image: from a sandbox that exists, or from
// one of its own that is made for it and deleted afterwards.
//
// How far an interrupted build has come is told by the grid, since a killed
// process saves no state: by the mark of its sandbox (whether preparing it may
// have begun), by the mark and the state of its image, and by the mark of the
// server that verifies it. See build_sandbox.go.
type imageBuild struct {
	session *session
	wanted  *myGSIImageModel
	key     string // tells builds of one deployment apart; part of all marks

	own          *machineSpec // the sandbox to be made; nil: wanted.SandboxID exists
	keep         bool         // the own sandbox stays when the build fails
	recipe       *recipe      // nil: the sandbox is saved as it is
	verification *verification

	sandbox  *client.Server // nil while there is none
	verifier *client.Server // likewise
	hostKey  string         // that the sandbox showed
	complete bool           // the image is saved and verified
}

// newBuild reads what an image is to be made from. Only the configuration has
// the write-only values of a recipe.
func (s *session) newBuild(ctx context.Context, wanted *myGSIImageModel, config tfsdk.Config) (*imageBuild, diag.Diagnostics) {
	b := &imageBuild{session: s, wanted: wanted, hostKey: wanted.HostKey.ValueString()}
	var diags diag.Diagnostics
	b.recipe, diags = wanted.recipe(ctx, config)
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(b.takeDigest()...)
	verification, more := wanted.verification(ctx)
	diags.Append(more...)
	b.verification = verification
	diags.Append(s.checkLogin(wanted, b.recipe)...)
	b.key = wanted.buildKey()
	if wanted.builds() {
		spec, more := wanted.buildSpec(ctx)
		diags.Append(more...)
		spec.Key = b.key
		b.own = &spec
		b.keep, _, more = wanted.buildOptions(ctx)
		diags.Append(more...)
	}
	return b, diags
}

// rekey makes the build find what an earlier process has made under a key.
func (b *imageBuild) rekey(key string) {
	b.key = key
	if b.own != nil {
		b.own.Key, b.own.Name = key, buildName(key)
	}
}

// takeDigest holds the recipe against the digest that was planned.
func (b *imageBuild) takeDigest() diag.Diagnostics {
	var diags diag.Diagnostics
	if b.recipe == nil {
		return diags
	}
	if planned := b.wanted.PreparedDigest; isSet(planned) && planned.ValueString() != b.recipe.digest {
		diags.AddAttributeError(path.Root("prepared_digest"), fmt.Sprintf("What image %q is prepared with has changed since the plan", b.wanted.FriendlyName.ValueString()),
			fmt.Sprintf("The plan was made for a digest of %s; the files now give %s. Nothing was made. Plan again, and the image is made from what the files hold then.",
				planned.ValueString(), b.recipe.digest))
	}
	return diags
}

// buildKind is what the ledger calls builds of this process, known by their keys.
const buildKind = "build"

// begin brings the image into being and returns it as soon as it has an id,
// while it is still being saved. What an interrupted apply began is gone on
// with.
func (b *imageBuild) begin(ctx context.Context) (*client.Image, diag.Diagnostics) {
	var diags diag.Diagnostics
	b.session.ledger.begin()
	b.session.ledger.adopt(buildKind, b.key)
	known, err := b.session.client.Snapshot.EveryImage(ctx)
	if err != nil {
		diags.Append(failure("list the account's images", err))
		return nil, diags
	}
	image, diags := b.adoptImage(known)
	if image != nil || diags.HasError() {
		return image, diags
	}
	for _, phase := range []func(context.Context) diag.Diagnostics{b.readySandbox, b.prepare} {
		diags.Append(phase(ctx)...)
		if diags.HasError() {
			return nil, diags
		}
	}
	image, err = b.saveSandbox(ctx)
	if err != nil {
		diags.Append(attributeFailure(b.source(), fmt.Sprintf("save %s as image %q", describe(*b.sandbox), b.wanted.FriendlyName.ValueString()), err))
		return nil, diags
	}
	return image, diags
}

// source is the attribute that says what the image is made from.
func (b *imageBuild) source() path.Path {
	if b.own != nil {
		return path.Root("build")
	}
	return path.Root("sandbox_id")
}

// finish waits until the image is saved, deletes the build's own sandbox,
// which is billed for as long as it is there, and verifies the image.
func (b *imageBuild) finish(ctx context.Context, image client.Image) (*client.Image, error) {
	saved, err := b.session.awaitSaved(ctx, image)
	if err != nil {
		return saved, err
	}
	if err := b.removeSandbox(ctx); err != nil {
		return saved, err
	}
	if err := b.verify(ctx, *saved); err != nil {
		return saved, err
	}
	b.complete = true
	return b.session.editImage(ctx, b.wanted, *saved)
}

// record writes into a model what only the build knows.
func (b *imageBuild) record(m *myGSIImageModel) {
	m.HostKey = nullIfEmpty(b.hostKey)
	if b.recipe != nil {
		m.PreparedDigest = types.StringValue(b.recipe.digest)
	}
}
