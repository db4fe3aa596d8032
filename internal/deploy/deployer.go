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

// Share is Cloud Storage as a deploy needs it.
type Share interface {
	Read(ctx context.Context, at string, limit int64) ([]byte, error)
	Put(ctx context.Context, at string, upload storage.Upload) (storage.Object, error)
	Remove(ctx context.Context, at string) error
	List(ctx context.Context, prefix string) ([]storage.Object, error)
}

// Deployer deploys. It may be used for many servers at a time.
type Deployer struct {
	Share Share
	// Owner is the deployment whose servers these are; groups of other ones are
	// other groups.
	Owner string
	Clock clockwork.Clock
	// Interval is the pause between two looks at a server.
	Interval time.Duration
	// Gates are those of the process.
	Gates *Gates
	// Runs tells whether the server at an address is there and switched on.
	IsOn func(ctx context.Context, name, address string) (bool, error)
	// LastRestart names the newest restart of the server at an address that the
	// grid's jobs know; empty: none.
	LastRestart func(ctx context.Context, name, address string) (string, error)
}

// Server is one that has a release. Address is public; Private may be empty.
type Server struct {
	Name, Address, Private string
}

// Order is what servers are to do.
type Spec struct {
	// Channel knows where the archive of the release is.
	Channel string
	Release string
	Group   string
	// Limit is how many servers of the group may be away at a time.
	Limit  int
	Health Health
}

// Health is what a server must answer to count as healthy.
type Health struct {
	// Port on the public address must accept a connection; 0: not asked for.
	Port int64
	// URL and Body have placeholders: {public_ip}, {private_ip}, {name} and
	// {release}.
	URL    string
	Status int
	Body   string
	// Timeout bounds the wait for a release to be reported and healthy, from
	// the restart on.
	Timeout time.Duration
}

// alive is what a server must answer that is looked at because another one is
// to restart. It may run any release, and so the body is not looked at.
func (h Health) runningCheck(server Server, release string) probe.Check {
	h.Body = ""
	return h.releaseCheck(server, release)
}

// asksForRelease tells whether the release must be known to look at a server.
func (h Health) needsRelease() bool { return strings.Contains(h.URL, "{release}") }

// sign is what a server must answer that runs a release.
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

// Status is what a server said of its last boot; the zero one when it said
// nothing, or is just saying it, or when the file is none that servers write.
func (d *Deployer) Status(ctx context.Context, server string) (startup.Status, error) {
	text, err := d.Share.Read(ctx, startup.StatusFile(server), maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, storage.ErrTooLarge):
		return startup.Status{}, nil
	case err != nil:
		return startup.Status{}, err
	}
	found, err := startup.DecodeStatus(string(text))
	if err != nil {
		return startup.Status{}, nil //nolint:nilerr // servers need not replace the file in one step
	}
	return found, nil
}

// UnknownReleaseError says that nobody knows where a release's archive is.
type UnknownReleaseError struct {
	Channel, Release string
	// Current and Previous are what the channel names; both are empty when there
	// is no channel.
	Current, Previous string
}

func (e *UnknownReleaseError) Error() string {
	if e.Current == "" {
		return fmt.Sprintf("there is no channel %q on Cloud Storage, which would tell where the archive of the release %s is", e.Channel, e.Release)
	}
	text := fmt.Sprintf("the channel %q names the release %s", e.Channel, e.Current)
	if e.Previous != "" {
		text += fmt.Sprintf(", and %s before", e.Previous)
	}
	return fmt.Sprintf("%s, but not %s, so it is not known where the archive of that is", text, e.Release)
}

// pointer leads to the release of an order: the channel knows it, as its
// current or its previous one, or else the server's own pin.
func (d *Deployer) findRelease(ctx context.Context, spec Spec, current pin) (startup.Pointer, error) {
	text, err := d.Share.Read(ctx, startup.ChannelFile(spec.Channel), maxFileSize)
	var channel startup.Pointer
	if err == nil {
		channel, err = startup.DecodePointer(string(text))
	}
	if err != nil && !storage.IsMissing(err) {
		return startup.Pointer{}, fmt.Errorf("read the channel %q: %w", spec.Channel, err)
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

// Forget removes what is on Cloud Storage of a server that is gone.
func (d *Deployer) RemoveFiles(ctx context.Context, server string) error {
	if err := d.Unpin(ctx, server); err != nil {
		return err
	}
	return d.Share.Remove(ctx, startup.StatusFile(server))
}

// Unpin has a server follow its channel when it boots next.
func (d *Deployer) Unpin(ctx context.Context, server string) error {
	return d.Share.Remove(ctx, startup.ServerFile(server))
}
