// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/openssl"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/scp"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// programs returns the standard programs and the programs that need access to
// this guest.
func (g *guest) programs() map[string]shell.Program {
	all := shell.Standard()
	for name, program := range map[string]func(context.Context, *shell.Process) int{
		"gogrid-prep": g.prep,
		"ip":          g.ip, "ifconfig": g.ifconfig, "ifup": g.ifup, "ifdown": g.ifdown, "route": g.route, "dhclient": g.dhclient, "dnsmasq": g.dnsmasq,
		"mount": g.mount, "umount": g.umount, "smbclient": g.smbclient, "sftp-get": g.sftpGet,
		"systemctl": g.systemctl, "service": g.service, "httpd": g.httpd,
		"useradd": g.useradd, "adduser": g.useradd, "userdel": g.userdel, "passwd": g.passwd, "chpasswd": g.chpasswd,
		"reboot": g.power, "shutdown": g.power, "poweroff": g.power, "halt": g.power, "init": g.power,
		"curl": g.curl, "wget": g.wget,
		"scp": scp.Run, "openssl": openssl.Run,
		"yum": g.yum, "rpm": g.rpm, "chkconfig": g.chkconfig,
		"apt-get": g.apt, "apt": g.apt, "apt-cache": g.aptCache, "dpkg": g.dpkg, "dpkg-query": g.dpkg, "update-rc.d": g.updateRC,
		"nginx": g.nginx, "apache2": g.apache, "apache2ctl": g.apache, "apachectl": g.apache,
	} {
		all[name] = program
	}
	return all
}

// Programs returns the sorted names of all programs of guests, including
// programs of packages that are not installed.
func Programs() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys((&guest{}).programs())), shell.OwnPrograms()...)))
}

// prep simulates GoGrid's prep script. GoGrid documented only the effects of
// the script, not its text.
func (g *guest) prep(_ context.Context, p *shell.Process) int {
	if len(p.Args) > 1 {
		return p.Fail(2, "this program takes no arguments")
	}
	if err := g.generalise(); err != nil {
		return p.Fail(1, "%v", err)
	}
	err := g.device.change(func(r *deviceRecord) { r.Prepared, r.Private.Enabled = true, false })
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	fmt.Fprint(p.Stdout, "private adapter disabled; its mode is kept\nprivate keys of certificates removed\n"+
		"root gets a new password on each server that is made from the image\nready to be saved\n")
	return 0
}

// power implements reboot, shutdown, poweroff, halt and init.
func (g *guest) power(_ context.Context, p *shell.Process) int {
	name := p.Args[0][strings.LastIndex(p.Args[0], "/")+1:]
	restarts := name == "reboot"
	for _, arg := range p.Args[1:] {
		switch arg {
		case "-r", "6":
			restarts = true
		case "-h", "-P", "-H", "now", "0", "+0", "-f":
		default:
			return p.Fail(1, "%s: not supported; a simulated server can only stop immediately", arg)
		}
	}
	if restarts {
		g.restart()
	} else {
		g.halt()
	}
	return 0
}
