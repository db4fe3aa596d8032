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

// cleanupTimeout bounds the write of the pin after a step has failed.
const cleanupTimeout = 30 * time.Second

// Restart restarts a server and waits until the grid shows the server as on.
// last is the newest restart job before the call. If the answer to the request
// is lost, a newer restart job proves that the restart happened.
type Restart func(ctx context.Context, last string) error

// ReleaseError is returned for a server that was restarted but does not run its
// release, or is not healthy.
type ReleaseError struct {
	Server, Release string
	// Status is the server's report about the boot, or the zero value if there
	// is no report.
	Status startup.Status
	// Err is the reason: why the report or the health check failed.
	Err error
}

func (e *ReleaseError) Error() string {
	switch {
	case e.Status.Started == "":
		return fmt.Sprintf("server %q has not reported that it runs the release %s: %v", e.Server, e.Release, e.Err)
	case e.Status.Release != e.Release && e.Status.Release != "":
		return fmt.Sprintf("server %q could not install the release %s and has gone back to %s: %v", e.Server, e.Release, e.Status.Release, e.Err)
	case e.Status.Release != e.Release:
		return fmt.Sprintf("server %q could not install the release %s and has no earlier release: %v", e.Server, e.Release, e.Err)
	default:
		return fmt.Sprintf("server %q has installed the release %s but is not healthy: %v", e.Server, e.Release, e.Err)
	}
}

// Unwrap returns the reason.
func (e *ReleaseError) Unwrap() error { return e.Err }

// Announce pins the release of a server that is about to be created or switched
// on, so that the server loads the release when it boots.
func (d *Deployer) Announce(ctx context.Context, name string, spec Spec) error {
	s, err := d.readStep(ctx, Server{Name: name}, spec)
	if err != nil {
		return err
	}
	return s.begin(ctx, stepBoot, "")
}

// Pin makes a server load a release at its next boot, without restarting the
// server. off reports whether the server is switched off. In that case the
// other servers of the group do not wait for it.
func (d *Deployer) Pin(ctx context.Context, server Server, spec Spec, off bool) error {
	current, err := d.readPin(ctx, server.Name)
	if err != nil {
		return err
	}
	s := &step{Deployer: d, server: server, spec: spec, pin: current}
	return s.repin(ctx, off)
}

// Converge makes a server run a release and waits until the server is healthy.
// It does not restart a server that already runs the release. It resumes a step
// that a killed apply left open: the server's files and the grid's jobs show
// how far that step got.
func (d *Deployer) Converge(ctx context.Context, server Server, spec Spec, restart Restart) error {
	// Read the pin and the status once. Every decision before the restart uses them.
	s, err := d.readStep(ctx, server, spec)
	if err != nil {
		return err
	}

	// Resume an open step for this release, unless that step has failed.
	if s.resumable() {
		return s.resume(ctx, restart)
	}

	// Only update the pin if the server already runs the release and is healthy.
	done, err := s.done(ctx)
	if err != nil {
		return err
	}
	if done {
		return s.repin(ctx, false)
	}

	// Find the newest restart job. If a later apply resumes the step, it
	// compares this job with the grid's jobs to find out whether the restart
	// was requested.
	last, err := d.LastRestart(ctx, server.Name, server.Address)
	if err != nil {
		return err
	}

	// Open the step in the pin before the restart, so the next apply can resume it.
	if err := s.begin(ctx, stepRestart, last); err != nil {
		return err
	}

	// Restart the server. If that fails, the step stays open, and the next
	// apply checks whether the restart happened.
	if err := restart(ctx, last); err != nil {
		return err
	}

	// Wait for the server's report and for its health, then close the step.
	return s.finish(ctx)
}

// step is the part of a rollout that concerns one server.
type step struct {
	*Deployer
	server Server
	spec   Spec
	// pin is the server's current pin. After begin it contains the open step.
	pin pin
	// status is the server's last report before the restart.
	status startup.Status
}

