// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"time"

	"github.com/jonboulle/clockwork"
)

// Watch waits for changes. All waits for servers share one list of servers and
// one list of jobs per poll. All waits for images share their polls in the same
// way. There are no polls while there are no waits.
//
// Only a poll that began after the wait can end the wait. So the newest
// matching job belongs to the change that the caller just requested. (The
// client cannot compare times instead: the grid's clock may differ from the
// local clock by hours.)
type Watch struct {
	servers *poller[Server]
	images  *poller[Image]
}

// Operation names the change to wait for. It determines the time between two polls:
// up to three poll intervals until half of the usual duration has passed, and one
// poll interval from then on.
type Operation string

// The operations to wait for.
const (
	OperationCreateServer  Operation = "create server"
	OperationCreateSandbox Operation = "create sandbox"
	OperationEditServer    Operation = "edit server"
	OperationPowerServer   Operation = "switch server"
	OperationDeleteServer  Operation = "delete server"
	// OperationKeepServer detects that a server disappears while the caller
	// waits for something else on that server.
	OperationKeepServer   Operation = "watch over server"
	OperationSaveImage    Operation = "save image"
	OperationDeleteImage  Operation = "delete image"
	OperationRestoreImage Operation = "restore image"
)

// usualDuration returns how long an operation usually takes. The values for
// power and delete operations were measured; GoGrid's users reported the other
// values.
func (o Operation) usualDuration() time.Duration {
	switch o {
	case OperationCreateServer:
		return 7 * time.Minute
	case OperationCreateSandbox:
		return 10 * time.Minute
	case OperationSaveImage:
		return 15 * time.Minute
	case OperationDeleteImage, OperationRestoreImage, OperationKeepServer:
		return 5 * time.Minute
	case OperationEditServer:
		return 2 * time.Minute
	case OperationPowerServer:
		return 40 * time.Second
	case OperationDeleteServer:
		return 10 * time.Second
	default:
		return 0
	}
}

// maxIntervalFactor is the longest time between two polls, in poll intervals.
const maxIntervalFactor = 3

// interval returns the time until the next poll of a wait that has lasted for
// waited so far.
func (o Operation) interval(waited, poll time.Duration) time.Duration {
	untilHalf := o.usualDuration()/2 - waited
	return min(max(untilHalf, poll), maxIntervalFactor*poll)
}

// ServerWait describes a wait for a server.
type ServerWait struct {
	Operation Operation
	// ID is the id of the server, or 0 if the server is still being
	// provisioned. A server without an id is identified by the public Address
	// and the Name with which it was added. For a server with an id, Address
	// and Name help the wait to find its jobs.
	ID      int64
	Address string
	Name    string
	// Done reports whether the change is complete. Its argument is nil if the server
	// is proven to be gone. Done must not block. The default waits until the server
	// has an id and is on. A wait that lists jobs does not call Done for a server that
	// is being deleted.
	Done func(*Server) bool
	// Job is the command of the job that makes the change, such as
	// [JobCreateVirtualServer], or [JobAny]. If the newest such job of this server
	// failed, the wait ends with a [JobError]. If Job is empty, the wait does not
	// check jobs.
	Job string
	// NeedsJob makes the wait continue until that job has succeeded. Use it if
	// the server alone does not show that the change is complete, as after a
	// restart or an edit. If no job has that command, the newest job of the
	// server counts, because the names of some commands were never recorded. If
	// the API key may not list jobs, or the service shows no job, Done alone
	// decides.
	NeedsJob bool
	// If Idle is set, the wait also ends when the server is listed and has no
	// unfinished job, whatever Done returns. A failed job then does not cause
	// an error.
	Idle bool
}

// Server waits for a server. It returns the server as the last poll showed it,
// or nil if Done accepted that the server is gone. The errors are of the types
// [JobError], [GoneError] and [WaitError]. If the context ends, the error is a
// [WaitError].
func (w *Watch) Server(ctx context.Context, wait ServerWait) (*Server, error) {
	return w.servers.wait(ctx, newServerWaiter(wait))
}

// ImageWait describes a wait for an image.
type ImageWait struct {
	Operation Operation
	ID        int64
	// Done reports whether the change is complete. Its argument is nil if the image is
	// proven to be gone. Done must not block. The default waits until the image is
	// available.
	Done func(*Image) bool
	// Job is the command of the job that makes the change, such as
	// [JobSaveServerImage]. If the newest such job for FriendlyName failed, the wait
	// ends with a [JobError]. If Job is empty, the wait does not check jobs.
	Job          string
	FriendlyName string
}

// Image waits for an image. It returns the same errors as [Watch.Server].
func (w *Watch) Image(ctx context.Context, wait ImageWait) (*Image, error) {
	return w.images.wait(ctx, newImageWaiter(wait))
}

func newWatch(calls *caller, snapshot *Snapshot, clock clockwork.Clock, interval time.Duration) *Watch {
	jobs := func(ctx context.Context, limit int) ([]Job, error) {
		return listJobs(ctx, calls, url.Values{}, limit)
	}
	return &Watch{
		servers: newPoller(clock, interval, source[Server]{
			keys: serverKeys,
			list: func(ctx context.Context) (listing[Server], error) { return polled(ctx, snapshot.servers) },
			get:  func(ctx context.Context, ids []int64) ([]Server, error) { return getServers(ctx, calls, ids...) },
			id:   func(s *Server) int64 { return s.ID },
			gone: snapshot.serverGone, found: snapshot.serverFound,
			vacant: func(ctx context.Context) (map[string]bool, error) {
				snapshot.Refresh(KindIPs)
				ips, err := snapshot.IPs(ctx)
				return vacantOf(ips), err
			},
			jobs: jobs, isPermanentRefusal: calls.history.isPermanentRefusal,
		}),
		images: newPoller(clock, interval, source[Image]{
			keys: imageKeys,
			list: func(ctx context.Context) (listing[Image], error) { return polled(ctx, snapshot.images) },
			get:  func(ctx context.Context, ids []int64) ([]Image, error) { return getImages(ctx, calls, idForm(ids...)) },
			id:   func(i *Image) int64 { return i.ID },
			gone: func(int64) {}, found: snapshot.imageSaved,
			jobs: jobs, isPermanentRefusal: calls.history.isPermanentRefusal,
		}),
	}
}

// polled fetches a list for a poll, and stores it for the readers of the snapshot.
func polled[T any](ctx context.Context, cache *cachedList[T]) (listing[T], error) {
	fetch := cache.begin()
	defer fetch.end()
	found, err := cache.load(ctx)
	if err == nil {
		fetch.store(found)
	}
	return found, err
}

// vacantOf returns the set of unassigned addresses.
func vacantOf(ips []IP) map[string]bool {
	vacant := make(map[string]bool, len(ips))
	for i := range ips {
		if !ips[i].Assigned() {
			vacant[ips[i].Address] = true
		}
	}
	return vacant
}
