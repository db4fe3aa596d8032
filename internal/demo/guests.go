// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/guest"
)

const (
	// proof is the file that the image is built with and that every server of
	// it must have.
	proof = "/var/www/html/release.txt"
	// proofSize is more than the file has.
	proofSize = 1 << 10
	// loginLimit is how long a server may take to let one in.
	loginLimit = 30 * time.Second
)

// freePorts are two ports that nobody listens on now. Guests have addresses of
// their own, so they are theirs unless another grid's guests take them.
func freePorts(ctx context.Context) (one, other int, err error) {
	var config net.ListenConfig
	var listeners [2]net.Listener
	for i := range listeners {
		if listeners[i], err = config.Listen(ctx, "tcp4", "127.0.0.1:0"); err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, listeners[i].Close()) }()
	}
	return listeners[0].Addr().(*net.TCPAddr).Port, listeners[1].Addr().(*net.TCPAddr).Port, nil
}

// readBack logs in to every server and reads the file that was put into the
// sandbox: what is in the image is on the server.
func (d *demo) readBack(ctx context.Context, grid Outputs) error {
	if !d.Guests {
		return nil
	}
	passwords, err := d.passwords(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(grid.Servers)) {
		text, err := d.read(ctx, grid.Servers[name].PublicIP, passwords[grid.Servers[name].PublicIP])
		if err != nil {
			return fmt.Errorf("read %s from server %s: %w", proof, name, err)
		}
		if want := "release " + strings.TrimPrefix(grid.Image.FriendlyName, "web "); text != want {
			return fmt.Errorf("%s of server %s holds %q, want %q", proof, name, text, want)
		}
		d.note("ssh", fmt.Sprintf("root@%s cat %s: %s", grid.Servers[name].PublicIP, proof, d.paint(bold, text)))
	}
	return nil
}

// passwords are those of the account's list, by public address.
func (d *demo) passwords(ctx context.Context) (map[string]string, error) {
	api, err := client.New(d.simulator.APIKey, d.simulator.SharedSecret, client.WithEndpoint(d.simulator.Endpoint))
	if err != nil {
		return nil, err
	}
	listed, err := api.Passwords.List(ctx, "")
	if err != nil {
		return nil, err
	}
	passwords := map[string]string{}
	for _, password := range listed {
		if password.Server != nil {
			passwords[password.Server.IP.Address] = password.Password
		}
	}
	return passwords, nil
}

func (d *demo) read(ctx context.Context, address, password string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, loginLimit)
	defer cancel()
	session, err := guest.Connect(ctx, guest.Target{
		Protocol: guest.SSH, Host: address, Port: d.port, Username: "root", Password: password,
	}, guest.Options{Clock: d.Clock})
	if err != nil {
		return "", err
	}
	defer func() { _ = session.Close() }() // nothing is asked of it any more
	text, err := session.Read(ctx, proof, proofSize)
	return strings.TrimSpace(string(text)), err
}
