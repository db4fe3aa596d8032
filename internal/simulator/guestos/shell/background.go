// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Lifetime represents the time from a machine's boot to its shutdown. Until the
// shutdown, a background job continues to run even if its script has ended or
// the client has disconnected.
type Lifetime interface {
	// Begin returns the context of a background job. The job must call end when
	// it ends. If the machine is going down, ok is false and the job must not
	// run.
	Begin() (ctx context.Context, end func(), ok bool)
}

// backgroundName is the command that runs a background job, and announceName is
// the command that announces the job beforehand. The interpreter runs the job
// in a goroutine, which may start after the script and its context have ended.
// Because of the announcement, the script waits until the job has started.
const (
	announceName   = "(announce)"
	backgroundName = "(background)"
)

// wrapBackground replaces a background statement with two commands, which
// announce and run the statement as a job.
func (s *session) wrapBackground(st *syntax.Stmt) bool {
	job := *st
	if !s.wrapJob(&job) {
		return false
	}
	call, ok := job.Cmd.(*syntax.CallExpr)
	if !ok {
		return false
	}
	call.Args[0].Parts[0] = &syntax.SglQuoted{Value: backgroundName}
	announcement := &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Value: announceName}}}
	st.Negated, st.Background, st.Disown, st.Redirs, st.Comments = false, false, false, nil, nil
	st.Cmd = &syntax.Block{Stmts: []*syntax.Stmt{{Cmd: &syntax.CallExpr{Args: []*syntax.Word{announcement}}}, &job}}
	return true
}

// announceJob counts a background job that is about to start.
func (s *session) announceJob() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting++
}

// jobStarted marks one announced job as started.
func (s *session) jobStarted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting--
	s.jobChanged.Broadcast()
}

// waitForStarts waits until all announced jobs have started, or ctx ends.
func (s *session) waitForStarts(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.jobChanged.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.starting > 0 && ctx.Err() == nil {
		s.jobChanged.Wait()
	}
}

// background runs a background job. The job outlives its script if the shell has a
// Lifetime.
func (s *Shell) background(ctx context.Context, shared *session, number string) error { //nolint:contextcheck // the job must outlive the context
	if s.Lifetime == nil {
		shared.jobStarted()
		return shared.runJob(ctx, number)
	}
	upContext, end, ok := s.Lifetime.Begin()
	jobCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	shared.jobStarted()
	if !ok {
		return interp.ExitStatus(exitTerminated)
	}
	defer end()
	for _, parent := range []context.Context{upContext, shared.killed} {
		stop := context.AfterFunc(parent, func() { cancel(context.Cause(parent)) }) //nolint:contextcheck // the job must outlive the context
		defer stop()
	}
	return shared.runDetached(jobCtx, number)
}

// runDetached runs a job for which the session does not wait.
func (s *session) runDetached(ctx context.Context, number string) error {
	s.mu.Lock()
	s.detached++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.detached--
		s.mu.Unlock()
		s.jobChanged.Broadcast()
	}()
	return s.runJob(ctx, number)
}
