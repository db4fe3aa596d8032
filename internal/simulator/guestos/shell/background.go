// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// Lifetime is that of the machine. What is left in the background when a script is
// over, or who has run it has gone, lives on in it.
type Lifetime interface {
	// Begin gives a job in the background its context. It calls end when it is
	// over. ok is false when the machine goes down.
	Begin() (ctx context.Context, end func(), ok bool)
}

// backgroundName is the command that runs a job in the background, and
// announceName the one before it. The interpreter gives the job a goroutine,
// which may come too late: when its script is over already, and the context of
// that has ended.
const (
	announceName   = "(announce)"
	backgroundName = "(background)"
)

// wrapBackground replaces a statement in the background by commands that run
// it.
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

// announceJob counts a job that is going to begin, begun one that has.
func (s *session) announceJob() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting++
}

func (s *session) jobStarted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting--
	s.jobChanged.Broadcast()
}

// waitForStarts waits until all jobs that were announced have begun.
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

// background runs a job that outlives its script, where there is a machine for
// it to live on.
func (s *Shell) background(ctx context.Context, shared *session, number string) error { //nolint:contextcheck // that is what it is for
	if s.Lifetime == nil {
		shared.jobStarted()
		return shared.runJob(ctx, number)
	}
	life, end, ok := s.Lifetime.Begin()
	jobCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	shared.jobStarted()
	if !ok {
		return interp.ExitStatus(exitTerminated)
	}
	defer end()
	for _, parent := range []context.Context{life, shared.killed} {
		stop := context.AfterFunc(parent, func() { cancel(context.Cause(parent)) }) //nolint:contextcheck // likewise
		defer stop()
	}
	return shared.runDetached(jobCtx, number)
}

// runDetached runs a job that nobody waits for when the session ends.
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
