// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package allocation

import (
	"fmt"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// Blocks describes the public or private blocks that contain the given
// addresses, for example "10.110.0.0/28 (US-West-1)". The blocks are in the
// order of the addresses.
func Blocks(ips []client.IP, public bool) []string {
	var blocks []string
	for _, ip := range ips {
		if ip.Public != public {
			continue
		}
		text := ip.Subnet
		if prefix, err := ip.Prefix(); err == nil {
			text = prefix.String()
		}
		text = fmt.Sprintf("%s (%s)", text, ip.Datacenter.Name)
		if !slices.Contains(blocks, text) {
			blocks = append(blocks, text)
		}
	}
	return blocks
}
