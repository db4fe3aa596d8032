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
// one list of jobs per tick; the same goes for images. Nothing is polled without a wait.
//
// A wait is only answered by polls that began after it did, so the newest
// matching job belongs to the change that was just asked for. (Times cannot be
// compared: the grid's clock may be hours from this machine's.)
type Watch struct {
	servers *poller[Server]
	images  *poller[Image]
}

// Operation names the change to wait for. It decides how often to look: seldom until
// half of the usual time has passed, at the poll interval from then on.
type Operation string

// The operations that can be waited for.
const (
	OperationCreateServer  Operation = "create server"
	OperationCreateSandbox Operation = "create sandbox"
	OperationEditServer    Operation = "edit server"
	OperationPowerServer   Operation = "switch server"
	OperationDeleteServer  Operation = "delete server"
	// OperationKeepServer waits for a server to vanish while something else is
	// waited for.
	OperationKeepServer   Operation = "watch over server"
	OperationSaveImage    Operation = "save image"
	OperationDeleteImage  Operation = "delete image"
	OperationRestoreImage Operation = "restore image"
)

// usualDuration is how long an operation takes as reported by GoGrid's users and, for
// power and delete, recorded.
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

// maxIntervalFactor is how many times longer than the poll interval a pause may be
// while the end is far.
const maxIntervalFactor = 3

// interval is the pause before the next look at something that has been waited
// for that long.
func (o Operation) interval(waited, poll time.Duration) time.Duration {
	untilHalf := o.usualDuration()/2 - waited
	return min(max(untilHalf, poll), maxIntervalFactor*poll)
}

// ServerWait says what to wait for.
type ServerWait struct {
	Operation Operation
	// ID is the server's, 0 for one that is still being provisioned. That one is
	// known by Address and Name, the public address and the name it was added
	// with. Given besides an ID they help to find the job.
	ID      int64
	Address string
	Name    string
	// Done reports whether what is waited for has come. It gets nil when it is
	// proven that the server is gone. It must not block. Default: on, with an
	// id. A wait that checks jobs does not call Done for a server that is being
	// deleted.
	Done func(*Server) bool
	// Job is the command of the job that makes the change, such as
	// [JobCreateVirtualServer], or [JobAny]. When the newest such job of this
	// server has failed, the wait ends with a [JobError]. Empty: no job is looked
	// at.
	Job string
	// NeedsJob makes the wait go on until that job has succeeded too, for
	// changes that leave no trace (a restart) or an ambiguous one (an edit). If
	// there is no job of that command the newest one of the server counts, since
	// the names of some commands were never recorded. A key that may not list
	// jobs, and a service that shows none, are content with Done.
	NeedsJob bool
	// Idle makes the wait also end when the server is there and no job of it is
	// unfinished, whatever Done says. A failed job does not end the wait then.
	Idle bool
}

// Server waits for a server. It returns the server as it was seen last, nil if
// it is gone and that was waited for. The errors are [JobError], [GoneError] and
// [WaitError]; the last also when the context ends.
func (w *Watch) Server(ctx context.Context, wait ServerWait) (*Server, error) {
	return w.servers.wait(ctx, newServerWaiter(wait))
}

// ImageWait says what to wait for.
type ImageWait struct {
	Operation Operation
	ID        int64
	// Done reports whether what is waited for has come. It gets nil when it is
	// proven that the image is gone. It must not block. Default: available.
	Done func(*Image) bool
	// Job is the command of the job that makes the change, such as
	// [JobSaveServerImage]; its newest job for FriendlyName ends the wait if it
	// failed. Empty: no job is looked at.
	Job          string
	FriendlyName string
}

// Image waits for an image, like [Watch.Server].
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

// polled lists for a poll, and shares the list with readers of the snapshot.
func polled[T any](ctx context.Context, cache *cachedList[T]) (listing[T], error) {
	fetch := cache.begin()
	defer fetch.end()
	found, err := cache.load(ctx)
	if err == nil {
		fetch.store(found)
	}
	return found, err
}

// vacantOf returns the set of addresses that are free.
func vacantOf(ips []IP) map[string]bool {
	vacant := make(map[string]bool, len(ips))
	for i := range ips {
		if !ips[i].Assigned() {
			vacant[ips[i].Address] = true
		}
	}
	return vacant
}
