// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"crypto/sha256"
	"fmt"
)

// bootIDFile shows the id of the current boot, as on a real Linux. It is an ordinary
// file on the guest's disk, which each boot replaces before the guest answers.
const bootIDFile = "/proc/sys/kernel/random/boot_id"

// writeBootID writes the id of a boot. No two boots of a server begin at the same
// time, so each boot has another id.
func (g *guest) writeBootID(sys *runningSystem) error {
	s := g.server()
	id := sha256.Sum256(fmt.Appendf(nil, "%x/%d/%d/%d", s.HostKeySeed, s.ID, sys.boots, sys.due.UnixNano()))
	return replaceFile(g.disk, bootIDFile, fmt.Sprintf("%x-%x-%x-%x-%x\n", id[:4], id[4:6], id[6:8], id[8:10], id[10:16]), 0o444)
}