// readStep reads the pin and the status of a server, each once.
func (d *Deployer) readStep(ctx context.Context, server Server, spec Spec) (*step, error) {
	current, err := d.readPin(ctx, server.Name)
	if err != nil {
		return nil, err
	}
	status, err := d.Status(ctx, server.Name)
	if err != nil {
		return nil, err
	}
	return &step{Deployer: d, server: server, spec: spec, pin: current, status: status}, nil
}

// runs reports whether a status says that the step's release was installed
// without a problem.
func (s *step) runs(status startup.Status) bool {
	return status.OK() && status.Release == s.spec.Release
}

// resumable reports whether an earlier apply left a step for this release open
// and the server has not reported that the step failed.
func (s *step) resumable() bool {
	failed := s.pin.reported(s.status) && !s.runs(s.status)
	return s.pin.open() && s.pin.Release == s.spec.Release && !failed
}

// resume finishes a step that an earlier apply left open.
func (s *step) resume(ctx context.Context, restart Restart) error {
	// Restart the server, unless the server has reported the boot or the
	// restart was already requested.
	if s.pin.Step == stepRestart && !s.pin.reported(s.status) {
		last, err := s.LastRestart(ctx, s.server.Name, s.server.Address)
		if err != nil {
			return err
		}
		if last == s.pin.StepJob {
			if err := restart(ctx, last); err != nil {
				return err
			}
		}
	}

	// Wait for the server's report and for its health, then close the step.
	return s.finish(ctx)
}

// done reports whether the server already runs the release, is healthy, and
// cannot be loading another release.
func (s *step) done(ctx context.Context) (bool, error) {
	if booting, err := s.mayBoot(ctx); err != nil || booting {
		return false, err
	}
	return s.runs(s.status) && s.spec.Health.releaseCheck(s.server, s.spec.Release).Try(ctx) == nil, nil
}

// mayBoot reports whether the server may be loading the release of a step that
// another apply left open.
func (s *step) mayBoot(ctx context.Context) (bool, error) {
	if !s.pin.open() || s.pin.reported(s.status) {
		return false, nil
	}
	if s.pin.Step == stepBoot {
		return true, nil
	}
	last, err := s.LastRestart(ctx, s.server.Name, s.server.Address)
	return last != s.pin.StepJob, err
}

// begin opens the step in the server's pin. job is the newest restart job
// before the step.
func (s *step) begin(ctx context.Context, kind, job string) error {
	wanted, err := s.findRelease(ctx, s.spec, s.pin)
	if err != nil {
		return err
	}
	next := s.next(s.pin, wanted)
	next.Step, next.StepStatus, next.StepJob = kind, s.status.Started, job
	s.pin = next
	return s.writePin(ctx, s.server.Name, next)
}

// repin writes the step's release into the server's pin without opening the
// step. The pin of a server that is off has no address, so that the other
// servers of the group do not wait for it.
func (s *step) repin(ctx context.Context, off bool) error {
	wanted, err := s.findRelease(ctx, s.spec, s.pin)
	if err != nil {
		return err
	}
	next := s.next(s.pin, wanted)
	if off {
		next.Address, next.Private = "", ""
	}
	return s.writeIfChanged(ctx, next)
}

// next returns a pin without an open step that replaces before.
func (s *step) next(before pin, wanted startup.Pointer) pin {
	return pin{Pointer: wanted.After(before.Pointer), Group: s.spec.Group, Address: s.server.Address, Private: s.server.Private}
}

// writeIfChanged writes the server's pin if it differs from the current one.
func (s *step) writeIfChanged(ctx context.Context, next pin) error {
	next.UpdatedAt, next.UpdatedBy = s.pin.UpdatedAt, s.Owner
	if next == s.pin {
		return nil
	}
	return s.writePin(ctx, s.server.Name, next)
}

