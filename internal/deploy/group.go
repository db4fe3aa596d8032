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

// looks is how many servers are looked at at a time.
const maxParallel = 16

// Enter waits until a server may be restarted: at most order.Limit servers of
// the group are away at a time, those included that do not answer for another
// reason. It returns how the server leaves: with what became of it. After an
// error no other server of the group enters any more in this process, which is
// a [StoppedError] for them.
func (d *Deployer) Enter(ctx context.Context, server Server, spec Spec) (leave func(error), err error) {
	return d.Gates.of(spec.Group).enter(ctx, d, server.Name, spec, func(ctx context.Context) (map[string]error, error) {
		return d.findUnavailable(ctx, server.Name, spec)
	})
}

// away are the servers of a group that run and do not answer. Which servers
// belong to the group, their pins tell, so those of other processes are among
// them. A listing that lacks the pin of the server itself, although the pin can be
// read, is an error: no server is restarted by such a listing.
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

// errPartialListing says that a listing of pins is not complete.
var errPartialListing = errors.New("the listing of the servers' files on Cloud Storage lacks one that can be read, so it is not known which servers of the group are up; run the same command again")

// lookAt is what is wrong with a server of the group; nil when nothing is, or
// when it is none of them or nobody counts on it.
func (d *Deployer) checkMember(ctx context.Context, name string, spec Spec) (problem, err error) {
	p, err := d.readPin(ctx, name)
	if err != nil || p.Group != spec.Group || p.UpdatedBy != d.Owner || p.Address == "" {
		return nil, err
	}
	problem, err = d.checkPinned(ctx, name, p, spec)
	if problem == nil || err != nil {
		return nil, err
	}
	// One that was deleted behind everybody's back has left its pin.
	on, err := d.IsOn(ctx, name, p.Address)
	if err != nil || !on {
		return nil, err
	}
	return problem, nil
}

// errUnsettled is what is seen of a server whose restart somebody has sent who may
// have been killed then. It may still answer as it did before.
var errNotReported = errors.New("its turn has begun, and it has not told of it yet")

// see is what is wrong with a server that has a pin.
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
