// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"io"
	"strings"
	"testing"
)

// TestCommandsThatRestart checks which commands Restarts recognizes.
func TestCommandsThatRestart(t *testing.T) {
	t.Parallel()
	for want, commands := range map[bool][]string{
		true: {
			"reboot", "sudo /sbin/reboot -f", "yum -y update && reboot", "sleep 5; reboot &", "(sleep 5; reboot) &", "if true; then reboot; fi",
			"shutdown -r now", "/sbin/shutdown -t 3 -r +1", "shutdown --reboot", "init 6", "telinit 6", "systemctl reboot", "systemctl --no-block reboot",
			"shutdown /r /t 0", "shutdown.exe -r -f -t 0", "C:\\Windows\\System32\\shutdown.exe /r", "Restart-Computer", "restart-computer -Force", "true; Restart-Computer -Force",
			"cmd.exe /c shutdown /g",
		},
		false: {
			"true", "echo reboot", "echo 'then; reboot'", "# reboot", "yum -y install reboot-tools", "grep -q reboot /etc/motd", "shutdown -h now", "shutdown -c",
			"init 3", "systemctl restart httpd", "Restart-Service W3SVC", "cat > /etc/cron.d/x <<EOF\nreboot\nEOF", "rebootd --check", "shutdown /s /t 0", "/etc/init.d/reboot-notify start",
		},
	} {
		for _, command := range commands {
			if got := (Step{Command: command}).Restarts(); got != want {
				t.Errorf("Restarts of %q is %t, want %t", command, got, want)
			}
		}
	}
	script := Step{Script: &File{Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("#!/bin/sh\ntrue\nreboot\n")), nil
	}}}
	if !script.Restarts() {
		t.Error("Restarts is false for a script that runs reboot")
	}
	if (Step{Restart: true}).Restarts() {
		t.Error("Restarts is true for a restart step")
	}
}
