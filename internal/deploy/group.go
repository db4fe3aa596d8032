// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// maxParallel is how many servers are checked concurrently.
const maxParallel = 16

// Enter waits until a server may be restarted, so that at most spec.Limit
// servers of the group are unavailable at a time. A server that fails its
// health check also counts as unavailable, even if it is not being restarted.
//
// The caller must call leave with the result of the restart. After a non-nil
// result no other server of the group is admitted in this process: Enter then
// returns a [StoppedError]. It returns an [UnavailableError] if too many servers
// stay unavailable.
func (d *Deployer) Enter(ctx context.Context, server Server, spec Spec) (leave func(error), err error) {
	return d.Gates.of(spec.Group).enter(ctx, d, server.Name, spec, func(ctx context.Context) (map[string]error, error) {
		return d.findUnavailable(ctx, server.Name, spec)
	})
}

// findUnavailable returns the servers of a group that are switched on and fail
// their health check, each with its problem. The pins determine which servers
// belong to the group, so the result includes servers that another process
// deploys.
//
// The error is errPartialListing if the listing lacks the pin of self although
// that pin can be read. Such a listing may also lack other servers, so no
// server may be restarted.
func (d *Deployer) findUnavailable(ctx context.Context, self string, spec Spec) (map[string]error, error) {
	unavailable := map[string]error{}
	if !spec.Health.runningCheck(Server{}, "").IsSet() {
		return unavailable, nil
	}
	names, err := d.serversWith(ctx, startup.ServerFile)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, self) {
		current, err := d.readPin(ctx, self)
		if err == nil && current != (pin{}) {
			err = errPartialListing
		}
		if err != nil {
			return nil, err
		}
	}
	var mu sync.Mutex
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(maxParallel)
	for _, name := range names {
		tasks.Go(func() error {
			problem, err := d.checkMember(ctx, name, spec)
			if err != nil || problem == nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			unavailable[name] = problem
			return nil
		})
	}
	return unavailable, tasks.Wait()
}

// errPartialListing reports that a listing of pins is incomplete.
var errPartialListing = errors.New("the listing of the servers' files on Cloud Storage lacks a file that can be read, so it is unknown which servers of the group are up; run the same command again")

// checkMember returns the problem of a server in the group. The problem is nil
// if the server is healthy, is off or gone, belongs to another group or
// deployment, or has no address in its pin yet.
func (d *Deployer) checkMember(ctx context.Context, name string, spec Spec) (problem, err error) {
	p, err := d.readPin(ctx, name)
	if err != nil || p.Group != spec.Group || p.UpdatedBy != d.Owner || p.Address == "" {
		return nil, err
	}
	problem, err = d.checkPinned(ctx, name, p, spec)
	if problem == nil || err != nil {
		return nil, err
	}
	// If a server was deleted outside Terraform, its pin still exists.
	on, err := d.IsOn(ctx, name, p.Address)
	if err != nil || !on {
		return nil, err
	}
	return problem, nil
}

// errNotReported is the problem of a server whose restart was requested,
// perhaps by an apply that was killed later. The server may still answer health
// checks as it did before the restart.
var errNotReported = errors.New("restarted, but has not reported its new status yet")

// checkPinned returns the problem of a server that has a pin.
func (d *Deployer) checkPinned(ctx context.Context, name string, p pin, spec Spec) (problem, err error) {
	var status startup.Status
	if p.open() || spec.Health.needsRelease() {
		if status, err = d.Status(ctx, name); err != nil {
			return nil, err
		}
	}
	if p.Step == stepRestart && !p.reported(status) {
		last, err := d.LastRestart(ctx, name, p.Address)
		if err != nil || last != p.StepJob {
			return errNotReported, err
		}
	}
	problem = spec.Health.runningCheck(Server{name, p.Address, p.Private}, status.Release).Try(ctx)
	return problem, ctx.Err()
}
