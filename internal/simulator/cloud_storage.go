// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// CloudStorageOptions configure the Cloud Storage of the grid's accounts, which
// is served over SFTP. The account's list of passwords contains the login.
type CloudStorageOptions struct {
	// Listen is the host:port to serve on. The host must be a loopback address.
	// "" means a free port of 127.0.0.1. With "none", only guests can reach Cloud
	// Storage.
	Listen string
	// Dir is the folder for the files, with a folder for each account; "" means the
	// folder that contains the disks of the servers.
	Dir string
	// Address is the address of Cloud Storage on the private networks. The names
	// of all shares resolve to this address. The zero value means 10.100.0.10. The
	// address of the real service is not documented.
	Address netip.Addr
	// Gateway is the address of the router to Cloud Storage on every private
	// network. The zero value means the gateway of the account's private block in
	// the server's datacenter.
	Gateway netip.Addr
	// Limit is the maximum total size of the files of one account, in bytes. 0 means
	// 10 GiB.
	Limit int64
}

// CloudStorage describes how a client on the host reaches the Cloud Storage of an
// account over SFTP.
type CloudStorage struct {
	Host string
	Port int
	// HostKey is the server's host key, in the format of authorized_keys.
	HostKey  string
	Username string
	Password string
}

// ErrNoCloudStorage means that the grid serves no Cloud Storage to clients on
// the host, or does not have the account.
var ErrNoCloudStorage = errors.New("the grid serves no Cloud Storage for this account")

// CloudStorage returns the address and the login of an account's Cloud Storage, or
// [ErrNoCloudStorage].
func (g *Grid) CloudStorage(account int64) (CloudStorage, error) {
	if g.storage == nil {
		return CloudStorage{}, ErrNoCloudStorage
	}
	at := g.storage.Address()
	password, known := g.storagePassword(account)
	if !known || !at.IsValid() {
		return CloudStorage{}, ErrNoCloudStorage
	}
	return CloudStorage{
		Host: at.Addr().String(), Port: int(at.Port()), HostKey: g.storage.HostKey(),
		Username: strconv.FormatInt(account, 10), Password: password,
	}, nil
}

// storageGateway returns the address of the router to Cloud Storage on a
// server's private network.
func (g *Grid) storageGateway(s *server) netip.Addr {
	if given := g.options.CloudStorage.Gateway; given.IsValid() {
		return given
	}
	for _, b := range g.accounts[s.Account].Blocks {
		if !b.Public && b.Datacenter == s.Datacenter {
			return netip.MustParseAddr((b.Network + 1).String())
		}
	}
	return netip.Addr{}
}

func (g *Grid) storagePassword(account int64) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noteActivity() // a client that logs in is active, so the clock must not step
	a := g.accounts[account]
	if a == nil {
		return "", false
	}
	return a.StoragePassword, true
}

// openStorage opens Cloud Storage if the options request it. Cloud Storage
// accepts no logins before [Grid.serveStorage], because the grid has not read
// its records yet.
func (g *Grid) openStorage() error {
	wanted := g.options.CloudStorage
	if wanted == nil {
		return nil
	}
	if err := loopback(wanted.Listen); err != nil {
		return err
	}
	dir := wanted.Dir
	if dir == "" {
		dir = g.folder
	}
	var err error
	g.storage, err = guestos.OpenStorage(g.ctx, guestos.StorageOptions{
		Dir: dir, KeyDir: g.folder, Listen: wanted.Listen, Address: wanted.Address, Limit: wanted.Limit, Password: g.storagePassword, Log: g.log,
		HostKeySeed: g.hostKeySeed(drawStorageKey, 0),
	})
	return err
}

// loopback returns an error unless the address to listen on is a loopback
// address.
func loopback(listen string) error {
	if listen == "" || listen == guestos.NoListener {
		return nil
	}
	at, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return fmt.Errorf("resolve the address of Cloud Storage: %w", err)
	}
	if !at.IP.IsLoopback() {
		return fmt.Errorf("the address of Cloud Storage, %s, must be a loopback address, such as 127.0.0.1:0", listen)
	}
	return nil
}

func (g *Grid) serveStorage() {
	if g.storage != nil {
		g.storage.Serve()
	}
}

func (g *Grid) closeStorage() error {
	if g.storage == nil {
		return nil
	}
	return g.storage.Close()
}
