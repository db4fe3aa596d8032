// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"github.com/cloudsoda/go-smb2"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

const (
	// cancelGrace is how long a canceled operation may take to return, because
	// it waits for the pieces in flight.
	cancelGrace = time.Second
	// logoffTimeout bounds the logoff from the server.
	logoffTimeout = 200 * time.Millisecond
)

// smbDriver is a session with an SMB server and one of its shares.
type smbDriver struct {
	conn    net.Conn
	session *smb2.Session
	share   *smb2.Share
	bastion *communicator.Login
	stall   *stallTimer
	clock   clockwork.Clock
}

func dialSMB(ctx context.Context, config Config, options Options, stall *stallTimer) (driver, error) {
	d := &smbDriver{stall: stall, clock: options.Network}
	if err := d.open(ctx, config, options); err != nil {
		d.closeConns()
		return nil, err
	}
	return d, nil
}

func (d *smbDriver) open(ctx context.Context, config Config, options Options) error {
	dial := (&net.Dialer{}).DialContext
	if config.Bastion != nil {
		bastion, err := communicator.LogIn(ctx, *config.Bastion, options.login())
		if err != nil {
			return bastionError(err)
		}
		d.bastion = bastion
		dial = bastion.DialContext
	}
	conn, err := dial(ctx, "tcp", config.address())
	if err != nil {
		return unreachableError(err)
	}
	d.conn = &activityConn{Conn: conn, stall: d.stall}
	dialer := &smb2.Dialer{Initiator: &smb2.NTLMInitiator{User: config.Username, Password: config.Password}}
	if d.session, err = dialer.DialConn(ctx, d.conn, config.Host); err != nil {
		return openingError(err)
	}
	share, err := d.session.WithContext(ctx).Mount(config.Share)
	if err != nil {
		return mountError(err)
	}
	d.share = share
	return nil
}

// run runs an operation. The requests of the operation have no context. If a
// request were canceled while the library sends it, the library would send only
// part of the request, and the next request would corrupt the connection. So
// run closes the connection if the operation does not return within cancelGrace
// after ctx is done, or if the server is silent.
func (d *smbDriver) run(ctx context.Context, operation func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		if !errors.Is(context.Cause(ctx), ErrSilent) {
			timer := d.clock.NewTimer(cancelGrace)
			defer timer.Stop()
			select {
			case <-timer.Chan():
			case <-finished:
				return
			}
		}
		d.closeConns()
	})
	err := smbError(operation())
	close(finished)
	stop()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

func (d *smbDriver) write(ctx context.Context, at string, content io.Reader, exclusive bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if exclusive {
		how = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	return d.run(ctx, func() error {
		file, err := d.share.OpenFile(at, how, 0o644)
		if err != nil {
			return err
		}
		err = writePipelined(ctx, file, content)
		// Close the file even after an error, because an open file cannot be
		// removed.
		return errors.Join(err, file.Close())
	})
}

func (d *smbDriver) read(ctx context.Context, at string, to io.Writer) error {
	return d.run(ctx, func() error {
		file, err := d.share.Open(at)
		if err != nil {
			return err
		}
		info, err := file.Stat()
		if err == nil {
			err = readPipelined(ctx, file, info.Size(), to)
		}
		return errors.Join(err, file.Close())
	})
}

func (d *smbDriver) stat(ctx context.Context, at string) (fs.FileInfo, error) {
	var info fs.FileInfo
	err := d.run(ctx, func() (err error) {
		info, err = d.share.Stat(at)
		return err
	})
	return info, err
}

func (d *smbDriver) list(ctx context.Context, folder string) ([]fs.FileInfo, error) {
	var entries []fs.FileInfo
	err := d.run(ctx, func() (err error) {
		entries, err = d.share.ReadDir(folder)
		return err
	})
	return entries, err
}

func (d *smbDriver) mkdir(ctx context.Context, folder string) error {
	return d.run(ctx, func() error { return d.mkdirAll(folder) })
}

func (d *smbDriver) mkdirAll(folder string) error {
	err := d.share.Mkdir(folder, 0o755)
	if parent := folderOf(folder); errors.Is(err, fs.ErrNotExist) && parent != "" {
		if err = d.mkdirAll(parent); err == nil {
			err = d.share.Mkdir(folder, 0o755)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

func (d *smbDriver) remove(ctx context.Context, at string) error {
	return d.run(ctx, func() error { return d.share.Remove(at) })
}

func (d *smbDriver) rename(ctx context.Context, from, to string) error {
	return d.run(ctx, func() error { return d.share.Rename(from, to) })
}

// close logs off, so that the server frees its resources at once, and then
// closes the connections.
func (d *smbDriver) close() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = d.session.Logoff() // the connection is closed anyway
	}()
	timer := time.NewTimer(logoffTimeout)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
	d.closeConns()
}

func (d *smbDriver) closeConns() {
	// Close the bastion first, because closing a connection through a frozen
	// bastion would block.
	if d.bastion != nil {
		_ = d.bastion.Close() // the connection is given up
	}
	if d.conn != nil {
		_ = d.conn.Close() // the connection is given up
	}
}
