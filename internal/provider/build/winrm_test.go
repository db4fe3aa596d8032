// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// windowsSandbox starts a WinRM server at the address of a sandbox, because
// simulated servers do not run Windows.
func windowsSandbox(t *testing.T, run func(winrmtest.Program) int) *winrmtest.Server {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("listens on 127.20.0.2, which is a local address on Linux only")
	}
	return winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Listen = "127.20.0.2"
		s.Run = func(_ context.Context, program winrmtest.Program) int { return run(program) }
	})
}

// onWindows returns the configuration of an image that is built over WinRM.
func onWindows(server *winrmtest.Server, connection acctest.Attributes) acctest.Attributes {
	return providertest.PreparedImage(acctest.Attributes{
		"connection": acctest.Attributes{"type": "winrm", "port": server.Port, "insecure": true, "password_wo": winrmtest.Password}.With(connection),
		"files":      []any{acctest.Attributes{"content": "hello\r\n", "destination": `C:\app\app.config`}},
		"commands":   []any{"Install-WindowsFeature Web-Server"},
	}).With(acctest.Attributes{"build": acctest.Attributes{"image": "win2k8r2_64_base", "public_ip": "127.20.0.2"}})
}

// TestBuildOverWinRM checks that a build prepares a Windows sandbox.
func TestBuildOverWinRM(t *testing.T) {
	t.Parallel()
	var scripts []string
	server := windowsSandbox(t, func(program winrmtest.Program) int {
		scripts = append(scripts, program.Script)
		return 0
	})
	grid := acctest.NewQuickGrid(t)
	image := grid.Manage(t, providertest.ImageType)
	config := onWindows(server, nil)
	image.Apply(config).WantNone(t)
	providertest.WantLeft(t, grid, 0, 1)
	if content, _ := server.File(`C:\app\app.config`); content != "hello\r\n" {
		t.Errorf("the file holds %q; files: %q", content, server.Files())
	}
	if len(scripts) != 1 || !strings.HasPrefix(scripts[0], "Install-WindowsFeature Web-Server") {
		t.Errorf("PowerShell ran %q", scripts)
	}
	if image.Get("host_key") != nil {
		t.Errorf("the host key is %v; WinRM has none", image.Get("host_key"))
	}
	providertest.WantNoOp(t, grid, image.Object, config)
}

// TestRestartOverWinRM checks that a restart step restarts a Windows sandbox, and that
// the provider recognizes a command that restarts the sandbox.
func TestRestartOverWinRM(t *testing.T) {
	t.Parallel()
	var server *winrmtest.Server
	bootOf := map[string]int{}
	server = windowsSandbox(t, func(program winrmtest.Program) int {
		bootOf[program.Script] = server.Boots()
		switch {
		case strings.Contains(program.Script, "services.exe"):
			_, _ = fmt.Fprintln(program.Stdout, "services.exe 500", server.Boots())
		case strings.HasPrefix(program.Script, "shutdown.exe /r"), strings.HasPrefix(program.Script, "Restart-Computer"):
			server.Restart(2)
		}
		return 0
	})
	grid := acctest.NewQuickGrid(t)
	config := onWindows(server, nil)
	steps := []any{command("Install-WindowsFeature Web-Server"), restartStep, command("Get-WindowsFeature Web-Server")}
	grid.Manage(t, providertest.ImageType).Apply(providertest.WithPrepare(config, acctest.Attributes{"commands": nil, "steps": steps}, nil)).WantNone(t)
	providertest.WantLeft(t, grid, 0, 1)
	if before, after := bootOf["Install-WindowsFeature Web-Server"], bootOf["Get-WindowsFeature Web-Server"]; before != 0 || after != 1 {
		t.Errorf("the commands ran in boots %d and %d, want 0 and 1", before, after)
	}

	config = providertest.WithPrepare(config, acctest.Attributes{"commands": []any{"Restart-Computer -Force"}}, nil).With(acctest.Attributes{"friendly_name": "other"})
	providertest.PlanImage(t, grid, config).Diagnostics.WantWarning(t, "prepare.commands[0]", "A command restarts the server")
	grid.Manage(t, providertest.ImageType).Apply(config).
		WantError(t, "prepare.commands[0]", `commands\[0\] restarts the server`, `\{ restart = true \}`, "was deleted")
	providertest.WantLeft(t, grid, 0, 1)
}

// TestBuildOverWinRMFails checks that a failed build reports the cause and leaves
// no object on the grid.
func TestBuildOverWinRMFails(t *testing.T) {
	t.Parallel()
	server := windowsSandbox(t, func(program winrmtest.Program) int {
		_, _ = fmt.Fprintln(program.Stderr, "no such feature, "+winrmtest.Password)
		return 5
	})
	for name, tc := range map[string]struct {
		connection acctest.Attributes
		attribute  string
		patterns   []string
	}{
		"a command fails":    {nil, "prepare.commands[0]", []string{"Install-WindowsFeature", "ended with code 5", `no such feature, \(secret\)`}},
		"a certificate":      {acctest.Attributes{"insecure": nil}, "prepare.connection", []string{"certificate is not trusted"}},
		"the wrong password": {acctest.Attributes{"password_wo": "canary-wrong", "timeout": "10s"}, "prepare.connection", []string{"Administrator@127.20.0.2:.* rejected the login"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			image := grid.Manage(t, providertest.ImageType)
			diagnostics := image.Apply(onWindows(server, tc.connection))
			diagnostics.WantError(t, tc.attribute, append(tc.patterns, "was deleted")...)
			for _, secret := range []string{winrmtest.Password, "canary-wrong"} {
				if strings.Contains(diagnostics.String(), secret) {
					t.Errorf("the diagnostics show a password:\n%s", diagnostics)
				}
			}
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}
