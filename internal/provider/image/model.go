// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

type myGSIImageModel struct {
	ID              types.String   `tfsdk:"id"`
	FriendlyName    types.String   `tfsdk:"friendly_name"`
	Description     types.String   `tfsdk:"description"`
	IsPublic        types.Bool     `tfsdk:"is_public"`
	SandboxID       types.String   `tfsdk:"sandbox_id"`
	RebuildTriggers types.Map      `tfsdk:"rebuild_triggers"`
	Build           types.Object   `tfsdk:"build"`
	Prepare         types.Object   `tfsdk:"prepare"`
	Verify          types.Object   `tfsdk:"verify"`
	PreparedDigest  types.String   `tfsdk:"prepared_digest"`
	PreparedFiles   types.Map      `tfsdk:"prepared_files"`
	HostKey         types.String   `tfsdk:"host_key"`
	Name            types.String   `tfsdk:"name"`
	State           types.String   `tfsdk:"state"`
	OS              types.String   `tfsdk:"os"`
	Architecture    types.String   `tfsdk:"architecture"`
	MinRAM          types.String   `tfsdk:"min_ram"`
	Location        types.String   `tfsdk:"location"`
	Datacenters     types.List     `tfsdk:"datacenters"`
	CreatedAt       types.String   `tfsdk:"created_at"`
	Deployment      types.String   `tfsdk:"deployment"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

// fill sets the attributes from an image on the grid.
func (m *myGSIImageModel) fill(image client.Image) {
	m.ID = tf.IDText(image.ID)
	m.FriendlyName = types.StringValue(image.FriendlyName)
	m.Deployment = session.DeploymentOf(m.Description, image.Description)
	m.Description = machine.DescribedAs(m.Description, image.Description)
	m.IsPublic = types.BoolValue(image.IsPublic)
	m.Name = types.StringValue(image.Name)
	m.State = types.StringValue(image.State.Name)
	m.OS = types.StringValue(image.OS.Name)
	m.Architecture = types.StringValue(image.Architecture.Name)
	m.MinRAM = types.StringValue(image.MinRAM.Name)
	m.Location = types.StringValue(image.Location)
	m.Datacenters = session.AvailableIn(image)
	m.CreatedAt = tf.TimeText(image.CreatedTime)
}

// forecast sets the attributes that a new image inherits from the image of its
// sandbox. base is that image, or nil if it is not known yet.
func (m *myGSIImageModel) forecast(base *client.Image) {
	if base != nil {
		m.OS, m.Architecture = types.StringValue(base.OS.Name), types.StringValue(base.Architecture.Name)
	}
}

// keepForecast copies planned values that GoGrid may report differently. Terraform
// rejects a create whose result differs from the plan. The next refresh may show the
// values of GoGrid.
func (m *myGSIImageModel) keepForecast(planned myGSIImageModel) {
	if tf.IsSet(planned.OS) {
		m.OS = planned.OS
	}
	if tf.IsSet(planned.Architecture) {
		m.Architecture = planned.Architecture
	}
}

// markComputedUnknown marks the state and the datacenters as unknown. They may
// change during an update, for example if GoGrid finishes a migration of the
// image.
func (m *myGSIImageModel) markComputedUnknown() {
	m.State = types.StringUnknown()
	m.Datacenters = types.ListUnknown(types.StringType)
}

// markUnfinishedUnknown marks as unknown the attributes that an interrupted
// create has not set.
func (m *myGSIImageModel) markUnfinishedUnknown() {
	m.markComputedUnknown()
	tf.UnknownIfNull(&m.ID, &m.Name, &m.OS, &m.Architecture, &m.MinRAM, &m.Location, &m.CreatedAt, &m.HostKey, &m.Deployment)
}

// gridValuesChanged reports whether the plan differs from the prior state in a value
// that the grid stores.
func (m *myGSIImageModel) gridValuesChanged(prior myGSIImageModel) bool {
	return !m.FriendlyName.Equal(prior.FriendlyName) || m.Description.ValueString() != prior.Description.ValueString() ||
		m.Description.IsUnknown() || !m.IsPublic.Equal(prior.IsPublic) || !m.Deployment.Equal(prior.Deployment)
}

// buildKey returns the digest of the inputs of the image. The ownership tag
// contains the key, so it distinguishes a rebuilt image from the image that it
// replaces, which has the same friendly name. Several images may be built from
// one base image, so with a build block the friendly name is an input too.
func (m *myGSIImageModel) buildKey() string {
	digest := sha256.New()
	digest.Write([]byte(m.SandboxID.ValueString()))
	if m.hasBuildBlock() {
		image, _ := m.Build.Attributes()["image"].(types.String)
		digest.Write([]byte("\x00build\x00" + m.FriendlyName.ValueString() + "\x00" + image.ValueString()))
	}
	if tf.IsSet(m.PreparedDigest) {
		digest.Write([]byte("\x00prepared\x00" + m.PreparedDigest.ValueString()))
	}
	triggers := m.RebuildTriggers.Elements()
	for _, key := range slices.Sorted(maps.Keys(triggers)) {
		digest.Write([]byte("\x00" + key + "\x00" + triggers[key].String()))
	}
	return hex.EncodeToString(digest.Sum(nil))[:buildKeyLength]
}

// buildKeyLength is the number of hex digits of the digest in the ownership
// tag. It is small, because the tag counts towards the description's limit of
// 500 characters.
const buildKeyLength = 12

// recipe reads the prepare block and the files that it names. It returns nil if
// there is no prepare block.
func (m *myGSIImageModel) recipe(ctx context.Context, config tfsdk.Config) (*prepare.Recipe, diag.Diagnostics) {
	if m.Prepare.IsNull() {
		return nil, nil
	}
	return prepare.Read(ctx, config)
}
