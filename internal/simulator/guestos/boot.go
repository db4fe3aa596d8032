// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

const (
	bootLog    = "/var/log/boot.log"
	maxBootLog = 1 << 20
)

// privateKeyDirs are the folders that hold the private keys of certificates.
var privateKeyDirs = []string{"/etc/pki/tls/private", "/etc/ssl/private"}

// firstBoot turns a copied disk into the disk of a new server. If the prep step
// ran before the image was saved, the server gets a new host key, host name and
// root password. Otherwise the server keeps the password, keys and address of
// the sandbox, as on the real GoGrid.
func (g *guest) firstBoot(s Server) error {
	record := g.device.read()
	if !record.Prepared {
		g.note("first boot of an image that was not prepared: the server keeps root's password, the host key and the host name of the sandbox;")
		g.note("the password in the account's list does not work on this server")
		return g.device.change(func(r *deviceRecord) { r.Installed = true })
	}
	key, err := newHostKey(s.HostKeySeed)
	if err != nil {
		return err
	}
	if err := g.generalise(); err != nil {
		return err
	}
	g.note("first boot: new host key, new password of root, private adapter disabled")
	return g.device.change(func(r *deviceRecord) {
		r.Installed, r.Prepared, r.Hostname, r.HostKey = true, false, hostnameOf(s.Name), key
		r.Private.Enabled = false
		root := r.Accounts["root"]
		root.Password = s.Password
		r.Accounts["root"] = root
	})
}

// generalise deletes the private keys of certificates.
func (g *guest) generalise() error {
	for _, dir := range privateKeyDirs {
		entries, err := g.disk.ReadDir(dir)
		if err != nil {
			continue // no folder, no keys
		}
		for _, entry := range entries {
			if err := g.disk.RemoveAll(path.Join(dir, entry.Name())); err != nil {
				return err
			}
			g.note("deleted the private key " + path.Join(dir, entry.Name()))
		}
	}
	return nil
}

// hostnameOf replaces the characters of a server's name that are not allowed in
// a host name.
func hostnameOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, name)
}

// finishBoot completes a boot: it starts the SSH server and runs the startup
// entries. On Windows it starts nothing.
func (g *guest) finishBoot(ctx context.Context, sys *runningSystem) {
	g.note("booted")
	if g.server().Family == Windows {
		g.note("no service is started: only the disk and the adapters of a Windows guest are simulated")
		return
	}
	g.warn("drop the DHCP lease of the previous boot", g.device.change(func(r *deviceRecord) {
		if r.Private.Mode == modeDHCP {
			r.dropLease()
		}
	}))
	g.warn("write the boot id", g.writeBootID(sys))
	g.noteAddressConflict()
	if err := g.serveSSH(ctx, sys); err != nil {
		err = fmt.Errorf("%w; is another grid with guests running? Choose another port for guests. On a system other than Linux, "+
			"give the address to the loopback interface first, for example with: ifconfig lo0 alias %s", err, g.server().PublicIP)
		g.mu.Lock()
		g.problem = err.Error()
		g.mu.Unlock()
		g.warn("serve SSH", err)
	}
	sys.mu.Lock()
	sys.reachable = true
	sys.mu.Unlock()
	sys.running.Go(func() { g.runStartup(sys) })
}

// noteAddressConflict writes to the boot log if another machine has the same
// private address: a server that was created from an unprepared image keeps the
// address of the sandbox.
func (g *guest) noteAddressConflict() {
	ip := g.device.privateAddress()
	if !ip.IsValid() {
		return
	}
	for _, other := range g.host.all() {
		if other != g && other.server().Account == g.server().Account && other.device.privateAddress() == ip {
			g.note(fmt.Sprintf("eth1: address conflict: %s is in use by %s", ip, other.Hostname()))
		}
	}
}

// runStartup starts the enabled services and runs rc.local. Their output goes
// to the boot log.
func (g *guest) runStartup(sys *runningSystem) {
	log := &logWriter{g: g}
	for _, name := range g.device.read().Units {
		if u, err := g.unit(name); err == nil {
			g.begin(sys, u)
		}
	}
	for _, name := range []string{"/etc/rc.d/rc.local", "/etc/rc.local"} {
		found, err := g.disk.Stat(name)
		if err != nil || found.Mode()&0o111 == 0 {
			continue
		}
		g.note("running " + name)
		code, err := g.shell("root").Run(sys.ctx, shell.Script{Text: name, Dir: "/", Stdin: strings.NewReader(""), Stdout: log, Stderr: log})
		if err == nil {
			g.note(fmt.Sprintf("%s ended with code %d", name, code))
		}
		return
	}
}

// note adds a line to the boot log.
func (g *guest) note(text string) {
	_, _ = (&logWriter{g: g}).Write([]byte(g.Now().UTC().Format(time.RFC3339) + " " + text + "\n")) // never fails
}

// logWriter appends to the boot log until the log has maxBootLog bytes.
type logWriter struct {
	g  *guest
	mu sync.Mutex
}

// Write drops the text if the log is full or cannot be written, so that a
// service never fails because of the log.
func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	files := w.g.disk
	if files.MkdirAll("/var/log", 0o755) != nil {
		return len(p), nil
	}
	file, err := files.OpenFile(bootLog, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return len(p), nil
	}
	defer func() { _ = file.Close() }()
	if found, err := file.Stat(); err == nil && found.Size() < maxBootLog {
		_, _ = file.Write(p)
	}
	return len(p), nil
}

// restart reboots the guest at the guest's own request. The grid is not
// notified.
func (g *guest) restart() {
	const takes = 20 * time.Second
	sys := g.current()
	if sys == nil {
		return
	}
	g.host.enqueue("reboot the guest", g.server().ID, func(ctx context.Context) error {
		if g.current() == sys {
			g.down()
			g.boot(ctx, sys.boots, g.Now().Add(takes))
		}
		return nil
	})
}

// halt switches the guest off at the guest's own request.
func (g *guest) halt() {
	sys := g.current()
	g.host.enqueue("halt the guest", g.server().ID, func(context.Context) error {
		if g.current() == sys {
			g.down()
			g.host.options.Halted(g.server().ID)
		}
		return nil
	})
}