// finish waits until the server reports the release and is healthy, then closes
// the step. If ctx ends first, the step stays open.
func (s *step) finish(ctx context.Context) error {
	deadline := s.Clock.Now().Add(s.spec.Health.Timeout)
	status, err := s.awaitReport(ctx, deadline)
	if err == nil {
		err = s.awaitHealth(ctx, s.server, s.spec, deadline)
	}
	if ctx.Err() != nil && err != nil {
		return s.ended(ctx)
	}
	if err != nil {
		return s.fail(ctx, &ReleaseError{s.server.Name, s.spec.Release, status, err})
	}
	return s.writeIfChanged(ctx, s.next(s.pin.closed(), pointerOf(s.pin)))
}

// ended explains a wait that was cut short by the caller's context.
func (s *step) ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("the time limit passed while waiting for server %q to run the release %s: %w", s.server.Name, s.spec.Release, cause)
	}
	return fmt.Errorf("interrupted while waiting for server %q to run the release %s: %w", s.server.Name, s.spec.Release, cause)
}

// awaitReport waits until the server reports the boot of this step, and returns
// that report. The error is nil only if the server runs the release.
func (s *step) awaitReport(ctx context.Context, deadline time.Time) (startup.Status, error) {
	for {
		status, err := s.Status(ctx, s.server.Name)
		reported := err == nil && s.pin.reported(status)
		switch {
		case reported && s.runs(status):
			return status, nil
		case reported && status.OK():
			return status, fmt.Errorf("it loaded the release %s", status.Release)
		case reported:
			return status, errors.New(status.FailureText())
		case err == nil:
			err = s.pin.missingReport(s.server.Name, status)
		}
		if !s.Clock.Now().Before(deadline) {
			return startup.Status{}, fmt.Errorf("in %s, %w", s.spec.Health.Timeout, err)
		}
		if err := s.pause(ctx, nil); err != nil {
			return startup.Status{}, err
		}
	}
}

// missingReport returns an error that explains why the boot of the step counts
// as not reported.
func (p pin) missingReport(server string, status startup.Status) error {
	const log = "see its own log, /var/log/gogrid-startup.log or C:\\gogrid\\startup.log"
	file := startup.StatusFile(server)
	if p.newer(status) {
		return fmt.Errorf("its file %s reports another boot, which should have loaded %s; %s", file, status.Wanted, log)
	}
	return fmt.Errorf("its file %s is not newer than its restart; %s", file, log)
}

// AwaitHealthy waits until a server is healthy after a restart that did not change
// its release. The wait is bounded by spec.Health.Timeout.
func (d *Deployer) AwaitHealthy(ctx context.Context, server Server, spec Spec) error {
	if err := d.awaitHealth(ctx, server, spec, d.Clock.Now().Add(spec.Health.Timeout)); err != nil {
		return fmt.Errorf("server %q is not healthy: %w", server.Name, err)
	}
	return nil
}

// awaitHealth waits until the health check succeeds or the deadline has passed.
func (d *Deployer) awaitHealth(ctx context.Context, server Server, spec Spec, deadline time.Time) error {
	err := spec.Health.releaseCheck(server, spec.Release).Await(ctx, d.Clock, d.Interval, deadline)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		return fmt.Errorf("after %s, %w", spec.Health.Timeout, err)
	}
}

// fail closes a failed step and returns its error. If the server rolled back to
// the previous release, fail also rolls back the pin, so that later boots keep
// that release.
func (s *step) fail(ctx context.Context, failed *ReleaseError) error {
	after := s.pin.closed()
	if installed := failed.Status.Release; installed != "" && installed == s.pin.PreviousRelease {
		after = after.rolledBack()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if err := s.writePin(ctx, s.server.Name, after); err != nil {
		return fmt.Errorf("%w; writing the server's pin also failed: %w", failed, err)
	}
	return failed
}

// pointerOf returns the current release of a pin, without the previous one.
func pointerOf(p pin) startup.Pointer {
	return startup.Pointer{Release: p.Release, Archive: p.Archive, SHA256: p.SHA256}
}
