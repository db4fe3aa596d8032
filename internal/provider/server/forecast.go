// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// forecast sets the unknown attributes of a new machine that the plan has looked up.
func (m *machineModel) forecast(known machine.Forecast) {
	if known.Image != nil {
		m.ImageID, m.OS = tf.IDText(known.Image.ID), types.StringValue(known.Image.OS.Name)
	}
	if known.Datacenter != nil && m.Datacenter.IsUnknown() {
		m.Datacenter = types.StringValue(known.Datacenter.Name)
	}
}

// forecast also sets the attributes that only servers have. No restart of a new server
// is recorded.
func (m *serverModel) forecast(known machine.Forecast) {
	m.machineModel.forecast(known)
	m.RestartedAt = types.StringNull()
	if known.PublicIP != nil {
		m.Subnet = session.CIDR(*known.PublicIP)
	}
}

// keepForecast keeps planned values that the grid may show differently. Terraform
// would reject them in the result of an apply, but the next refresh may show them.
func (m *machineModel) keepForecast(planned machineObject) {
	if os := planned.shared().OS; tf.IsSet(os) {
		m.OS = os
	}
}

// keepForecast also keeps the disk size, which a change of the RAM size leaves alone.
func (m *serverModel) keepForecast(planned machineObject) {
	m.machineModel.keepForecast(planned)
	if size := planned.(*serverModel).DiskSizeMB; tf.IsSet(size) {
		m.DiskSizeMB = size
	}
}
