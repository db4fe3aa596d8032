// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"

	"github.com/pkg/sftp"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

const (
	// sftpChannels bounds the concurrent operations. OpenSSH allows ten channels
	// per login.
	sftpChannels = 8
	// packetsInFlight is how many packets of 32 KiB an upload sends before it waits
	// for answers.
	packetsInFlight = 64
	// fullThreshold is the free space, in bytes, below which a failed write is
	// reported as ErrNoSpace.
	fullThreshold = 64 << 10
)

// sftpDriver is a login to an SSH server. Each operation uses its own channel,
// because the only way to abort an operation is to close its channel.
type sftpDriver struct {
	login *communicator.Login
	root  string
	stall *stallTimer
	slots chan struct{}
	idle  chan *sftp.Client
}

func dialSFTP(ctx context.Context, config Config, options Options, stall *stallTimer) (driver, error) {
	login, err := communicator.LogIn(ctx, communicator.Target{
		Host: config.Host, Port: config.Port, Username: config.Username, Password: config.Password,
		PrivateKey: config.PrivateKey, HostKey: config.HostKey, Bastion: config.Bastion,
	}, options.login())
	if err != nil {
		return nil, loginError(err)
	}
	d := &sftpDriver{
		login: login, root: config.Share, stall: stall,
		slots: make(chan struct{}, sftpChannels), idle: make(chan *sftp.Client, sftpChannels),
	}
	if d.root != "" {
		if err := d.checkRoot(ctx); err != nil {
			d.close()
			return nil, err
		}
	}
	return d, nil
}

// checkRoot returns ErrNoShare if the share does not exist. Without this check,
// all files would appear to be missing.
func (d *sftpDriver) checkRoot(ctx context.Context) error {
	info, err := d.stat(ctx, "")
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return ErrNoShare
	}
	return err
}

// serverPath returns a path in the form that the server expects.
func (d *sftpDriver) serverPath(path string) string {
	switch {
	case d.root == "" && path == "":
		return "."
	case d.root == "":
		return path
	case path == "":
		return d.root
	default:
		return d.root + "/" + path
	}
}

// run runs an operation on a channel. When ctx is done, run closes the channel, which
// aborts the operation, and returns at once.
func (d *sftpDriver) run(ctx context.Context, operation func(*sftp.Client) error) error {
	if ctx.Err() != nil { // the select below may choose a free slot although ctx is done
		return context.Cause(ctx)
	}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	client, err := d.channel(ctx)
	if err != nil {
		return sftpError(err)
	}
	done := make(chan error, 1)
	go func() { done <- operation(client) }()
	select {
	case err := <-done:
		d.stall.reset()
		if err = sftpError(err); errors.Is(err, ErrLost) {
			_ = client.Close() // the channel is broken
			return err
		}
		d.idle <- client // never blocks: the capacity equals the number of slots
		return err
	case <-ctx.Done():
		go func() { _ = client.Close() }() // Close may block if the server does not answer
		return context.Cause(ctx)
	}
}

func (d *sftpDriver) channel(ctx context.Context) (*sftp.Client, error) {
	select {
	case client := <-d.idle:
		return client, nil
	default:
		return d.login.Files(ctx)
	}
}

func (d *sftpDriver) write(ctx context.Context, at string, content io.Reader, exclusive bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		how = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	source := &detachable{stall: d.stall, reader: content}
	defer source.detach()
	return d.run(ctx, func(client *sftp.Client) error {
		file, err := client.OpenFile(d.serverPath(at), how)
		if err != nil {
			return d.explainExist(client, at, exclusive, err)
		}
		// ReadFrom would wait for an answer after each packet, because the size
		// of this reader is unknown.
		_, err = file.ReadFromWithConcurrency(source, packetsInFlight)
		if err = errors.Join(err, file.Close()); err != nil {
			return d.explainFull(client, err)
		}
		return backdate(client, d.serverPath(at))
	})
}

