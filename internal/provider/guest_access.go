// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/guest"
)

// Environment variables that describe how the servers of a grid are reached.
// The command "gogrid-simulator run" sets both.
const (
	sshPortVariable = "GOGRID_SSH_PORT"
	speedVariable   = "GOGRID_SPEED"
)

// noLogin is the value of sshPortVariable on a grid whose servers do not boot.
const noLogin = "none"

// minGuestLimit is the shortest limit that a fast grid gives a wait for a
// server to answer: programs on the server run at the machine's own pace.
const minGuestLimit = time.Minute

// guestAccess is how the servers of a grid are reached. The zero value suits
// GoGrid: SSH on its own port, and time limits in real time.
type guestAccess struct {
	sshPort int     // default of connection.port over SSH; 0 is SSH's own port
	closed  bool    // the servers answer no login
	speed   float64 // grid seconds per real second; 0 is 1
}

// guestAccess reads the environment.
func (p *gogridProvider) guestAccess(diags *diag.Diagnostics) guestAccess {
	var access guestAccess
	switch text := p.getenv(sshPortVariable); text {
	case "":
	case noLogin:
		access.closed = true
	default:
		port, err := strconv.Atoi(text)
		if err != nil || port < 1 || port > 65535 {
			diags.AddError("Invalid "+sshPortVariable,
				fmt.Sprintf("The environment variable %s is %q; it must be a port from 1 to 65535, or %q if servers answer no login.", sshPortVariable, text, noLogin))
		}
		access.sshPort = port
	}
	if text := p.getenv(speedVariable); text != "" {
		speed, err := strconv.ParseFloat(text, 64)
		if err != nil || !(speed > 0) || speed > maxSpeed {
			diags.AddError("Invalid "+speedVariable,
				fmt.Sprintf("The environment variable %s is %q; it must be a number above 0 and at most %d: the seconds that pass on the grid in one real second.", speedVariable, text, maxSpeed))
		}
		access.speed = speed
	}
	return access
}

// maxSpeed is the highest speed that is accepted from the environment.
const maxSpeed = 1_000_000

// limit returns how long to wait in real time for a server to answer, where the
// configuration gives the limit in the grid's time. It is never longer than the
// limit itself, and a faster grid shortens it to minGuestLimit at most.
func (a guestAccess) limit(limit time.Duration) time.Duration {
	if a.speed <= 1 {
		return limit
	}
	return min(limit, max(time.Duration(float64(limit)/a.speed), minGuestLimit))
}

// reach completes a target with the port that servers answer on, if the
// configuration names none.
func (a guestAccess) reach(target guest.Target) guest.Target {
	if target.Protocol == guest.SSH && target.Port == 0 {
		target.Port = a.sshPort
	}
	return target
}

// check returns an error for a login that cannot work, because the servers of
// the grid do not boot.
func (a guestAccess) check(at path.Path, what string) diag.Diagnostics {
	if !a.closed {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Cannot "+what+": no server of this grid answers a login",
		fmt.Sprintf("The environment variable %s is %q: the simulated grid runs without --guests, so its servers do not boot. Nothing was changed. "+
			"On Linux, run gogrid-simulator with --guests. For a grid whose servers do answer, set %s to their SSH port.", sshPortVariable, noLogin, sshPortVariable))}
}

// orderOf is what a server is to do, with the time limit of its health check as
// this grid needs it.
func (s *session) orderOf(m deployModel) deploy.Order {
	order := m.order()
	order.Health.Timeout = s.guests.limit(order.Health.Timeout)
	return order
}

// checkLogin returns an error if an image must be prepared or verified over a
// login, and the servers of the grid answer none.
func (s *session) checkLogin(m *myGSIImageModel, recipe *recipe) diag.Diagnostics {
	switch {
	case recipe != nil && !recipe.manual:
		return s.guests.check(path.Root("prepare"), fmt.Sprintf("prepare image %q", m.FriendlyName.ValueString()))
	case isSet(m.Verify):
		return s.guests.check(path.Root("verify"), fmt.Sprintf("verify image %q", m.FriendlyName.ValueString()))
	default:
		return nil
	}
}
