// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

const (
	publicAdapter  = "eth0"
	privateAdapter = "eth1"
)

// ip implements "ip addr", "ip link" and "ip route".
func (g *guest) ip(_ context.Context, p *shell.Process) int {
	args := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return arg == "-4" || arg == "-o" || arg == "-br" })
	if len(args) == 0 {
		return p.Fail(255, "missing object: must be addr, link or route")
	}
	action := "show"
	if len(args) > 1 {
		action = args[1]
	}
	rest := args[min(2, len(args)):]
	switch object := args[0]; {
	case strings.HasPrefix("address", object) && (action == "show" || action == "list" || action == "dev"):
		g.showAddresses(p)
	case strings.HasPrefix("link", object) && (action == "show" || action == "list"):
		g.showAddresses(p)
	case strings.HasPrefix("route", object) && (action == "show" || action == "list"):
		g.showRoutes(p)
	case strings.HasPrefix("link", object) && action == "set":
		return g.setLink(p, rest)
	case strings.HasPrefix("address", object):
		return g.changeAddress(p, action, rest)
	case strings.HasPrefix("route", object):
		return g.changeRoute(p, action, rest)
	default:
		return p.Fail(255, "object %q is unknown", object)
	}
	return 0
}

func (g *guest) showAddresses(p *shell.Process) {
	s, record := g.server(), g.device.read()
	fmt.Fprintf(p.Stdout, "1: lo: <LOOPBACK,UP,LOWER_UP>\n    inet 127.0.0.1/8 scope host lo\n")
	fmt.Fprintf(p.Stdout, "2: %s: <BROADCAST,MULTICAST,UP,LOWER_UP>\n    inet %s scope global %s\n", publicAdapter, s.PublicIP, publicAdapter)
	state := "<BROADCAST,MULTICAST>"
	if record.Private.Enabled {
		state = "<BROADCAST,MULTICAST,UP,LOWER_UP>"
	}
	fmt.Fprintf(p.Stdout, "3: %s: %s mode %s\n", privateAdapter, state, record.Private.Mode)
	if record.Private.Enabled && record.Private.Address != "" {
		fmt.Fprintf(p.Stdout, "    inet %s scope global %s\n", record.Private.Address, privateAdapter)
	}
}

func (g *guest) showRoutes(p *shell.Process) {
	if gateway := g.server().Gateway; gateway.IsValid() {
		fmt.Fprintf(p.Stdout, "default via %s dev %s\n", gateway, publicAdapter)
	}
	for _, r := range g.device.read().Routes {
		fmt.Fprintln(p.Stdout, r)
	}
}

// checkAdapter reports whether the arguments name the private adapter. If not,
// it prints an error, because the public adapter cannot be changed.
func (g *guest) checkAdapter(p *shell.Process, args []string) bool {
	switch {
	case slices.Contains(args, privateAdapter):
		return true
	case slices.Contains(args, publicAdapter):
		p.Fail(2, "%s carries this session, so it cannot be changed", publicAdapter)
	default:
		p.Fail(1, "no such device; the devices are %s and %s", publicAdapter, privateAdapter)
	}
	return false
}

// changeDevice edits the device record. If the change fails, changeDevice
// prints the error. It returns the exit code for the program.
func (g *guest) changeDevice(p *shell.Process, edit func(*deviceRecord)) int {
	if err := g.device.change(edit); err != nil {
		return p.Fail(1, "%v", err)
	}
	return 0
}

func (g *guest) setLink(p *shell.Process, args []string) int {
	if !g.checkAdapter(p, args) {
		return 1
	}
	up := slices.Contains(args, "up")
	if up == slices.Contains(args, "down") {
		return p.Fail(255, "up or down is missing")
	}
	return g.changeDevice(p, func(r *deviceRecord) { r.Private.Enabled = up })
}

func (g *guest) changeAddress(p *shell.Process, action string, args []string) int {
	if !g.checkAdapter(p, args) {
		return 1
	}
	if action == "flush" {
		return g.changeDevice(p, func(r *deviceRecord) { r.Private.Address = "" })
	}
	prefix, err := netip.ParsePrefix(args[0])
	if err != nil {
		return p.Fail(1, "any valid prefix is expected rather than %q", args[0])
	}
	switch action {
	case "add", "replace":
		return g.changeDevice(p, func(r *deviceRecord) { r.Private.Mode, r.Private.Address = modeStatic, prefix.String() })
	case "del", "delete":
		return g.changeDevice(p, func(r *deviceRecord) { r.Private.Address = "" })
	}
	return p.Fail(255, "command %q is unknown", action)
}

func (g *guest) changeRoute(p *shell.Process, action string, args []string) int {
	if len(args) == 0 {
		return p.Fail(255, "a destination is missing")
	}
	if _, err := netip.ParsePrefix(args[0]); err != nil {
		return p.Fail(1, "any valid prefix is expected rather than %q", args[0])
	}
	next := route{Destination: args[0], Adapter: privateAdapter}
	for i := 1; i+1 < len(args); i += 2 {
		switch args[i] {
		case "via":
			next.Gateway = args[i+1]
		case "dev":
			next.Adapter = args[i+1]
		default:
			return p.Fail(255, "either \"to\" is duplicate, or %q is garbage", args[i])
		}
	}
	if adding := action == "add" || action == "replace"; adding {
		if err := g.device.read().checkRoute(next); err != nil {
			return p.Fail(2, "RTNETLINK answers: %v", err)
		}
	}
	same := func(r route) bool { return r.Destination == next.Destination }
	known := slices.ContainsFunc(g.device.read().Routes, same)
	switch {
	case action == "add" && known:
		return p.Fail(2, "RTNETLINK answers: File exists")
	case (action == "del" || action == "delete") && !known:
		return p.Fail(2, "RTNETLINK answers: No such process")
	}
	return g.changeDevice(p, func(r *deviceRecord) {
		r.Routes = slices.DeleteFunc(r.Routes, same)
		if action == "add" || action == "replace" {
			r.Routes = append(r.Routes, next)
		}
	})
}

