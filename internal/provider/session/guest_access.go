// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// Environment variables that describe how to reach the servers of a grid. The
// command "gogrid-simulator run" sets both.
const (
	sshPortVariable = "GOGRID_SSH_PORT"
	speedVariable   = "GOGRID_SPEED"
)

// noLogin is the value of sshPortVariable on a grid whose servers do not boot.
const noLogin = "none"

// minGuestLimit is the shortest time limit for a server to answer on a fast
// grid, because programs on the server run at the machine's own pace.
const minGuestLimit = time.Minute

// guestAccess describes how to reach the servers of a grid. The zero value
// describes GoGrid: SSH on its standard port, and time limits in real time.
type guestAccess struct {
	sshPort int     // default of connection.port over SSH; 0 means the standard port
	closed  bool    // the servers accept no login
	speed   float64 // grid seconds per real second; 0 means 1
}

// maxSpeed is the highest speed that the environment may set.
const maxSpeed = 1_000_000

// limit converts a time limit of the configuration, which is in grid time, to
// the real time to wait for a server to answer. It returns at least
// minGuestLimit, unless limit itself is shorter, and at most limit.
func (a guestAccess) limit(limit time.Duration) time.Duration {
	if a.speed <= 1 {
		return limit
	}
	return min(limit, max(time.Duration(float64(limit)/a.speed), minGuestLimit))
}

// reach sets the SSH port of a target if the configuration names none.
func (a guestAccess) reach(target communicator.Target) communicator.Target {
	if target.Protocol == communicator.SSH && target.Port == 0 {
		target.Port = a.sshPort
	}
	return target
}

// check returns an error if a login cannot work because the servers of the grid
// do not boot.
func (a guestAccess) check(at path.Path, what string) diag.Diagnostics {
	if !a.closed {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Cannot "+what+": no server of this grid answers a login",
		fmt.Sprintf("The environment variable %s is %q: the simulated grid runs without --guests, so its servers do not boot. Nothing was changed. "+
			"On Linux, run gogrid-simulator with --guests. For a grid whose servers do answer, set %s to their SSH port.", sshPortVariable, noLogin, sshPortVariable))}
}
