// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os/exec"
	"testing"
)

// python is Debian's own interpreter, the only interpreter that finds the
// package python3-libcloud.
const python = "/usr/bin/python3"

// TestLibcloudTakesTheGridForTheRealService runs Apache Libcloud's drivers for
// the real service. The drivers save images of ordinary servers, which requires
// the direct era.
func TestLibcloudTakesTheGridForTheRealService(t *testing.T) {
	t.Parallel()
	probe := exec.CommandContext(t.Context(), python, "-c", "import libcloud.compute.drivers.gogrid")
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("needs Debian's python3-libcloud (apt-get install python3-libcloud): %v: %s", err, out)
	}
	for name, flags := range map[string][]string{"HTTP": nil, "HTTPS": {"--tls"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := launch(t, append([]string{"--admin", "--era", "direct", "--speed", "1"}, flags...)...)
			session := exec.CommandContext(t.Context(), python, "testdata/libcloud_session.py", sim.ready)
			out, err := session.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Logf("%s", out)
		})
	}
}
