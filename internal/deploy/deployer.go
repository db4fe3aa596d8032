// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/probe"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Share holds the operations on Cloud Storage that a deploy uses.
// [storage.Store] implements it.
type Share interface {
	Read(ctx context.Context, at string, limit int64) ([]byte, error)
	Put(ctx context.Context, at string, upload storage.Upload) (storage.Object, error)
	Remove(ctx context.Context, at string) error
	List(ctx context.Context, prefix string) ([]storage.Object, error)
}

// Deployer rolls releases out to servers. Its methods may be called
// concurrently.
type Deployer struct {
	Share Share
	// Owner is the deployment that the servers belong to. Servers of another
	// deployment never count as members of a group.
	Owner string
	Clock clockwork.Clock
	// Interval is the pause between two checks of a server.
	Interval time.Duration
	// Gates is shared by all deployers of the process.
	Gates *Gates
	// IsOn reports whether a server with this name has the address and is
	// switched on.
	IsOn func(ctx context.Context, name, address string) (bool, error)
	// LastRestart returns the id of the newest restart job of the server at an
	// address, or an empty string if the grid lists no such job.
	LastRestart func(ctx context.Context, name, address string) (string, error)
}

// Server is a server that runs releases. Address is its public address. Private
// is its private address, and may be empty.
type Server struct {
	Name, Address, Private string
}

// Spec is the desired state of a server: which release it runs, and what counts
// as healthy.
type Spec struct {
	// Channel is the name of the channel that holds the path of the release's
	// archive.
	Channel string
	Release string
	Group   string
	// Limit is the maximum number of unavailable servers in the group, at least
	// 1.
	Limit  int
	Health Health
}

// Health is the health check of a server.
type Health struct {
	// Port on the public address must accept a TCP connection; 0 skips this
	// check.
	Port int64
	// URL must answer with Status and a body that contains Body. URL and Body may
	// contain the placeholders {public_ip}, {private_ip}, {name} and {release}.
	URL    string
	Status int
	Body   string
	// Timeout limits the time from the restart until the server is healthy and has
	// reported the release.
	Timeout time.Duration
}

// runningCheck returns the check for a server that another server's restart
// depends on. Such a server may run any release, so its body is not checked.
func (h Health) runningCheck(server Server, release string) probe.Check {
	h.Body = ""
	return h.releaseCheck(server, release)
}

// needsRelease reports whether the check needs the release of the server.
func (h Health) needsRelease() bool { return strings.Contains(h.URL, "{release}") }

// releaseCheck returns the check for a server that runs a release.
func (h Health) releaseCheck(server Server, release string) probe.Check {
	fill := strings.NewReplacer("{public_ip}", server.Address, "{private_ip}", server.Private, "{name}", server.Name, "{release}", release)
	var check probe.Check
	if h.Port != 0 {
		check.Address = net.JoinHostPort(server.Address, strconv.FormatInt(h.Port, 10))
	}
	if h.URL != "" {
		check.URL, check.Status, check.Body = fill.Replace(h.URL), h.Status, fill.Replace(h.Body)
	}
	return check
}

// Status returns what a server reported about its last boot. It is the zero
// Status if the status file is missing, incomplete, unreadable or not written by a
// server.
func (d *Deployer) Status(ctx context.Context, server string) (startup.Status, error) {
	status, err := d.readStatus(ctx, server)
	var unreadable *UnreadableError
	if errors.As(err, &unreadable) {
		return startup.Status{}, nil
	}
	return status, err
}

// readStatus is like Status, but returns an *UnreadableError for an unreadable
// file.
func (d *Deployer) readStatus(ctx context.Context, server string) (startup.Status, error) {
	text, err := d.Share.Read(ctx, startup.StatusFile(server), maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, storage.ErrTooLarge):
		return startup.Status{}, nil // a file that is too large is treated as missing
	case isUnreadable(err):
		return startup.Status{}, &UnreadableError{server, err}
	case err != nil:
		return startup.Status{}, err
	}
	found, err := startup.DecodeStatus(string(text))
	if err != nil {
		return startup.Status{}, nil //nolint:nilerr // a server may be writing the file right now
	}
	return found, nil
}

