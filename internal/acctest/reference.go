// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import "github.com/hashicorp/terraform-plugin-go/tftypes"

// Reference returns the value of a reference to the whole resource.
func (o Object) Reference() tftypes.Value { return o.state }
