// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// farewell bounds what is written after a turn that failed.
const farewell = 30 * time.Second

// Restart restarts a server and waits until it shows as on. It is told the
// newest restart so far, by which one whose answer was lost can be told from
// one that never came about.
type Restart func(ctx context.Context, last string) error

// ReleaseError says that a server does not run its release as it should.
type ReleaseError struct {
	Server, Release string
	// Status is what the server has told since; the zero one when it told
	// nothing.
	Status startup.Status
	// Err is what was waited for and not seen.
	Err error
}

func (e *ReleaseError) Error() string {
	switch {
	case e.Status.Started == "":
		return fmt.Sprintf("server %q has not told that it runs the release %s: %v", e.Server, e.Release, e.Err)
	case e.Status.Release != e.Release && e.Status.Release != "":
		return fmt.Sprintf("server %q could not install the release %s and has gone back to %s: %v", e.Server, e.Release, e.Status.Release, e.Err)
	case e.Status.Release != e.Release:
		return fmt.Sprintf("server %q could not install the release %s, and has no other: %v", e.Server, e.Release, e.Err)
	default:
		return fmt.Sprintf("server %q has installed the release %s and is not healthy: %v", e.Server, e.Release, e.Err)
	}
}

// Unwrap gives access to what was not seen.
func (e *ReleaseError) Unwrap() error { return e.Err }

// Announce pins the release of a server that is about to boot by itself,
// because it is made or switched on, so that it loads it right then.
func (d *Deployer) Announce(ctx context.Context, name string, order Order) error {
	_, err := d.begin(ctx, Server{Name: name}, order, turnBoot, "")
	return err
}

// Pin has a server load a release whenever it boots next. Nobody counts on
// the server meanwhile if it is off.
func (d *Deployer) Pin(ctx context.Context, server Server, order Order, off bool) error {
	own, err := d.readPin(ctx, server.Name)
	if err != nil {
		return err
	}
	wanted, err := d.pointer(ctx, order, own)
	if err != nil {
		return err
	}
	next := d.next(own, wanted, server, order)
	if off {
		next.Address, next.Private = "", ""
	}
	return d.change(ctx, server.Name, own, next)
}

// Converge has a server run a release and be healthy. A server that tells that
// it runs it already is not restarted, nor is one whose turn is under way
// because whoever began it was killed: what the turn has reached is read off
// the server's files and the grid's jobs.
func (d *Deployer) Converge(ctx context.Context, server Server, order Order, restart Restart) error {
	own, err := d.readPin(ctx, server.Name)
	if err != nil {
		return err
	}
	if own.open() && own.Release == order.Release {
		return d.resume(ctx, server, order, own, restart)
	}
	told, err := d.Status(ctx, server.Name)
	if err != nil {
		return err
	}
	booting, err := d.mayBoot(ctx, server, own, told)
	if err != nil {
		return err
	}
	if !booting && told.OK() && told.Release == order.Release && order.Health.sign(server, order.Release).Look(ctx) == nil {
		return d.Pin(ctx, server, order, false)
	}
	return d.take(ctx, server, order, restart)
}

// mayBoot tells whether a server may be loading the release of a turn that
// somebody else has begun.
func (d *Deployer) mayBoot(ctx context.Context, server Server, turn pin, told startup.Status) (bool, error) {
	if !turn.open() || turn.reported(told) {
		return false, nil
	}
	if turn.Turn == turnBoot {
		return true, nil
	}
	last, err := d.LastRestart(ctx, server.Name, server.Address)
	return last != turn.TurnJob, err
}

// take is a whole turn.
func (d *Deployer) take(ctx context.Context, server Server, order Order, restart Restart) error {
	job, err := d.LastRestart(ctx, server.Name, server.Address)
	if err != nil {
		return err
	}
	turn, err := d.begin(ctx, server, order, turnRestart, job)
	if err != nil {
		return err
	}
	// After an error the turn stays open: whoever resumes it looks whether the
	// restart came about.
	if err := restart(ctx, job); err != nil {
		return err
	}
	return d.await(ctx, server, order, turn)
}

// resume goes on with a turn that somebody else has begun.
func (d *Deployer) resume(ctx context.Context, server Server, order Order, turn pin, restart Restart) error {
	told, err := d.Status(ctx, server.Name)
	if err != nil {
		return err
	}
	if turn.reported(told) && (!told.OK() || told.Release != order.Release) {
		return d.take(ctx, server, order, restart) // that turn is over, and failed
	}
	if turn.Turn == turnRestart && !turn.reported(told) {
		last, err := d.LastRestart(ctx, server.Name, server.Address)
		if err != nil {
			return err
		}
		if last == turn.TurnJob {
			if err := restart(ctx, last); err != nil {
				return err
			}
		}
	}
	return d.await(ctx, server, order, turn)
}

