// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	_ "embed"
	"fmt"
	"strings"
)

// The fixed parts of the Linux script, and the Linux installer.
var (
	//go:embed linux/startup.sh
	linuxStartup string
	//go:embed linux/deploy.sh
	linuxDeploy string
	//go:embed linux/install.sh
	linuxInstaller string
)

// Paths on a Linux server.
const (
	linuxScriptPath    = "/usr/local/lib/gogrid/startup.sh"
	linuxInstallerPath = "/usr/local/lib/gogrid/install.sh"
	linuxExtraPath     = "/usr/local/lib/gogrid/extra.sh"
	linuxHostMapPath   = "/var/lib/gogrid/hosts.json"
	linuxUnitPath      = "/etc/systemd/system/gogrid-startup.service"
)

// linuxBootCommand enables the systemd unit, or adds a line to rc.local on
// systems without systemd. The line goes below the first line of rc.local,
// because Debian's rc.local ends in "exit 0".
const linuxBootCommand = `if command -v systemctl >/dev/null 2>&1; then systemctl enable gogrid-startup.service; else ` +
	`rc=/etc/rc.local; [ ! -d /etc/rc.d ] || rc=/etc/rc.d/rc.local; [ -s "$rc" ] || printf '#!/bin/sh\n' >"$rc"; ` +
	`grep -q ` + linuxScriptPath + ` "$rc" || { { head -n 1 "$rc"; printf 'sh %s\n' ` + linuxScriptPath + `; tail -n +2 "$rc"; } >"$rc.new" && mv "$rc.new" "$rc"; }; chmod 755 "$rc"; fi`

func renderLinux(c Config) (Rendered, error) {
	script, err := linuxScript(c)
	if err != nil {
		return Rendered{}, err
	}
	unit, err := linuxUnit(c)
	if err != nil {
		return Rendered{}, err
	}
	r := Rendered{
		Script: script, ScriptPath: linuxScriptPath,
		Installer: linuxInstaller, InstallerPath: linuxInstallerPath,
		Unit:        unit,
		BootCommand: linuxBootCommand,
		Files: []File{
			{Path: linuxScriptPath, Content: script, Mode: "0755"},
			{Path: linuxInstallerPath, Content: linuxInstaller, Mode: "0755"},
			{Path: linuxUnitPath, Content: unit, Mode: "0644"},
		},
	}
	if c.Network.HostMap != "" {
		r.Files = append(r.Files, File{Path: linuxHostMapPath, Content: c.Network.HostMap, Mode: "0644"})
	}
	if c.Extra != "" {
		r.Files = append(r.Files, File{Path: linuxExtraPath, Content: unixLines(c.Extra), Mode: "0700"})
	}
	return r, nil
}

// unixLines ends every line, including the last, with LF.
func unixLines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text
}

// shScript builds the part of a shell script that differs between servers.
type shScript struct {
	strings.Builder
	problems problems
}

func (s *shScript) word(value string, path ...any) string {
	word, err := shWord(value)
	s.problems.add(err, path...)
	return word
}

func (s *shScript) set(name, value string, path ...any) {
	fmt.Fprintf(s, "%s=%s\n", name, s.word(value, path...))
}

func linuxScript(c Config) (string, error) {
	var s shScript
	provisional, extra := "", ""
	if c.Network.Provisional.IsValid() {
		provisional = c.Network.Provisional.String()
	}
	if c.Extra != "" {
		extra = linuxExtraPath
	}
	fmt.Fprint(&s, "#!/bin/sh\n# Loads the release of a channel from Cloud Storage. It runs at every boot and may\n# be run at any time. It was rendered: change the configuration instead.\n")
	s.set("MODE", string(c.Network.Mode), attrNetwork, "mode")
	s.set("ADAPTER", c.Network.Adapter, attrNetwork, "adapter")
	s.set("PROVISIONAL", provisional, attrNetwork, "provisional_address")
	s.set("HOST", c.Storage.Host, attrStorage, "host")
	s.set("SHARE", c.Storage.Share, attrStorage, "share")
	s.set("USERNAME", c.Storage.Username, attrStorage, "username")
	s.set("PASSWORD_FILE", c.Storage.PasswordFile, attrStorage, attrPasswordFile)
	s.set("MOUNT_POINT", c.Storage.MountPoint, attrStorage, "mount_point")
	s.set("CHANNEL", c.Channel, "channel")
	s.set("INSTALLER", linuxInstallerPath)
	s.set("EXTRA", extra)
	s.function("routes", len(c.Network.Routes), func(i int) string {
		r := c.Network.Routes[i]
		return fmt.Sprintf("route %s %s", s.word(r.Destination.String()), s.word(r.Gateway.String()))
	})
	s.function("certificates", len(c.Certificates), func(i int) string {
		cert := c.Certificates[i]
		return fmt.Sprintf("certificate %s %s %s", s.word(cert.File, attrCertificates, i, "file"),
			s.word(cert.PasswordFile, attrCertificates, i, attrPasswordFile), s.word(cert.Store, attrCertificates, i, "store"))
	})
	fmt.Fprint(&s, "\n"+linuxStartup+linuxDeploy)
	return s.String(), s.problems.err()
}

// function writes a shell function of count lines. If count is zero, the
// function does nothing.
func (s *shScript) function(name string, count int, line func(int) string) {
	fmt.Fprintf(s, "\n%s() {\n", name)
	for i := range count {
		fmt.Fprintf(s, "\t%s\n", line(i))
	}
	if count == 0 {
		fmt.Fprint(s, "\t:\n")
	}
	fmt.Fprint(s, "}\n")
}

func linuxUnit(c Config) (string, error) {
	var p problems
	source, err := systemdText("//" + c.Storage.Host + "/" + c.Storage.Share)
	p.add(err, attrStorage, "share")
	device, err := systemdName(c.Network.Adapter)
	p.add(err, attrNetwork, "adapter")
	return `[Unit]
Description=Load the release of channel ` + c.Channel + ` from ` + source + `
Wants=network-online.target
After=network-online.target sys-subsystem-net-devices-` + device + `.device

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ` + linuxScriptPath + `

[Install]
WantedBy=multi-user.target
`, p.err()
}
