// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/guest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Environment variables with the location of Cloud Storage. They apply to a
// cloud_storage block without a location. The command "gogrid-simulator run"
// sets them.
const (
	storageProtocolVariable = "GOGRID_CLOUD_STORAGE_PROTOCOL"
	storageHostVariable     = "GOGRID_CLOUD_STORAGE_HOST"
	storagePortVariable     = "GOGRID_CLOUD_STORAGE_PORT"
	storageHostKeyVariable  = "GOGRID_CLOUD_STORAGE_HOST_KEY"
)

// saysWhere reports whether a block sets any part of the location of Cloud
// Storage. The parts belong together: the host key of one server is wrong for
// another.
func (m cloudStorageModel) saysWhere() bool {
	for _, value := range []attr.Value{m.Protocol, m.Host, m.Port, m.HostKey, m.Bastion} {
		if !value.IsNull() {
			return true
		}
	}
	return false
}

// takeEnvironment sets the location of Cloud Storage from the environment if
// the block sets no part of it.
func (m *cloudStorageModel) takeEnvironment(getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.saysWhere() {
		return diags
	}
	at := path.Root("cloud_storage")
	invalid := func(attribute, variable, rule string) {
		diags.AddAttributeError(at.AtName(attribute), "Invalid "+variable, fmt.Sprintf("The environment variable %s is %q; it must be %s.", variable, getenv(variable), rule))
	}
	if protocol := getenv(storageProtocolVariable); protocol != "" {
		if protocol != string(storage.SMB) && protocol != string(storage.SFTP) {
			invalid("protocol", storageProtocolVariable, fmt.Sprintf("%q or %q", storage.SMB, storage.SFTP))
		}
		m.Protocol = types.StringValue(protocol)
	}
	if host := getenv(storageHostVariable); host != "" {
		m.Host = types.StringValue(host)
	}
	if text := getenv(storagePortVariable); text != "" {
		port, err := strconv.ParseInt(text, 10, 64)
		if err != nil || port < 1 || port > 65535 {
			invalid("port", storagePortVariable, "a port from 1 to 65535")
		}
		m.Port = types.Int64Value(port)
	}
	if key := getenv(storageHostKeyVariable); key != "" {
		if err := guest.CheckHostKey(key); err != nil {
			invalid("host_key", storageHostKeyVariable, "a host key: "+err.Error())
		}
		m.HostKey = types.StringValue(key)
	}
	return diags
}
