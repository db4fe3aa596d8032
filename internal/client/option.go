// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strconv"
	"strings"
)

// Option is GoGrid's pair of id and name: a value out of a fixed list such as
// the RAM sizes, the server states or the datacenters. [LookupService.List]
// gives such lists. A value the client does not know is kept as it came.
type Option struct {
	ID          int64
	Name        string
	Description string
}

// Matches reports whether idOrName means this option. Names are compared without
// regard to case, as the service does: other clients sent "round robin" for the
// option "Round Robin" and it worked.
func (o Option) Matches(idOrName string) bool {
	if idOrName == "" {
		return false
	}
	return strings.EqualFold(o.Name, idOrName) || strconv.FormatInt(o.ID, 10) == idOrName
}

// IsZero reports whether the service left this option out of its answer.
func (o Option) IsZero() bool { return o == Option{} }
