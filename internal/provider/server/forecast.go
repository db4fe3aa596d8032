// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// forecast sets the unknown attributes of a new machine whose values the plan has
// looked up.
func (m *machineModel) forecast(known machine.Forecast) {
	if known.Image != nil {
		m.ImageID, m.OS = tf.IDText(known.Image.ID), types.StringValue(known.Image.OS.Name)
	}
	if known.Datacenter != nil && m.Datacenter.IsUnknown() {
		m.Datacenter = types.StringValue(known.Datacenter.Name)
	}
}

// forecast also sets the attributes that only servers have. RestartedAt is null,
// because a new server has not been restarted.
func (m *serverModel) forecast(known machine.Forecast) {
	m.machineModel.forecast(known)
	m.RestartedAt = types.StringNull()
	if known.PublicIP != nil {
		m.Subnet = session.CIDR(*known.PublicIP)
	}
}

// keepForecast copies planned values that GoGrid may report differently. Terraform
// rejects an apply whose result differs from the plan. The next refresh may show the
// values of GoGrid.
func (m *machineModel) keepForecast(planned machineObject) {
	if os := planned.shared().OS; tf.IsSet(os) {
		m.OS = os
	}
}

// keepForecast also copies the disk size, which a change of the RAM size does not
// affect.
func (m *serverModel) keepForecast(planned machineObject) {
	m.machineModel.keepForecast(planned)
	if size := planned.(*serverModel).DiskSizeMB; tf.IsSet(size) {
		m.DiskSizeMB = size
	}
}
