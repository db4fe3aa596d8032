// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// NoListener is the value of StorageOptions.Listen for a CloudStorage that only
// guests can reach.
const NoListener = "none"

const (
	defaultStorageListen = "127.0.0.1:0"
	// defaultStorageLimit is the free storage of an account. GoGrid charged for
	// more.
	defaultStorageLimit = 10 << 30
	storageKeyName      = "storage-host-key"
)

// StorageOptions configure a CloudStorage.
type StorageOptions struct {
	// Dir holds one folder for each account that has used its share. OpenStorage
	// creates Dir if it is missing.
	Dir string
	// KeyDir is the folder of the host key, which survives a restart of the grid.
	KeyDir string
	// HostKeySeed determines the host key, unless KeyDir already has one.
	HostKeySeed HostKeySeed
	// Listen is the host:port for SFTP. "" means a free port of 127.0.0.1. With
	// NoListener, only guests can reach the storage.
	Listen string
	// Address is the address of all shares on the private networks; the zero
	// value means 10.100.0.10.
	Address netip.Addr
	// Limit is the maximum size of all files of one account in bytes; 0 means 10
	// GiB.
	Limit int64
	// Password returns the password of an account, and false if the account does
	// not exist.
	Password func(account int64) (string, bool)
	// Log receives errors that cannot be returned to a caller; nil discards them.
	Log *slog.Logger
}

// CloudStorage is the file share of every account of a grid. Guests reach the
// share of their account over the private network. SFTP clients on the host
// reach the shares through a loopback port.
type CloudStorage struct {
	options  StorageOptions
	ctx      context.Context
	stop     context.CancelFunc
	listener net.Listener // nil with NoListener
	key      ssh.Signer
	running  sync.WaitGroup
	clients  *doorman

	mu     sync.Mutex
	shares map[int64]*disk.Disk // by account
}

// OpenStorage opens the storage and its listener. No client can log in before
// Serve is called. All connections end with ctx.
func OpenStorage(ctx context.Context, options StorageOptions) (*CloudStorage, error) {
	if options.Listen == "" {
		options.Listen = defaultStorageListen
	}
	if !options.Address.IsValid() {
		options.Address = netip.AddrFrom4([4]byte{10, 100, 0, 10})
	}
	if options.Limit == 0 {
		options.Limit = defaultStorageLimit
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	for _, dir := range []string{options.Dir, options.KeyDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("create the folder of Cloud Storage: %w", err)
		}
	}
	key, err := loadOrCreateHostKey(filepath.Join(options.KeyDir, storageKeyName), options.HostKeySeed)
	if err != nil {
		return nil, fmt.Errorf("load the host key of Cloud Storage: %w", err)
	}
	var listener net.Listener
	if options.Listen != NoListener {
		var config net.ListenConfig
		if listener, err = config.Listen(ctx, "tcp", options.Listen); err != nil {
			return nil, fmt.Errorf("listen for clients of Cloud Storage: %w", err)
		}
	}
	c := &CloudStorage{options: options, listener: listener, key: key, clients: newDoorman(), shares: map[int64]*disk.Disk{}}
	c.ctx, c.stop = context.WithCancel(ctx)
	return c, nil
}

// Address returns the address for SFTP, or the zero value with NoListener.
func (c *CloudStorage) Address() netip.AddrPort {
	if c.listener == nil {
		return netip.AddrPort{}
	}
	at := c.listener.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// HostKey returns the public key of the server in the format of
// authorized_keys.
func (c *CloudStorage) HostKey() string { return authorizedKey(c.key) }

// Close ends all connections. It keeps the files.
func (c *CloudStorage) Close() error {
	c.stop()
	var err error
	if c.listener != nil {
		if err = c.listener.Close(); errors.Is(err, net.ErrClosed) {
			err = nil // closed before
		}
	}
	c.running.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, share := range c.shares {
		err = errors.Join(err, share.Close())
	}
	return err
}

// share returns the disk of an account's share, and creates the disk on first
// use.
func (c *CloudStorage) share(account int64) (*disk.Disk, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if share := c.shares[account]; share != nil {
		return share, nil
	}
	dir := filepath.Join(c.options.Dir, "storage-"+strconv.FormatInt(account, 10))
	open := disk.Open
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		open = disk.Create
	}
	share, err := open(dir, c.options.Limit)
	if err != nil {
		return nil, err
	}
	if err := removeParts(share, "/"); err != nil {
		return nil, errors.Join(err, share.Close())
	}
	c.shares[account] = share
	return share, nil
}
