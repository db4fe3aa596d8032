// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

const (
	// proofFile is a file that the build copies into the image. Every server of
	// the image must have it.
	proofFile = "/var/www/html/release.txt"
	// maxProofSize limits how much of proofFile is read, in bytes.
	maxProofSize = 1 << 10
	// loginTimeout is the time limit for a login.
	loginTimeout = 2 * time.Minute
)

// holdPorts chooses the ports of the guests. It listens on them at an address
// that guests do not use, so that other grids choose other ports.
func (d *demo) holdPorts(ctx context.Context) error {
	for _, port := range []*int{&d.port, &d.sitePort} {
		held, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return err
		}
		d.heldPorts = append(d.heldPorts, held)
		*port = held.Addr().(*net.TCPAddr).Port
	}
	return nil
}

func (d *demo) releasePorts() {
	for _, held := range d.heldPorts {
		_ = held.Close() // never accepted a connection
	}
}

// readBack logs in to every server and reads the file that the build copied to the
// sandbox. The file shows that the server has the content of the image.
func (d *demo) readBack(ctx context.Context, grid Outputs) error {
	if !d.Guests {
		return nil
	}
	logins, err := d.logins(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(grid.Servers)) {
		text, err := d.read(ctx, grid.Servers[name].PublicIP, logins.servers[grid.Servers[name].PublicIP])
		if err != nil {
			return fmt.Errorf("read %s from server %s: %w", proofFile, name, err)
		}
		if want := "release " + strings.TrimPrefix(grid.Image.FriendlyName, "web "); text != want {
			return fmt.Errorf("%s of server %s holds %q, want %q", proofFile, name, text, want)
		}
		d.note("ssh", fmt.Sprintf("root@%s cat %s: %s", grid.Servers[name].PublicIP, proofFile, d.paint(bold, text)))
	}
	return nil
}

// logins holds the entries of the account's list of passwords.
type logins struct {
	servers                      map[string]string // passwords of root, by public address
	storageUser, storagePassword string            // of Cloud Storage
}

func (d *demo) logins(ctx context.Context) (*logins, error) {
	api, err := client.New(d.simulator.APIKey, d.simulator.SharedSecret, client.WithEndpoint(d.simulator.Endpoint))
	if err != nil {
		return nil, err
	}
	listed, err := api.Passwords.List(ctx, "")
	if err != nil {
		return nil, err
	}
	found := &logins{servers: map[string]string{}}
	for _, password := range listed {
		if password.Server != nil {
			found.servers[password.Server.IP.Address] = password.Password
		} else {
			found.storageUser, found.storagePassword = password.Username, password.Password
		}
	}
	return found, nil
}

func (d *demo) read(ctx context.Context, address, password string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	session, err := communicator.Connect(ctx, communicator.Target{
		Protocol: communicator.SSH, Host: address, Port: d.port, Username: "root", Password: password,
	}, communicator.Options{Clock: d.Clock})
	if err != nil {
		return "", err
	}
	defer func() { _ = session.Close() }() // ignore the error: the session is not used again
	text, err := session.Read(ctx, proofFile, maxProofSize)
	return strings.TrimSpace(string(text)), err
}