// begin opens a turn in the server's pin.
func (d *Deployer) begin(ctx context.Context, server Server, order Order, kind, job string) (pin, error) {
	before, err := d.readPin(ctx, server.Name)
	if err != nil {
		return pin{}, err
	}
	wanted, err := d.pointer(ctx, order, before)
	if err != nil {
		return pin{}, err
	}
	told, err := d.Status(ctx, server.Name)
	if err != nil {
		return pin{}, err
	}
	turn := d.next(before, wanted, server, order)
	turn.Turn, turn.TurnStatus, turn.TurnJob = kind, told.Started, job
	return turn, d.writePin(ctx, server.Name, turn)
}

// next is the pin that follows another one.
func (d *Deployer) next(before pin, wanted startup.Pointer, server Server, order Order) pin {
	return pin{Pointer: wanted.After(before.Pointer), Group: order.Group, Address: server.Address, Private: server.Private}
}

// change writes a pin that differs from the one that is there.
func (d *Deployer) change(ctx context.Context, name string, before, next pin) error {
	next.UpdatedAt, next.UpdatedBy = before.UpdatedAt, d.Owner
	if next == before {
		return nil
	}
	return d.writePin(ctx, name, next)
}

// await waits until a server tells that it runs the release of its turn, and
// is healthy, and ends the turn.
func (d *Deployer) await(ctx context.Context, server Server, order Order, turn pin) error {
	deadline := d.Clock.Now().Add(order.Health.Timeout)
	told, err := d.awaitReport(ctx, server, order, turn, deadline)
	if err == nil {
		err = d.awaitHealth(ctx, server, order, deadline)
	}
	if ctx.Err() != nil && err != nil {
		return ended(ctx, server, order)
	}
	if err != nil {
		return d.fail(ctx, server, turn, &ReleaseError{server.Name, order.Release, told, err})
	}
	return d.change(ctx, server.Name, turn, d.next(turn.closed(), pointerOf(turn), server, order))
}

// ended is the error of a wait that somebody else has ended. The turn stays
// open.
func ended(ctx context.Context, server Server, order Order) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("no time was left to wait until server %q runs the release %s: %w", server.Name, order.Release, cause)
	}
	return fmt.Errorf("interrupted while waiting for server %q to run the release %s: %w", server.Name, order.Release, cause)
}

// awaitReport waits for the status of the boot of a turn.
func (d *Deployer) awaitReport(ctx context.Context, server Server, order Order, turn pin, deadline time.Time) (startup.Status, error) {
	for {
		told, err := d.Status(ctx, server.Name)
		switch {
		case err == nil && turn.reported(told) && told.OK() && told.Release == order.Release:
			return told, nil
		case err == nil && turn.reported(told) && told.OK():
			return told, fmt.Errorf("it has loaded the release %s", told.Release)
		case err == nil && turn.reported(told):
			return told, errors.New(told.Trouble())
		case err == nil:
			err = turn.unheard(server.Name, told)
		}
		if !d.Clock.Now().Before(deadline) {
			return startup.Status{}, fmt.Errorf("in %s, %w", order.Health.Timeout, err)
		}
		if err := d.pause(ctx, nil); err != nil {
			return startup.Status{}, err
		}
	}
}

// unheard is what is seen of a server as long as it has told nothing of its turn.
func (p pin) unheard(server string, told startup.Status) error {
	const log = "its own log, /var/log/gogrid-startup.log or C:\\gogrid\\startup.log, tells more"
	file := startup.StatusFile(server)
	if p.newer(told) {
		return fmt.Errorf("its newest file %s is about a boot that was to load %s; %s", file, told.Wanted, log)
	}
	return fmt.Errorf("its file %s is not newer than its restart; %s", file, log)
}

// Healthy waits until a server that was restarted for another reason than its
// release is healthy again.
func (d *Deployer) Healthy(ctx context.Context, server Server, order Order) error {
	if err := d.awaitHealth(ctx, server, order, d.Clock.Now().Add(order.Health.Timeout)); err != nil {
		return fmt.Errorf("server %q is not healthy: %w", server.Name, err)
	}
	return nil
}

// awaitHealth waits for the sign of life.
func (d *Deployer) awaitHealth(ctx context.Context, server Server, order Order, deadline time.Time) error {
	err := order.Health.sign(server, order.Release).Await(ctx, d.Clock, d.Interval, deadline)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		return fmt.Errorf("after %s, %w", order.Health.Timeout, err)
	}
}

// fail ends a turn that has failed. A server that has gone back to the release
// before stays there, also when it boots again.
func (d *Deployer) fail(ctx context.Context, server Server, turn pin, failed *ReleaseError) error {
	after := turn.closed()
	if told := failed.Status.Release; told != "" && told == turn.PreviousRelease {
		after = after.back()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := d.writePin(ctx, server.Name, after); err != nil {
		return fmt.Errorf("%w; and then its pin could not be written: %w", failed, err)
	}
	return failed
}

// pointerOf is the release of a pin alone.
func pointerOf(p pin) startup.Pointer {
	return startup.Pointer{Release: p.Release, Archive: p.Archive, SHA256: p.SHA256}
}
