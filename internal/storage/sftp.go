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
	// sftpChannels is how many operations are under way at a time: OpenSSH
	// allows ten channels to one login.
	sftpChannels = 8
	// packetsInFlight is how many packets of 32 KiB an upload sends ahead of
	// their answers.
	packetsInFlight = 64
	// nearlyFull is how many free bytes explain that a write has failed.
	fullThreshold = 64 << 10
)

// sftpDriver is a login to an SSH server. Each operation has a channel of its
// own for its time, since a channel is what can be closed to end one.
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

// checkRoot finds out that the share is missing, which would later look like
// each file missing.
func (d *sftpDriver) checkRoot(ctx context.Context) error {
	info, err := d.stat(ctx, "")
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return ErrNoShare
	}
	return err
}

// at is a path as the server takes it.
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

// run runs an operation on a channel. When the context ends, it does not wait
// for the operation, which ends with its channel.
func (d *sftpDriver) run(ctx context.Context, operation func(*sftp.Client) error) error {
	if ctx.Err() != nil { // the select may choose any case that is ready
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
			_ = client.Close() // it is of no use
			return err
		}
		d.idle <- client // which has room for as many as there are slots
		return err
	case <-ctx.Done():
		go func() { _ = client.Close() }() // may wait for a server that does not answer
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
		// ReadFrom would wait for the answer to each packet, as it cannot ask this reader for its size.
		_, err = file.ReadFromWithConcurrency(source, packetsInFlight)
		if err = errors.Join(err, file.Close()); err != nil {
			return d.explainFull(client, err)
		}
		return backdate(client, d.serverPath(at))
	})
}

// inTheWay tells a file that must not be there from other failures, which look
// alike in this version of the protocol.
func (d *sftpDriver) explainExist(client *sftp.Client, at string, exclusive bool, err error) error {
	if err == nil || !exclusive || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	if _, found := client.Lstat(d.serverPath(at)); found == nil {
		return errors.Join(fs.ErrExist, err)
	}
	return err
}

// full does the same for a server without space.
func (d *sftpDriver) explainFull(client *sftp.Client, err error) error {
	if status := new(sftp.StatusError); !errors.As(err, &status) {
		return err
	}
	if space, statErr := client.StatVFS(d.serverPath("")); statErr == nil && space.Bavail*space.Frsize < fullThreshold {
		return errors.Join(ErrNoSpace, err)
	}
	return err
}

// backdate takes some seconds off the time of a new file. The protocol knows
// whole seconds only: a file of the same size that somebody writes within the
// second of ours could not be told from it. How many they are is left to
// chance, since that somebody may be another one of us.
func backdate(client *sftp.Client, at string) error {
	info, err := client.Stat(at)
	if err != nil {
		return err
	}
	before := info.ModTime().Add(-time.Duration(1+rand.IntN(60)) * time.Second) //nolint:gosec // nobody gains by guessing it
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

// rename needs an extension: the rename of the protocol itself refuses to
// replace a file. A server without it gets the replaced file out of the way
// first, so there it takes two steps.
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

// renameNew is the rename of the protocol itself, which refuses to replace a file.
// The look before it is for servers that replace all the same.
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
