// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// ReadGuestAccess reads SSHPortVariable and SpeedVariable from the environment.
// Invalid values go to diags.
func ReadGuestAccess(getenv func(string) string, diags *diag.Diagnostics) GuestAccess {
	var access GuestAccess
	switch text := getenv(SSHPortVariable); text {
	case "":
	case NoLogin:
		access.Closed = true
	default:
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			diags.AddError("Invalid "+SSHPortVariable,
				fmt.Sprintf("The environment variable %s is %q; it must be a port from 1 to 65535, or %q if servers answer no login.", SSHPortVariable, text, NoLogin))
		}
		access.SSHPort = port
	}
	if text := getenv(SpeedVariable); text != "" {
		speed, err := strconv.ParseFloat(text, 64)
		if err != nil || !(speed > 0) || speed > MaxSpeed {
			diags.AddError("Invalid "+SpeedVariable,
				fmt.Sprintf("The environment variable %s is %q; it must be a number above 0 and at most %d: the seconds that pass on the grid in one real second.", SpeedVariable, text, MaxSpeed))
		}
		access.Speed = speed
	}
	return access
}
