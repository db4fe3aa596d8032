// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

type storageChannelModel struct {
	ID              types.String `tfsdk:"id"`
	Name            types.String `tfsdk:"name"`
	Release         types.String `tfsdk:"release"`
	Archive         types.String `tfsdk:"archive"`
	SHA256          types.String `tfsdk:"sha256"`
	Path            types.String `tfsdk:"path"`
	PreviousRelease types.String `tfsdk:"previous_release"`
	PreviousArchive types.String `tfsdk:"previous_archive"`
	PreviousSHA256  types.String `tfsdk:"previous_sha256"`
	UpdatedAt       types.String `tfsdk:"updated_at"`
	UpdatedBy       types.String `tfsdk:"updated_by"`
}

// what returns the channel's name in messages.
func (m *storageChannelModel) what() string {
	return fmt.Sprintf("the channel %q", m.Name.ValueString())
}

// file returns the path of the pointer on Cloud Storage.
func (m *storageChannelModel) file() string { return startup.ChannelFile(m.Name.ValueString()) }

// locate sets the id and the path, which depend only on the name. If the name
// is unknown, the path is unknown too.
func (m *storageChannelModel) locate() {
	m.ID, m.Path = m.Name, types.StringUnknown()
	if tf.IsSet(m.Name) {
		m.Path = types.StringValue(m.file())
	}
}

// pointer returns the pointer to the release that servers of the channel load.
func (m *storageChannelModel) pointer() startup.Pointer {
	return startup.Pointer{Release: m.Release.ValueString(), Archive: m.Archive.ValueString(), SHA256: m.SHA256.ValueString()}
}

// known returns the pointer that the state describes.
func (m *storageChannelModel) known() startup.Pointer {
	p := m.pointer()
	p.PreviousRelease, p.PreviousArchive, p.PreviousSHA256 = m.PreviousRelease.ValueString(), m.PreviousArchive.ValueString(), m.PreviousSHA256.ValueString()
	p.UpdatedAt, p.UpdatedBy = m.UpdatedAt.ValueString(), m.UpdatedBy.ValueString()
	return p
}

// sameRelease reports whether two models name the same release, archive and
// digest. An unknown value equals only another unknown value.
func (m *storageChannelModel) sameRelease(other storageChannelModel) bool {
	return m.Release.Equal(other.Release) && m.Archive.Equal(other.Archive) && m.SHA256.Equal(other.SHA256)
}

// fill copies a pointer into the model.
func (m *storageChannelModel) fill(p startup.Pointer) {
	m.locate()
	m.setRelease(p)
	m.PreviousRelease, m.PreviousArchive, m.PreviousSHA256 = tf.NullIfEmpty(p.PreviousRelease), tf.NullIfEmpty(p.PreviousArchive), tf.NullIfEmpty(p.PreviousSHA256)
	m.UpdatedAt, m.UpdatedBy = tf.NullIfEmpty(p.UpdatedAt), types.StringValue(p.UpdatedBy)
}

// setRelease copies the release of a pointer into the model. The empty pointer
// makes the values null.
func (m *storageChannelModel) setRelease(p startup.Pointer) {
	m.Release, m.Archive, m.SHA256 = tf.NullIfEmpty(p.Release), tf.NullIfEmpty(p.Archive), tf.NullIfEmpty(p.SHA256)
}
