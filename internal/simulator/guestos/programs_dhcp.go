// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

const (
	modeDHCP   = "dhcp"
	modeStatic = "static"
)

// Exit codes of dnsmasq.
const (
	badConfig  = 1
	badNetwork = 2
	badFile    = 3
)

// dnsmasqFile is the default configuration file.
const dnsmasqFile = "/etc/dnsmasq.conf"

// dnsmasq serves DHCP on the private network. It reads /etc/dnsmasq.conf or the
// file given with -C, and the folder given with -7. With -k or -d it stays in
// the foreground.
func (g *guest) dnsmasq(ctx context.Context, p *shell.Process) int {
	file, folder, foreground, test := dnsmasqFile, "", false, false
	for i := 1; i < len(p.Args); i++ {
		switch option := p.Args[i]; {
		case option == "-k" || option == "--keep-in-foreground" || option == "-d" || option == "--no-daemon":
			foreground = true
		case option == "--test":
			test = true
		case option == "-C" && i+1 < len(p.Args):
			i++
			file = p.Path(p.Args[i])
		case strings.HasPrefix(option, "--conf-file="):
			file = p.Path(strings.TrimPrefix(option, "--conf-file="))
		case option == "-7" && i+1 < len(p.Args):
			i++
			folder = p.Args[i]
		case strings.HasPrefix(option, "--conf-dir="):
			folder = strings.TrimPrefix(option, "--conf-dir=")
		case option == "-v" || option == "--version":
			fmt.Fprintf(p.Stdout, "Dnsmasq version %s\n", g.version("dnsmasq"))
			return 0
		default:
			return p.Fail(badConfig, "bad command line options: %s", option)
		}
	}
	config, err := readDnsmasq(p.Files, file, folder)
	var missing missingConfig
	switch {
	case errors.As(err, &missing):
		return p.Fail(badFile, "%v", err)
	case err != nil:
		return p.Fail(badConfig, "%v", err)
	case test:
		fmt.Fprintln(p.Stderr, "dnsmasq: syntax check OK.")
		return 0
	case !config.subnet.IsValid():
		return p.Fail(badConfig, "no dhcp-range in %s or its included files: a simulated server's dnsmasq only serves DHCP", file)
	}
	return g.serveDHCP(ctx, p, &config, foreground)
}

// serveDHCP starts the DHCP service. Like the real dnsmasq, it requires that
// the private adapter has an address.
func (g *guest) serveDHCP(ctx context.Context, p *shell.Process, config *dhcpConfig, foreground bool) int {
	sys := g.current()
	if sys == nil {
		return p.Fail(badNetwork, "the machine is going down")
	}
	own := g.device.privateAddress()
	switch {
	case !own.IsValid():
		return p.Fail(badNetwork, "unknown interface %s", privateAdapter)
	case !config.subnet.Contains(own):
		return p.Fail(badNetwork, "no configured address range is on the network of %s (%s)", privateAdapter, own)
	case !sys.serveDHCP(config):
		return p.Fail(badNetwork, "failed to bind DHCP server socket: Address already in use")
	}
	ended := make(chan struct{})
	over := context.AfterFunc(sys.ctx, func() { close(ended) }) //nolint:contextcheck // the service outlives its command
	end := func() {
		sys.endDHCP(config)
		if over() {
			close(ended)
		}
	}
	return waitOrDaemonise(ctx, foreground, ended, end)
}

func (sys *runningSystem) serveDHCP(config *dhcpConfig) bool {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if sys.dhcp != nil {
		return false
	}
	sys.dhcp = config
	return true
}

func (sys *runningSystem) endDHCP(config *dhcpConfig) {
	sys.mu.Lock()
	defer sys.mu.Unlock()
	if sys.dhcp == config {
		sys.dhcp = nil
	}
}

// dhclient requests a lease, or releases the lease with -r. Like ISC's
// dhclient, it enables the adapter. GoGrid itself ran no DHCP service on
// private networks, so a lease comes from another server.
func (g *guest) dhclient(_ context.Context, p *shell.Process) int {
	if !g.checkAdapter(p, p.Args[1:]) {
		return 1
	}
	if slices.Contains(p.Args, "-r") {
		return g.changeDevice(p, func(r *deviceRecord) {
			if r.Private.Mode == modeDHCP {
				r.dropLease()
			}
		})
	}
	return g.requestLease(p)
}

func (g *guest) requestLease(p *shell.Process) int {
	code := g.changeDevice(p, func(r *deviceRecord) {
		r.dropLease()
		r.Private.Enabled, r.Private.Mode = true, modeDHCP
	})
	if code != 0 {
		return code
	}
	found, ok, err := g.bind()
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	if !ok {
		fmt.Fprintf(p.Stderr, "%s: No DHCPOFFERS received: no server on the private network runs a DHCP service with a free address for %s\n",
			path.Base(p.Args[0]), g.Hostname())
		return 1
	}
	fmt.Fprintf(p.Stderr, "bound to %s\n", found.address.Addr())
	return 0
}
