// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/build"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// DefaultMaxDuration bounds a build, from the start of its sandbox until the
// image is available. Users reported that builds took 30 to 45 minutes.
const DefaultMaxDuration = 2 * time.Hour

// hasBuildBlock reports whether the build creates the sandbox of the image.
func (m *myGSIImageModel) hasBuildBlock() bool { return !m.Build.IsNull() }

// buildBlock reads the build block. It returns the zero BuildModel if the block is
// null or unknown.
func (m *myGSIImageModel) buildBlock(ctx context.Context) (prepare.BuildModel, diag.Diagnostics) {
	var block prepare.BuildModel
	diags := tf.ReadBlock(ctx, m.Build, &block)
	return block, diags
}

// buildSpec returns the desired state of the sandbox that the build creates.
func (m *myGSIImageModel) buildSpec(ctx context.Context) (machine.Spec, diag.Diagnostics) {
	block, diags := m.buildBlock(ctx)
	return machine.Spec{
		Sandbox:     true,
		Name:        machine.BuildName(m.buildKey()),
		Image:       block.Image.ValueString(),
		Description: build.SandboxDescription(m.FriendlyName.ValueString()),
		PublicIP:    block.PublicIP.ValueString(),
		Datacenter:  block.Datacenter.ValueString(),
		At:          path.Root("build"),
	}, diags
}

// buildOptions returns whether to keep the sandbox if the build fails, and the
// maximum duration of the build.
func (m *myGSIImageModel) buildOptions(ctx context.Context) (keep bool, limit time.Duration, diags diag.Diagnostics) {
	block, diags := m.buildBlock(ctx)
	return block.KeepSandboxOnFailure.ValueBool(), tf.DurationOr(block.MaxDuration, DefaultMaxDuration), diags
}

// verification reads the verify block. It returns nil if there is no block.
func (m *myGSIImageModel) verification(ctx context.Context) (*build.Verification, diag.Diagnostics) {
	if !tf.IsSet(m.Verify) {
		return nil, nil
	}
	var block prepare.VerifyModel
	diags := tf.ReadBlock(ctx, m.Verify, &block)
	steps, moreDiags := prepare.VerifySteps(ctx, block)
	diags.Append(moreDiags...)
	return &build.Verification{Steps: steps, RAM: block.RAM.ValueString(), Timeout: tf.DurationOr(block.Timeout, prepare.DefaultLoginTimeout)}, diags
}

// createLimit returns the time limit of a create. This is the configured create
// timeout if one is set. Otherwise it is the limit of the build, plus time for
// the verifying server if the image is verified.
func (m *myGSIImageModel) createLimit(ctx context.Context) (time.Duration, diag.Diagnostics) {
	limit := defaultSaveTimeout
	var diags diag.Diagnostics
	switch {
	case m.hasBuildBlock():
		_, limit, diags = m.buildOptions(ctx)
	case !m.Prepare.IsNull():
		limit = DefaultMaxDuration
	}
	verification, moreDiags := m.verification(ctx)
	diags.Append(moreDiags...)
	if verification != nil {
		logins := 1 + verification.Restarts()
		limit += session.DefaultCreateTimeout + time.Duration(logins)*verification.Timeout
	}
	limit, moreDiags = m.Timeouts.Create(ctx, limit)
	diags.Append(moreDiags...)
	return limit, diags
}

// request returns the build request for the configured image, without the parts
// that newBuild adds.
func (m *myGSIImageModel) request() build.Request {
	return build.Request{
		FriendlyName: m.FriendlyName.ValueString(),
		Description:  m.Description,
		Deployment:   m.Deployment,
		IsPublic:     m.IsPublic.ValueBool(),
		Key:          m.buildKey(),
		SandboxID:    m.SandboxID.ValueString(),
		HostKey:      m.HostKey.ValueString(),
	}
}

// newBuild returns the build of the wanted image. It reads the recipe from config,
// because the plan lacks write-only values.
func newBuild(ctx context.Context, s *session.Session, wanted *myGSIImageModel, config tfsdk.Config) (*build.Build, diag.Diagnostics) {
	// Read the recipe, and check that it still matches the plan.
	recipe, diags := wanted.recipe(ctx, config)
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(wanted.checkDigest(recipe)...)
	request := wanted.request()
	request.Recipe = recipe
	// Read the verification, and check that the servers accept a login.
	verification, moreDiags := wanted.verification(ctx)
	diags.Append(moreDiags...)
	request.Verification = verification
	diags.Append(checkLogin(s, wanted, recipe)...)
	// Describe the sandbox if the build creates one.
	if wanted.hasBuildBlock() {
		spec, moreDiags := wanted.buildSpec(ctx)
		diags.Append(moreDiags...)
		spec.Key = request.Key
		request.Own = &spec
		request.Keep, _, moreDiags = wanted.buildOptions(ctx)
		diags.Append(moreDiags...)
	}
	return build.New(s, request), diags
}

// checkDigest returns an error if the digest of the recipe differs from the planned
// digest.
func (m *myGSIImageModel) checkDigest(recipe *prepare.Recipe) diag.Diagnostics {
	var diags diag.Diagnostics
	if recipe == nil {
		return diags
	}
	if planned := m.PreparedDigest; tf.IsSet(planned) && planned.ValueString() != recipe.Digest {
		diags.AddAttributeError(path.Root("prepared_digest"), fmt.Sprintf("The recipe of image %q has changed since the plan", m.FriendlyName.ValueString()),
			fmt.Sprintf("The plan expects the digest %s, but the recipe now has the digest %s. Nothing was created. Plan again to build the image from the new content of the files.",
				planned.ValueString(), recipe.Digest))
	}
	return diags
}

// recordBuild sets the attributes that only a build computes: the host key and the
// digest.
func (m *myGSIImageModel) recordBuild(b *build.Build) {
	m.HostKey = tf.NullIfEmpty(b.HostKey)
	if b.Recipe != nil {
		m.PreparedDigest = types.StringValue(b.Recipe.Digest)
	}
}

// unfinishedSandbox returns the sandbox left by an unfinished build of this
// image, or nil if there is no such sandbox.
func (m *myGSIImageModel) unfinishedSandbox(ctx context.Context, s *session.Session, private tf.PrivateReader) (*client.Server, diag.Diagnostics) {
	if !m.hasBuildBlock() {
		return nil, nil
	}
	spec, diags := m.buildSpec(ctx)
	if diags.HasError() {
		return nil, diags
	}
	spec.Key = m.buildKey()
	sandbox, moreDiags := build.FindUnfinishedSandbox(ctx, s, spec, !m.ID.IsNull(), private)
	diags.Append(moreDiags...)
	return sandbox, diags
}