// ifconfig implements "ifconfig eth1 10.0.0.5 netmask ... up", the older form
// of "ip addr".
func (g *guest) ifconfig(_ context.Context, p *shell.Process) int {
	args := p.Args[1:]
	if len(args) < 2 {
		g.showAddresses(p)
		return 0
	}
	if !g.checkAdapter(p, args[:1]) {
		return 1
	}
	private := g.device.read().Private
	bits := 24
	for i := 1; i < len(args); i++ {
		switch {
		case args[i] == "up" || args[i] == "down":
			private.Enabled = args[i] == "up"
		case args[i] == "netmask" && i+1 < len(args):
			mask, err := netip.ParseAddr(args[i+1])
			if err != nil {
				return p.Fail(1, "%s: not a netmask", args[i+1])
			}
			bits = prefixLength(mask)
			i++
		default:
			if _, err := netip.ParseAddr(args[i]); err != nil {
				return p.Fail(1, "%s: not understood", args[i])
			}
			private = adapter{Enabled: true, Mode: modeStatic, Address: args[i]}
		}
	}
	if private.Address != "" && !strings.Contains(private.Address, "/") {
		private.Address = fmt.Sprintf("%s/%d", private.Address, bits)
	}
	return g.changeDevice(p, func(r *deviceRecord) { r.Private = private })
}

// prefixLength returns the number of bits in a netmask.
func prefixLength(mask netip.Addr) int {
	count := 0
	for _, b := range mask.AsSlice() {
		for ; b != 0; b &= b - 1 {
			count++
		}
	}
	return count
}

// ifup enables the private adapter with the settings of its configuration file,
// if there are any.
func (g *guest) ifup(_ context.Context, p *shell.Process) int {
	if !g.checkAdapter(p, p.Args[1:]) {
		return 1
	}
	mode, address := g.configuredAddress()
	if mode == modeDHCP || mode == "" && g.device.read().Private.Mode == modeDHCP {
		return g.requestLease(p)
	}
	return g.changeDevice(p, func(r *deviceRecord) {
		r.Private.Enabled = true
		if mode == modeStatic {
			r.Private.Mode, r.Private.Address = mode, address
		}
	})
}

// configuredAddress reads the settings of the private adapter from the
// configuration files of Red Hat or Debian.
func (g *guest) configuredAddress() (mode, address string) {
	settings := map[string]string{}
	if text, err := readFile(g.disk, "/etc/sysconfig/network-scripts/ifcfg-"+privateAdapter); err == nil {
		for line := range strings.SplitSeq(text, "\n") {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			settings[strings.ToUpper(name)] = strings.Trim(value, "\"'")
		}
		settings["BOOTPROTO"] = strings.ToLower(settings["BOOTPROTO"])
		return settings["BOOTPROTO"], withPrefixLength(settings["IPADDR"], settings["NETMASK"])
	}
	text, err := readFile(g.disk, "/etc/network/interfaces")
	if err != nil {
		return "", ""
	}
	_, stanza, found := strings.Cut(text, "iface "+privateAdapter+" inet ")
	if !found {
		return "", ""
	}
	lines := strings.Split(stanza, "\n")
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) > 0 && (fields[0] == "iface" || fields[0] == "auto") {
			break
		}
		if len(fields) == 2 {
			settings[fields[0]] = fields[1]
		}
	}
	return strings.TrimSpace(lines[0]), withPrefixLength(settings["address"], settings["netmask"])
}

// withPrefixLength appends the prefix length of a netmask to an address, or /24
// if the mask is missing.
func withPrefixLength(address, mask string) string {
	if address == "" || strings.Contains(address, "/") {
		return address
	}
	bits := 24
	if parsed, err := netip.ParseAddr(mask); err == nil {
		bits = prefixLength(parsed)
	}
	return fmt.Sprintf("%s/%d", address, bits)
}

func (g *guest) ifdown(_ context.Context, p *shell.Process) int {
	if !g.checkAdapter(p, p.Args[1:]) {
		return 1
	}
	return g.changeDevice(p, func(r *deviceRecord) { r.Private.Enabled = false })
}

// route implements the command route, the older form of "ip route".
func (g *guest) route(_ context.Context, p *shell.Process) int {
	args := slices.DeleteFunc(slices.Clone(p.Args[1:]), func(arg string) bool { return arg == "-n" })
	if len(args) == 0 {
		g.showRoutes(p)
		return 0
	}
	words := map[string]string{}
	for i := 1; i+1 < len(args); i += 2 {
		words[args[i]] = args[i+1]
	}
	destination := withPrefixLength(words["-net"], words["netmask"])
	if host := words["-host"]; host != "" {
		destination = host + "/32"
	}
	rest := []string{destination}
	if gateway := words["gw"]; gateway != "" {
		rest = append(rest, "via", gateway)
	}
	if len(args) < 3 || args[0] != "add" && args[0] != "del" {
		return p.Fail(4, "usage: route add|del -net NETWORK netmask MASK gw GATEWAY")
	}
	return g.changeRoute(p, args[0], rest)
}
