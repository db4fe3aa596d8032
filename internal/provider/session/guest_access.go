// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// Names of environment variables that describe how to reach the servers of a grid. The
// command "gogrid-simulator run" sets both.
const (
	SSHPortVariable = "GOGRID_SSH_PORT"
	SpeedVariable   = "GOGRID_SPEED"
)

// NoLogin is the value of SSHPortVariable on a grid whose servers do not boot.
const NoLogin = "none"

// minGuestLimit is the shortest time limit for a server to answer on a fast
// grid. It is in real time, because programs on the simulated server run in
// real time.
const minGuestLimit = time.Minute

// GuestAccess describes how to reach the servers of a grid. The zero value
// describes GoGrid: SSH on the standard port, and time limits in real time.
type GuestAccess struct {
	SSHPort int     // default of connection.port over SSH; 0 means the standard port
	Closed  bool    // the servers accept no login
	Speed   float64 // grid seconds per real second; 0 means 1
}

// MaxSpeed is the highest speed that the environment may set.
const MaxSpeed = 1_000_000

// Limit converts a configured time limit, which is in grid time, to the real
// time to wait for a server to answer. It returns at most limit, and at least
// minGuestLimit unless limit is shorter.
func (a GuestAccess) Limit(limit time.Duration) time.Duration {
	if a.Speed <= 1 {
		return limit
	}
	return min(limit, max(time.Duration(float64(limit)/a.Speed), minGuestLimit))
}

// Reach sets the SSH port of a target if the configuration does not set a port.
func (a GuestAccess) Reach(target communicator.Target) communicator.Target {
	if target.Protocol == communicator.SSH && target.Port == 0 {
		target.Port = a.SSHPort
	}
	return target
}

// Check returns an error on the attribute at if a login cannot work because the
// servers of the grid do not boot. what is the verb phrase that completes
// "Cannot ".
func (a GuestAccess) Check(at path.Path, what string) diag.Diagnostics {
	if !a.Closed {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Cannot "+what+": no server of this grid answers a login",
		fmt.Sprintf("The environment variable %s is %q: the simulated grid runs without --guests, so its servers do not boot. Nothing was changed. "+
			"On Linux, run gogrid-simulator with --guests. If the servers of the grid do accept logins, set %s to their SSH port.", SSHPortVariable, NoLogin, SSHPortVariable))}
}
