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
const looks = 16

// Enter waits until a server may be restarted: at most order.Limit servers of
// the group are away at a time, those included that do not answer for another
// reason. It returns how the server leaves: with what became of it. After an
// error no other server of the group enters any more in this process, which is
// a [StoppedError] for them.
func (d *Deployer) Enter(ctx context.Context, server Server, order Order) (leave func(error), err error) {
	return d.Gates.of(order.Group).enter(ctx, d, server.Name, order, func(ctx context.Context) (map[string]error, error) {
		return d.away(ctx, server.Name, order)
	})
}

// away are the servers of a group that run and do not answer. Which servers
// belong to the group, their pins tell, so those of other processes are among
// them. A listing that lacks the pin of the server itself, although the pin can be
// read, is an error: no server is restarted by such a listing.
func (d *Deployer) away(ctx context.Context, self string, order Order) (map[string]error, error) {
	found := map[string]error{}
	if !order.Health.alive(Server{}, "").Asked() {
		return found, nil
	}
	names, err := d.known(ctx, startup.ServerFile)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, self) {
		own, err := d.readPin(ctx, self)
		if err == nil && own != (pin{}) {
			err = errPartialListing
		}
		if err != nil {
			return nil, err
		}
	}
	var mu sync.Mutex
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(looks)
	for _, name := range names {
		tasks.Go(func() error {
			seen, err := d.lookAt(ctx, name, order)
			if err != nil || seen == nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			found[name] = seen
			return nil
		})
	}
	return found, tasks.Wait()
}

// errPartialListing says that a listing of pins is not complete.
var errPartialListing = errors.New("the listing of the servers' files on Cloud Storage lacks one that can be read, so it is not known which servers of the group are up; run the same command again")

// lookAt is what is wrong with a server of the group; nil when nothing is, or
// when it is none of them or nobody counts on it.
func (d *Deployer) lookAt(ctx context.Context, name string, order Order) (seen, err error) {
	p, err := d.readPin(ctx, name)
	if err != nil || p.Group != order.Group || p.UpdatedBy != d.Owner || p.Address == "" {
		return nil, err
	}
	seen, err = d.see(ctx, name, p, order)
	if seen == nil || err != nil {
		return nil, err
	}
	// One that was deleted behind everybody's back has left its pin.
	runs, err := d.Runs(ctx, name, p.Address)
	if err != nil || !runs {
		return nil, err
	}
	return seen, nil
}

// errUnsettled is what is seen of a server whose restart somebody has sent who may
// have been killed then. It may still answer as it did before.
var errUnsettled = errors.New("its turn has begun, and it has not told of it yet")

// see is what is wrong with a server that has a pin.
func (d *Deployer) see(ctx context.Context, name string, p pin, order Order) (seen, err error) {
	var told startup.Status
	if p.open() || order.Health.asksForRelease() {
		if told, err = d.Status(ctx, name); err != nil {
			return nil, err
		}
	}
	if p.Turn == turnRestart && !p.reported(told) {
		last, err := d.LastRestart(ctx, name, p.Address)
		if err != nil || last != p.TurnJob {
			return errUnsettled, err
		}
	}
	seen = order.Health.alive(Server{name, p.Address, p.Private}, told.Release).Look(ctx)
	return seen, ctx.Err()
}
