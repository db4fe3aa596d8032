// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/localfile"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// connect returns a client for the account whose credentials are in the
// environment.
func (c *Command) connect(ctx context.Context, o options) (*client.Client, error) {
	settings := []client.Setting{client.WithClock(c.Clock), client.WithUserAgent("terraform-provider-gogrid/" + c.Version + " (sweep)")}
	if endpoint := c.Getenv("GOGRID_ENDPOINT"); endpoint != "" {
		settings = append(settings, client.WithEndpoint(endpoint))
	}
	if text := c.Getenv("GOGRID_POLL_INTERVAL"); text != "" {
		interval, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("GOGRID_POLL_INTERVAL must be a duration such as 10s, not %q", text)
		}
		settings = append(settings, client.WithPollInterval(interval))
	}
	if file := cmp.Or(o.caFile, c.Getenv("GOGRID_CA_CERTIFICATE_FILE")); file != "" {
		pool, err := client.CACertificates(ctx, file)
		if err != nil {
			return nil, err
		}
		settings = append(settings, client.WithCACertificates(pool))
	}
	key, secret := c.Getenv("GOGRID_API_KEY"), c.Getenv("GOGRID_SHARED_SECRET")
	if key == "" || secret == "" {
		return nil, errors.New("set GOGRID_API_KEY and GOGRID_SHARED_SECRET")
	}
	return client.New(key, secret, settings...)
}

// openShare returns the account's Cloud Storage. It does not connect.
func (c *Command) openShare(ctx context.Context, grid *client.Client, o storageOptions) (*storage.Store, error) {
	config := storage.Config{
		Protocol: storage.Protocol(o.protocol), Host: o.host, Port: o.port, Share: o.share,
		Username: o.username, Password: c.Getenv("GOGRID_STORAGE_PASSWORD"), HostKey: o.hostKey,
	}
	var err error
	if config.PrivateKey, err = readKey(ctx, o.privateKeyFile); err != nil {
		return nil, err
	}
	if o.bastion.host != "" {
		bastion := &communicator.Target{
			Protocol: communicator.SSH, Host: o.bastion.host, Port: o.bastion.port, Username: o.bastion.username,
			Password: c.Getenv("GOGRID_STORAGE_BASTION_PASSWORD"), HostKey: o.bastion.hostKey,
		}
		if bastion.PrivateKey, err = readKey(ctx, o.bastion.privateKeyFile); err != nil {
			return nil, err
		}
		config.Bastion = bastion
	}
	config, err = config.Complete(func(username string) (string, string, error) { return storageAccount(ctx, grid, username) })
	if err != nil {
		return nil, err
	}
	return storage.New(config, storage.Options{Clock: clockwork.NewRealClock()}), nil
}

// maxKeyFile limits the size of a private key file, in bytes.
const maxKeyFile = 1 << 20

// readKey returns the private key in a file, which must have no passphrase. It
// returns "" if file is empty.
func readKey(ctx context.Context, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	key, err := localfile.Read(ctx, file, maxKeyFile)
	if err != nil {
		return "", fmt.Errorf("read the private key file: %w", err)
	}
	if err := communicator.CheckPrivateKey(string(key), ""); err != nil {
		return "", fmt.Errorf("read the private key %s: %w", file, err)
	}
	return string(key), nil
}

// storageAccount returns the user name and password of Cloud Storage from the
// account's password list. An empty username matches every entry.
func storageAccount(ctx context.Context, grid *client.Client, username string) (string, string, error) {
	listed, err := grid.Passwords.CloudStorage(ctx, username)
	switch {
	case err != nil:
		return "", "", fmt.Errorf("read the password of Cloud Storage: %w", err)
	case listed == nil:
		return "", "", errors.New("the account's password list has no matching password for Cloud Storage; set --storage-username and GOGRID_STORAGE_PASSWORD")
	}
	return listed.Username, listed.Password, nil
}
