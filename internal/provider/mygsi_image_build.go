// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

const (
	// defaultMaxDuration bounds a build, from the start of its sandbox until
	// the image is available. Users reported 30 to 45 minutes.
	defaultMaxDuration = 2 * time.Hour
)

// verification is what the verify block asks for.
type verification struct {
	commands []string
	ram      string        // empty: the least that the image needs
	timeout  time.Duration // until the login must have worked, from when GoGrid shows "On"
}

// builds tells whether the image is made in a sandbox of its own.
func (m *myGSIImageModel) builds() bool { return !m.Build.IsNull() }

// buildBlock reads the build block. One that is not there, or not known yet,
// is empty.
func (m *myGSIImageModel) buildBlock(ctx context.Context) (buildModel, diag.Diagnostics) {
	var block buildModel
	diags := readBlock(ctx, m.Build, &block)
	return block, diags
}

// buildSpec is the sandbox to build in.
func (m *myGSIImageModel) buildSpec(ctx context.Context) (machineSpec, diag.Diagnostics) {
	block, diags := m.buildBlock(ctx)
	return machineSpec{
		Sandbox:     true,
		Name:        buildName(m.buildKey()),
		Image:       block.Image.ValueString(),
		Description: buildDescription(m.FriendlyName.ValueString()),
		PublicIP:    block.PublicIP.ValueString(),
		Datacenter:  block.Datacenter.ValueString(),
		At:          path.Root("build"),
	}, diags
}

// buildOptions are whether the sandbox stays when the build fails, and how
// long the build may take.
func (m *myGSIImageModel) buildOptions(ctx context.Context) (bool, time.Duration, diag.Diagnostics) {
	block, diags := m.buildBlock(ctx)
	return block.KeepSandboxOnFailure.ValueBool(), durationOr(block.MaxDuration, defaultMaxDuration), diags
}

// verification reads the verify block; nil where there is none.
func (m *myGSIImageModel) verification(ctx context.Context) (*verification, diag.Diagnostics) {
	if !isSet(m.Verify) {
		return nil, nil
	}
	var block verifyModel
	diags := readBlock(ctx, m.Verify, &block)
	commands, more := texts(ctx, block.Commands)
	diags.Append(more...)
	return &verification{commands: commands, ram: block.RAM.ValueString(), timeout: durationOr(block.Timeout, defaultLoginTimeout)}, diags
}

// createLimit is how long a creation may take: what timeouts says; else the
// build's own limit, and where the image is verified the time that a server
// takes on top of it.
func (m *myGSIImageModel) createLimit(ctx context.Context) (time.Duration, diag.Diagnostics) {
	limit := defaultSaveTimeout
	var diags diag.Diagnostics
	switch {
	case m.builds():
		_, limit, diags = m.buildOptions(ctx)
	case !m.Prepare.IsNull():
		limit = defaultMaxDuration
	}
	verification, more := m.verification(ctx)
	diags.Append(more...)
	if verification != nil {
		limit += defaultCreateTimeout + verification.timeout
	}
	limit, more = m.Timeouts.Create(ctx, limit)
	diags.Append(more...)
	return limit, diags
}
