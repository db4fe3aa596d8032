// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// setsLocation reports whether the block sets any part of the location of Cloud
// Storage.
func (m CloudStorageModel) setsLocation() bool {
	for _, value := range []attr.Value{m.Protocol, m.Host, m.Port, m.HostKey, m.Bastion} {
		if !value.IsNull() {
			return true
		}
	}
	return false
}

// TakeEnvironment sets the location of Cloud Storage from environment variables
// if the block sets no part of it. It returns an error for each invalid variable.
func (m *CloudStorageModel) TakeEnvironment(getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.setsLocation() {
		return diags
	}
	at, invalid := storage.LocationOf(getenv)
	for _, err := range invalid {
		diags.AddAttributeError(path.Root("cloud_storage").AtName(err.Part), "Invalid "+err.Variable, tf.Sentence(err.Error()))
	}
	m.Protocol, m.Host, m.HostKey = tf.NullIfEmpty(string(at.Protocol)), tf.NullIfEmpty(at.Host), tf.NullIfEmpty(at.HostKey)
	if at.Port != 0 {
		m.Port = types.Int64Value(int64(at.Port))
	}
	return diags
}
