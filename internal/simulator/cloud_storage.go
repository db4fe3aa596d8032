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

// CloudStorageOptions serve the Cloud Storage of the grid's accounts over SFTP.
// User name and password of an account are those in its list of passwords.
type CloudStorageOptions struct {
	// Listen is the host:port to serve on, which must be one of loopback; ""
	// means a free port of 127.0.0.1, and "none" that only guests reach it.
	Listen string
	// Dir is a folder with the files of all accounts, one folder for each; "" means that
	// they are kept beside the disks of the servers.
	Dir string
	// Address is what the names of all shares stand for on the private
	// networks; not valid means 10.100.0.10. No source tells what it was.
	Address netip.Addr
	// Gateway is the address on every private network that leads there; not
	// valid means the first of the account's private block in the server's
	// datacenter, which is never given to a server.
	Gateway netip.Addr
	// Limit is how many bytes the files of one account may have; 0 means 10 GiB.
	Limit int64
}

// CloudStorage is how a client of the host reaches the Cloud Storage of an
// account.
type CloudStorage struct {
	Host string
	Port int
	// HostKey is what the server shows, in the form of authorized_keys.
	HostKey  string
	Username string
	Password string
}

// ErrNoCloudStorage is returned where a grid serves none, or has no such account.
var ErrNoCloudStorage = errors.New("the grid has no such Cloud Storage")

// CloudStorage tells how to reach the Cloud Storage of an account.
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

// storageGateway is the address on a server's private network that leads to
// Cloud Storage.
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
	g.noteActivity() // a client that logs in is working, not waiting
	a := g.accounts[account]
	if a == nil {
		return "", false
	}
	return a.StoragePassword, true
}

// openStorage listens before the grid reads its records; nobody is let in yet.
func (g *Grid) openStorage() error {
	asked := g.options.CloudStorage
	if asked == nil {
		return nil
	}
	if err := loopback(asked.Listen); err != nil {
		return err
	}
	dir := asked.Dir
	if dir == "" {
		dir = g.folder
	}
	var err error
	g.storage, err = guestos.OpenStorage(g.life, guestos.StorageOptions{
		Dir: dir, KeyDir: g.folder, Listen: asked.Listen, Address: asked.Address, Limit: asked.Limit, Password: g.storagePassword, Log: g.log,
		HostKeySeed: g.hostKeySeed(drawStorageKey, 0),
	})
	return err
}

// loopback refuses what others than this host could reach.
func loopback(listen string) error {
	if listen == "" || listen == guestos.NoListener {
		return nil
	}
	at, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return fmt.Errorf("the address of Cloud Storage: %w", err)
	}
	if !at.IP.IsLoopback() {
		return fmt.Errorf("the address of Cloud Storage is %s: it must be one of loopback, such as 127.0.0.1:0", listen)
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
