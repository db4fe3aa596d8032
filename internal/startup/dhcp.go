// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DefaultLease is the default of DHCPConfig.Lease.
const DefaultLease = 12 * time.Hour

// DHCPConfig is the input of RenderDHCP.
type DHCPConfig struct {
	Subnet netip.Prefix
	// Interface is the private adapter of the Linux server that runs dnsmasq. Empty
	// means DefaultLinuxAdapter.
	Interface string
	// Lease is the duration of a lease. Zero means DefaultLease.
	Lease  time.Duration
	Routes []Route
	// Hosts are the servers of the private network.
	Hosts []Host
}

// RenderedDHCP holds the configuration in all supported formats.
type RenderedDHCP struct {
	// Dnsmasq is a configuration file of dnsmasq.
	Dnsmasq string
	// Netsh is a cmd script for the DHCP service of Windows Server.
	Netsh string
	// HostsFile has the format of /etc/hosts.
	HostsFile string
	// HostMap is the encoded HostMap of the servers.
	HostMap string
}

const attrHosts = "hosts"

var (
	linuxInterface = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$`)
	macAddress     = regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$`)
)

// Check returns an *InvalidError with every problem of a configuration, or nil.
// It accepts zero values, which may not be known yet.
func (c DHCPConfig) Check() error {
	var p problems
	if c.Interface != "" && !linuxInterface.MatchString(c.Interface) {
		p.add(fmt.Errorf("is %q: it must be a name of up to 15 characters, such as eth1", c.Interface), "interface")
	}
	if c.Subnet.IsValid() && (c.Subnet.Bits() < 8 || c.Subnet.Bits() > 30) {
		p.add(fmt.Errorf("is %s: a private network must have a prefix length from 8 to 30", c.Subnet), "subnet")
	}
	for i, route := range c.Routes {
		p.add(checkDestination(route.Destination), "routes", i, "destination")
		if c.Subnet.IsValid() && route.Gateway.IsValid() && !c.Subnet.Contains(route.Gateway) {
			p.add(fmt.Errorf("is %s, which is not in the subnet %s: servers could not reach it", route.Gateway, c.Subnet), "routes", i, "gateway")
		}
	}
	c.checkHosts(&p)
	return p.err()
}

func (c DHCPConfig) checkHosts(p *problems) {
	addresses, publics, macs := map[netip.Addr]string{}, map[netip.Addr]string{}, map[string]string{}
	for _, host := range c.Hosts {
		at := func(name string) []any { return []any{attrHosts, Key(host.Name), name} }
		p.add(checkHostName(host.Name), attrHosts, Key(host.Name))
		if host.Address.IsValid() {
			p.add(c.checkAddress(host.Address), at("address")...)
			p.add(unique(addresses, host.Address, host.Name), at("address")...)
		}
		if host.PublicIP.IsValid() {
			p.add(unique(publics, host.PublicIP, host.Name), at("public_ip")...)
		}
		switch mac := bareMAC(host.MAC); {
		case host.MAC == "":
		case !macAddress.MatchString(host.MAC):
			p.add(fmt.Errorf("is %q: it must be six pairs of hex digits, such as 00:16:3e:12:34:56", host.MAC), at("mac")...)
		default:
			p.add(unique(macs, mac, host.Name), at("mac")...)
		}
	}
}

func (c DHCPConfig) checkAddress(address netip.Addr) error {
	if !c.Subnet.IsValid() {
		return nil
	}
	first, last := bounds(c.Subnet)
	switch {
	case !c.Subnet.Contains(address):
		return fmt.Errorf("is %s, which is not in the subnet %s", address, c.Subnet)
	case address == first || address == last:
		return fmt.Errorf("is %s, the first or last address of the subnet %s, which no server can have", address, c.Subnet)
	}
	return nil
}

// unique returns an error if another server already has the value.
func unique[T comparable](seen map[T]string, value T, name string) error {
	if other, taken := seen[value]; taken {
		return fmt.Errorf("is %v, which %q already has", value, other)
	}
	seen[value] = name
	return nil
}

// bounds returns the network address and the broadcast address of a subnet.
func bounds(subnet netip.Prefix) (first, last netip.Addr) {
	first = subnet.Masked().Addr()
	end := first.As4()
	mask := net.CIDRMask(subnet.Bits(), 32)
	for i := range end {
		end[i] |= ^mask[i]
	}
	return first, netip.AddrFrom4(end)
}

// bareMAC returns a MAC address in lower case without separators.
func bareMAC(mac string) string {
	return strings.ToLower(strings.NewReplacer(":", "", "-", "").Replace(mac))
}

// RenderDHCP renders the configuration of a DHCP service. The error is an
// *InvalidError.
func RenderDHCP(c DHCPConfig) (RenderedDHCP, error) {
	if c.Interface == "" {
		c.Interface = DefaultLinuxAdapter
	}
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	if err := c.Check(); err != nil {
		return RenderedDHCP{}, err
	}
	if !c.Subnet.IsValid() {
		return RenderedDHCP{}, errors.New("render the DHCP configuration: the subnet is missing")
	}
	c.Subnet = c.Subnet.Masked()
	c.Hosts = slices.SortedFunc(slices.Values(c.Hosts), func(a, b Host) int { return a.Address.Compare(b.Address) })
	return RenderedDHCP{Dnsmasq: c.dnsmasq(), Netsh: c.netsh(), HostsFile: c.hostsFile(), HostMap: newHostMap(c.Subnet, c.Hosts).Encode()}, nil
}

