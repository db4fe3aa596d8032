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

// NoListener is where a CloudStorage listens that only guests reach.
const NoListener = "none"

const (
	defaultStorageListen = "127.0.0.1:0"
	// defaultStorageLimit is what an account had for nothing; it paid for more.
	defaultStorageLimit = 10 << 30
	storageKeyName      = "storage-host-key"
)

// StorageOptions configure a CloudStorage.
type StorageOptions struct {
	// Dir has a folder for each account that has used its share. It is made if
	// it is missing.
	Dir string
	// KeyDir is where the host key is kept, so that it stays the same.
	KeyDir string
	// HostKeySeed determines the host key, unless KeyDir already has one.
	HostKeySeed HostKeySeed
	// Listen is the host:port that SFTP is served on; "" means a free port of
	// 127.0.0.1, and Nowhere that only guests reach it.
	Listen string
	// Address is what the names of all shares stand for on the private
	// networks; not valid means 10.100.0.10.
	Address netip.Addr
	// Limit is the number of bytes that the files of one account may have; 0
	// means 10 GiB.
	Limit int64
	// Password is that of an account; false for one that does not exist.
	Password func(account int64) (string, bool)
	// Log gets what goes wrong without anybody waiting for it; nil drops it.
	Log *slog.Logger
}

// CloudStorage is the file share of every account of a grid: a folder, which
// the guests of the account reach over their private network, and SFTP clients
// of the host on a port of loopback.
type CloudStorage struct {
	options  StorageOptions
	ctx      context.Context
	stop     context.CancelFunc
	listener net.Listener // nil where it listens nowhere
	key      ssh.Signer
	running  sync.WaitGroup
	clients  chan struct{} // has an element for each connection

	mu     sync.Mutex
	shares map[int64]*disk.Disk // by account
}

// OpenStorage listens, and lets nobody in before Serve is called. ctx bounds
// the life of all connections.
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
			return nil, fmt.Errorf("making the folder of Cloud Storage: %w", err)
		}
	}
	key, err := loadOrCreateHostKey(filepath.Join(options.KeyDir, storageKeyName), options.HostKeySeed)
	if err != nil {
		return nil, fmt.Errorf("the host key of Cloud Storage: %w", err)
	}
	var listener net.Listener
	if options.Listen != NoListener {
		var config net.ListenConfig
		if listener, err = config.Listen(ctx, "tcp", options.Listen); err != nil {
			return nil, fmt.Errorf("listening for clients of Cloud Storage: %w", err)
		}
	}
	c := &CloudStorage{options: options, listener: listener, key: key, clients: make(chan struct{}, maxConnections), shares: map[int64]*disk.Disk{}}
	c.ctx, c.stop = context.WithCancel(ctx)
	return c, nil
}

// Address is where SFTP is served; not valid for one that listens nowhere.
func (c *CloudStorage) Address() netip.AddrPort {
	if c.listener == nil {
		return netip.AddrPort{}
	}
	at := c.listener.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// HostKey is the public key that the server shows, in the form of
// authorized_keys.
func (c *CloudStorage) HostKey() string { return authorizedKey(c.key) }

// Close ends all connections. The files stay.
func (c *CloudStorage) Close() error {
	c.stop()
	var err error
	if c.listener != nil {
		if err = c.listener.Close(); errors.Is(err, net.ErrClosed) {
			err = nil // it was closed before
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

// share is the files of an account.
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