// explainExist adds fs.ErrExist to the error of an exclusive open or rename if
// the file exists. This version of the protocol has no error code for an
// existing file.
func (d *sftpDriver) explainExist(client *sftp.Client, at string, exclusive bool, err error) error {
	if err == nil || !exclusive || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	if _, found := client.Lstat(d.serverPath(at)); found == nil {
		return errors.Join(fs.ErrExist, err)
	}
	return err
}

// explainFull adds ErrNoSpace to the error of a write if the server has no space left.
func (d *sftpDriver) explainFull(client *sftp.Client, err error) error {
	if status := new(sftp.StatusError); !errors.As(err, &status) {
		return err
	}
	if space, statErr := client.StatVFS(d.serverPath("")); statErr == nil && space.Bavail*space.Frsize < fullThreshold {
		return errors.Join(ErrNoSpace, err)
	}
	return err
}

// backdate sets the modification time of a new file 1 to 60 seconds back, so
// that a replacement of the same size has a different time. Without backdating,
// a file that another process writes within the same second would have the same
// time, because the protocol has only whole seconds. The offset is random,
// because the other process may also backdate its file.
func backdate(client *sftp.Client, at string) error {
	info, err := client.Stat(at)
	if err != nil {
		return err
	}
	before := info.ModTime().Add(-time.Duration(1+rand.IntN(60)) * time.Second) //nolint:gosec // not a secret
	return client.Chtimes(at, before, before)
}

func (d *sftpDriver) read(ctx context.Context, at string, to io.Writer) error {
	target := &detachable{stall: d.stall, writer: to}
	defer target.detach()
	return d.run(ctx, func(client *sftp.Client) error {
		file, err := client.Open(d.serverPath(at))
		if err != nil {
			return err
		}
		_, err = file.WriteTo(target)
		return errors.Join(err, file.Close())
	})
}

func (d *sftpDriver) stat(ctx context.Context, at string) (fs.FileInfo, error) {
	var info fs.FileInfo
	err := d.run(ctx, func(client *sftp.Client) error {
		found, err := client.Stat(d.serverPath(at))
		info = found
		return err
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

func (d *sftpDriver) list(ctx context.Context, folder string) ([]fs.FileInfo, error) {
	var entries []fs.FileInfo
	err := d.run(ctx, func(client *sftp.Client) error {
		found, err := client.ReadDir(d.serverPath(folder))
		entries = found
		return err
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

func (d *sftpDriver) mkdir(ctx context.Context, folder string) error {
	return d.run(ctx, func(client *sftp.Client) error { return client.MkdirAll(d.serverPath(folder)) })
}

func (d *sftpDriver) remove(ctx context.Context, at string) error {
	return d.run(ctx, func(client *sftp.Client) error { return client.Remove(d.serverPath(at)) })
}

// rename uses an OpenSSH extension, because the protocol's own rename does not
// replace a file. On a server without the extension, rename takes two steps: it
// removes the existing file first.
func (d *sftpDriver) rename(ctx context.Context, from, to string) error {
	return d.run(ctx, func(client *sftp.Client) error {
		if _, ok := client.HasExtension("posix-rename@openssh.com"); ok {
			return client.PosixRename(d.serverPath(from), d.serverPath(to))
		}
		if _, err := client.Stat(d.serverPath(from)); err != nil {
			return err
		}
		if err := client.Remove(d.serverPath(to)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return client.Rename(d.serverPath(from), d.serverPath(to))
	})
}

// renameNew uses the protocol's own rename, which does not replace a file. It
// first checks that no such file exists, because some servers replace a file
// nevertheless.
func (d *sftpDriver) renameNew(ctx context.Context, from, to string) error {
	return d.run(ctx, func(client *sftp.Client) error {
		if _, err := client.Lstat(d.serverPath(to)); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				err = fs.ErrExist
			}
			return err
		}
		return d.explainExist(client, to, true, client.Rename(d.serverPath(from), d.serverPath(to)))
	})
}

func (d *sftpDriver) close() { _ = d.login.Close() }