// dnsmasq returns a configuration that serves only reservations, so an unknown
// machine never gets an address. It disables DNS.
func (c DHCPConfig) dnsmasq() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# DHCP for the private network %s. It was rendered: change the configuration instead.", c.Subnet)
	line("port=0")
	line("interface=%s", c.Interface)
	line("bind-interfaces")
	line("dhcp-authoritative")
	line("dhcp-range=%s,static,%s,%ds", c.Subnet.Addr(), dottedMask(c.Subnet), int(c.Lease.Seconds()))
	line("# Neither router nor name servers: those of the public adapter stay.")
	line("dhcp-option=option:router")
	line("dhcp-option=option:dns-server")
	if len(c.Routes) > 0 {
		var routes []string
		for _, route := range c.Routes {
			routes = append(routes, route.Destination.String(), route.Gateway.String())
		}
		line("# The same routes twice: older systems of Windows ask for option 249.")
		for _, option := range []int{121, 249} {
			line("dhcp-option=%d,%s", option, strings.Join(routes, ","))
		}
	}
	for _, host := range c.Hosts {
		if host.MAC != "" {
			line("dhcp-host=%s,%s,%s", strings.ToLower(strings.ReplaceAll(host.MAC, "-", ":")), host.Name, host.Address)
		} else {
			line("dhcp-host=%s,%s", host.Name, host.Address)
		}
	}
	return b.String()
}

// netsh returns a script that creates or updates the scope. A command that adds
// an existing object fails, so the script ignores failures of these commands.
func (c DHCPConfig) netsh() string {
	first, last := bounds(c.Subnet)
	scope := "netsh dhcp server scope " + first.String()
	var s cmdScript
	s.header("Sets up the DHCP service of Windows Server for the private network.")
	s.line(`netsh dhcp server add scope %s %s "private network" >nul 2>&1`, first, dottedMask(c.Subnet))
	s.line(`%s add iprange %s %s >nul 2>&1`, scope, first.Next(), last.Prev())
	s.line("rem Only what is reserved is given out.")
	for _, gap := range c.unreserved() {
		s.line(`%s add excluderange %s %s >nul 2>&1`, scope, gap[0], gap[1])
	}
	s.line("rem No router: the default route belongs to the public adapter.")
	s.line(`%s delete optionvalue 3 >nul 2>&1`, scope)
	if len(c.Routes) > 0 {
		s.line(`netsh dhcp server add optiondef 121 "Classless Static Routes" BINARY 1 >nul 2>&1`)
		s.line(`netsh dhcp server add optiondef 249 "Classless Static Routes" BINARY 1 >nul 2>&1`)
		for _, option := range []int{121, 249} {
			s.line(`%s set optionvalue %d BINARY %s`, scope, option, classlessRoutes(c.Routes))
			s.line("if errorlevel 1 exit /b 1")
		}
	}
	for _, host := range c.Hosts {
		if host.MAC == "" {
			s.line("rem %s has no MAC, and this service reserves by MAC alone.", host.Name)
			continue
		}
		s.line(`%s delete reservedip %s %s >nul 2>&1`, scope, host.Address, bareMAC(host.MAC))
		s.line(`%s add reservedip %s %s "%s" "" DHCP`, scope, host.Address, bareMAC(host.MAC), host.Name)
		s.line("if errorlevel 1 exit /b 1")
	}
	s.line("%s set state 1", scope)
	s.line("if errorlevel 1 exit /b 1")
	s.line("exit /b 0")
	return windowsLines(s.String())
}

// unreserved returns the address ranges between the addresses reserved by MAC, as
// pairs of first and last address. c.Hosts must be sorted by address.
func (c DHCPConfig) unreserved() [][2]netip.Addr {
	var gaps [][2]netip.Addr
	first, last := bounds(c.Subnet)
	next := first.Next()
	for _, host := range c.Hosts {
		if host.MAC == "" {
			continue
		}
		if next.Less(host.Address) {
			gaps = append(gaps, [2]netip.Addr{next, host.Address.Prev()})
		}
		next = host.Address.Next()
	}
	if next.Less(last) {
		gaps = append(gaps, [2]netip.Addr{next, last.Prev()})
	}
	return gaps
}

// classlessRoutes returns the value of DHCP options 121 and 249 in hex. RFC 3442
// defines it: for each route the prefix length, the bytes of the network that
// the prefix covers, and the gateway.
func classlessRoutes(routes []Route) string {
	var value []byte
	for _, route := range routes {
		network, gateway := route.Destination.Masked().Addr().As4(), route.Gateway.As4()
		value = append(value, byte(route.Destination.Bits()))
		value = append(value, network[:(route.Destination.Bits()+7)/8]...)
		value = append(value, gateway[:]...)
	}
	return fmt.Sprintf("%X", value)
}

func (c DHCPConfig) hostsFile() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Servers of the private network %s\n", c.Subnet)
	for _, host := range c.Hosts {
		fmt.Fprintf(&b, "%s\t%s\n", host.Address, host.Name)
	}
	return b.String()
}

// HostsByName returns the hosts of a map, sorted by key. The key becomes Host.Name.
func HostsByName(hosts map[string]Host) []Host {
	var all []Host
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		host := hosts[name]
		host.Name = name
		all = append(all, host)
	}
	return all
}
