// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	_ "embed"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// The fixed parts of the Windows script, and the Windows installer.
var (
	//go:embed windows/startup.cmd
	windowsStartup string
	//go:embed windows/install.ps1
	windowsInstaller string
	//go:embed windows/deploy.ps1
	windowsDeploy string
)

// Paths on a Windows server. The paths contain no spaces, so the command that
// schedules the script needs no quoting.
const (
	windowsScriptPath    = `C:\gogrid\startup.cmd`
	windowsInstallerPath = `C:\gogrid\install.ps1`
	windowsDrivePath     = `C:\gogrid\drive.cmd`
	windowsExtraPath     = `C:\gogrid\extra.cmd`
	windowsHostMapPath   = `C:\gogrid\hosts.json`
)

// windowsBootCommand works in both cmd and PowerShell. It uses the task
// scheduler, because the RunOnce registry key would run the script only after a
// logon.
const windowsBootCommand = `schtasks /create /tn "gogrid-startup" /tr "` + windowsScriptPath + `" /sc onstart /ru "SYSTEM" /rl HIGHEST /f`

func renderWindows(c Config) (Rendered, error) {
	script, err := windowsScript(c)
	if err != nil {
		return Rendered{}, err
	}
	installer := windowsLines(windowsInstaller + windowsDeploy)
	r := Rendered{
		Script: script, ScriptPath: windowsScriptPath,
		Installer: installer, InstallerPath: windowsInstallerPath,
		BootCommand: windowsBootCommand,
		Files: []File{
			{Path: windowsScriptPath, Content: script, Mode: "0755"},
			{Path: windowsInstallerPath, Content: installer, Mode: "0755"},
		},
	}
	if c.Storage.DriveLetter != "" {
		drive, err := windowsDrive(c)
		if err != nil {
			return Rendered{}, err
		}
		r.Files = append(r.Files, File{Path: windowsDrivePath, Content: drive, Mode: "0755"})
	}
	if c.Network.HostMap != "" {
		r.Files = append(r.Files, File{Path: windowsHostMapPath, Content: c.Network.HostMap, Mode: "0644"})
	}
	if c.Extra != "" {
		r.Files = append(r.Files, File{Path: windowsExtraPath, Content: windowsLines(c.Extra), Mode: "0755"})
	}
	return r, nil
}

// windowsLines ends every line with CR LF. With LF alone, cmd does not find every
// label.
func windowsLines(text string) string {
	return strings.ReplaceAll(unixLines(text), "\n", "\r\n")
}

// cmdScript builds the part of a cmd script that differs between servers.
type cmdScript struct {
	strings.Builder
	problems problems
}

func (s *cmdScript) line(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

func (s *cmdScript) set(name, value string, path ...any) {
	line, err := cmdSet(name, value)
	s.problems.add(err, path...)
	fmt.Fprintln(s, line)
}

func (s *cmdScript) header(purpose string) {
	s.line("@echo off")
	// Delayed expansion would give exclamation marks in values a special
	// meaning.
	s.line("setlocal DisableDelayedExpansion")
	s.line("rem %s", purpose)
	s.line("rem It was rendered: change the configuration instead.")
}

func (s *cmdScript) storage(c Config) {
	s.set("GOGRID_HOST", c.Storage.Host, attrStorage, "host")
	s.set("GOGRID_SHARE", c.Storage.Share, attrStorage, "share")
	s.set("GOGRID_USERNAME", c.Storage.Username, attrStorage, "username")
	s.set("GOGRID_PASSWORD_FILE", c.Storage.PasswordFile, attrStorage, attrPasswordFile)
}

func windowsScript(c Config) (string, error) {
	var s cmdScript
	s.header("Loads the release of a channel from Cloud Storage. It runs at every boot and may be run at any time.")
	s.set("GOGRID_MODE", string(c.Network.Mode), attrNetwork, "mode")
	s.set("GOGRID_ADAPTER", c.Network.Adapter, attrNetwork, "adapter")
	address, mask := "", ""
	if p := c.Network.Provisional; p.IsValid() {
		address, mask = p.Addr().String(), dottedMask(p)
	}
	s.set("GOGRID_PROVISIONAL", address)
	s.set("GOGRID_PROVISIONAL_MASK", mask)
	s.storage(c)
	s.set("GOGRID_CHANNEL", c.Channel, "channel")
	for i, certificate := range c.Certificates {
		s.set(fmt.Sprintf("GOGRID_CERTIFICATE_%d", i+1), certificate.File, attrCertificates, i, "file")
		s.set(fmt.Sprintf("GOGRID_CERTIFICATE_PASSWORD_FILE_%d", i+1), certificate.PasswordFile, attrCertificates, i, attrPasswordFile)
		s.set(fmt.Sprintf("GOGRID_CERTIFICATE_STORE_%d", i+1), certificate.Store, attrCertificates, i, "store")
	}
	fmt.Fprint(&s, windowsStartup)
	s.secrets(c)
	s.routes(c.Network.Routes)
	return windowsLines(s.String()), s.problems.err()
}

// secrets writes the subroutine that restricts access to the password files,
// and registers the script that maps the drive letter when a user logs on.
func (s *cmdScript) secrets(c Config) {
	s.line("\n:secrets")
	variables := []string{"GOGRID_PASSWORD_FILE"}
	for i, certificate := range c.Certificates {
		if certificate.PasswordFile != "" {
			variables = append(variables, fmt.Sprintf("GOGRID_CERTIFICATE_PASSWORD_FILE_%d", i+1))
		}
	}
	for _, variable := range variables {
		s.line(`icacls "%%%s%%" /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F" >>"%%GOGRID_LOG%%" 2>&1`, variable)
		s.line(`if errorlevel 1 set "GOGRID_PROBLEM=access to a file of a password could not be limited, or the file is missing"`)
	}
	if c.Storage.DriveLetter != "" {
		s.line(`reg add "HKLM\Software\Microsoft\Windows\CurrentVersion\Run" /v gogrid-drive /t REG_SZ /d "%s" /f >>"%%GOGRID_LOG%%" 2>&1`, windowsDrivePath)
		s.line(`if errorlevel 1 set "GOGRID_PROBLEM=the drive letter could not be entered for those who log on"`)
	}
	s.line("exit /b 0")
}

// routes writes the subroutine that sets routes. It deletes each route first,
// because adding an existing route fails.
func (s *cmdScript) routes(routes []Route) {
	s.line("\n:routes")
	for _, route := range routes {
		network := fmt.Sprintf("%s mask %s", route.Destination.Addr(), dottedMask(route.Destination))
		s.line(`route delete %s >>"%%GOGRID_LOG%%" 2>&1`, network)
		s.line(`route -p add %s %s >>"%%GOGRID_LOG%%" 2>&1`, network, route.Gateway)
		s.line(`if errorlevel 1 set "GOGRID_PROBLEM=the route to %s could not be set"`, route.Destination)
	}
	s.line("exit /b 0")
}

func windowsDrive(c Config) (string, error) {
	var s cmdScript
	s.header("Maps Cloud Storage to its drive letter for a user who logs on and may read the password file.")
	s.storage(c)
	s.set("GOGRID_DRIVE", c.Storage.DriveLetter, attrStorage, "drive_letter")
	s.line(`powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%s" drive >nul 2>&1`, windowsInstallerPath)
	s.line("exit /b %%ERRORLEVEL%%")
	return windowsLines(s.String()), s.problems.err()
}

// dottedMask returns the network mask in dotted form, as Windows expects it.
func dottedMask(prefix netip.Prefix) string {
	return net.IP(net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())).String()
}
