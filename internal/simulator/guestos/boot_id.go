// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"crypto/sha256"
	"fmt"
)

// bootIDFile holds the id of the current boot, as on a real Linux. In a guest it is an
// ordinary file on the disk. Each boot replaces the file before the guest answers.
const bootIDFile = "/proc/sys/kernel/random/boot_id"

// writeBootID writes the id of the current boot. The id is derived from the start
// time, because no two boots of a server begin at the same time.
func (g *guest) writeBootID(sys *runningSystem) error {
	s := g.server()
	id := sha256.Sum256(fmt.Appendf(nil, "%x/%d/%d/%d", s.HostKeySeed, s.ID, sys.boots, sys.due.UnixNano()))
	return replaceFile(g.disk, bootIDFile, fmt.Sprintf("%x-%x-%x-%x-%x\n", id[:4], id[4:6], id[6:8], id[8:10], id[10:16]), 0o444)
}