// UnreadableError reports a file of one server that Cloud Storage holds but cannot
// return: a folder, a link loop, or a file that the account may not read. Any server
// that can write to the share can leave such a file.
type UnreadableError struct {
	Server string
	Err    error
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("the status of server %q cannot be read; remove the file or folder at its path on Cloud Storage, and the server writes a new status at its next boot: %v", e.Server, e.Err)
}

// Unwrap returns the error of Cloud Storage.
func (e *UnreadableError) Unwrap() error { return e.Err }

// isUnreadable reports whether a read error concerns only that file, and not Cloud
// Storage as a whole. File servers report a folder or a link loop as an error without a
// kind.
func isUnreadable(err error) bool {
	var failed *storage.Error
	var unproven *storage.UnprovenError
	switch {
	case errors.Is(err, fs.ErrPermission):
		return true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &unproven):
		return false
	}
	return errors.As(err, &failed) && failed.Kind == nil
}

// UnknownReleaseError is returned if neither the channel nor the server's pin
// holds the archive of a release.
type UnknownReleaseError struct {
	Channel, Release string
	// Current and Previous are the releases that the channel names. Both are
	// empty if the channel does not exist.
	Current, Previous string
}

func (e *UnknownReleaseError) Error() string {
	if e.Current == "" {
		return fmt.Sprintf("there is no channel %q on Cloud Storage, so the archive of the release %s is unknown", e.Channel, e.Release)
	}
	text := fmt.Sprintf("the channel %q names the release %s", e.Channel, e.Current)
	if e.Previous != "" {
		text += fmt.Sprintf(", and %s before", e.Previous)
	}
	return fmt.Sprintf("%s, but not %s, so the archive of %[2]s is unknown", text, e.Release)
}

// findRelease returns the pointer to the spec's release. It searches the
// current and the previous release of the channel, then those of the server's
// pin. If none of them matches, it returns an *UnknownReleaseError.
func (d *Deployer) findRelease(ctx context.Context, spec Spec, current pin) (startup.Pointer, error) {
	text, err := d.Share.Read(ctx, startup.ChannelFile(spec.Channel), maxFileSize)
	var channel startup.Pointer
	if err == nil {
		channel, err = startup.DecodePointer(string(text))
	}
	if err != nil && !storage.IsMissing(err) {
		return startup.Pointer{}, fmt.Errorf("read channel %q: %w", spec.Channel, err)
	}
	for _, candidate := range []startup.Pointer{
		{Release: channel.Release, Archive: channel.Archive, SHA256: channel.SHA256},
		{Release: channel.PreviousRelease, Archive: channel.PreviousArchive, SHA256: channel.PreviousSHA256},
		{Release: current.Release, Archive: current.Archive, SHA256: current.SHA256},
		{Release: current.PreviousRelease, Archive: current.PreviousArchive, SHA256: current.PreviousSHA256},
	} {
		if candidate.Release == spec.Release && candidate.Check() == nil {
			return candidate, nil
		}
	}
	return startup.Pointer{}, &UnknownReleaseError{spec.Channel, spec.Release, channel.Release, channel.PreviousRelease}
}

// RemoveFiles removes the pin and the status file of a deleted server.
func (d *Deployer) RemoveFiles(ctx context.Context, server string) error {
	if err := d.Unpin(ctx, server); err != nil {
		return err
	}
	return d.Share.Remove(ctx, startup.StatusFile(server))
}

// Unpin removes the pin of a server, which then follows its channel at the next
// boot.
func (d *Deployer) Unpin(ctx context.Context, server string) error {
	return d.Share.Remove(ctx, startup.ServerFile(server))
}
