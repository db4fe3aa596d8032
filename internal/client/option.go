// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"strconv"
	"strings"
)

// Option is a value of one of GoGrid's fixed lists, such as the RAM sizes, the
// server states or the datacenters. [LookupService.List] returns such a list. The
// client keeps unknown values unchanged.
type Option struct {
	ID          int64
	Name        string
	Description string
}

// Matches reports whether idOrName is the id or the name of this option. It
// ignores case, as the service does: the service accepted "round robin" from
// other clients for the option "Round Robin".
func (o Option) Matches(idOrName string) bool {
	if idOrName == "" {
		return false
	}
	return strings.EqualFold(o.Name, idOrName) || strconv.FormatInt(o.ID, 10) == idOrName
}

// IsZero reports whether the service omitted this option from its answer.
func (o Option) IsZero() bool { return o == Option{} }
