// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"os"
	"strings"
	"testing"
)

// TestSSHDBootID checks that BootID reads the boot id of the kernel over OpenSSH. No
// test restarts a real system.
func TestSSHDBootID(t *testing.T) {
	t.Parallel()
	session := startSSHD(t).connect(t)
	defer func() { _ = session.Close() }()
	want, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Skipf("this kernel has no boot id: %v", err)
	}
	if id, err := session.BootID(t.Context()); err != nil || id != strings.TrimSpace(string(want)) {
		t.Errorf("the boot id is %q, error: %v; want %q", id, err, want)
	}
}
