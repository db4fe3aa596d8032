// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

const (
	// maxScript is the size of the largest script, in bytes. The parser's stack
	// grows with what is nested, so that this and maxBrackets keep it small.
	maxScript   = 256 << 10
	maxBrackets = 20_000
	// maxNesting is how deep the parts of a script may lie inside each other.
	maxNesting = 2_000
	// maxFrames is how deep the interpreter may call itself, as it does for
	// every function and sourced file: the host's stack is not endless.
	maxFrames = 10_000
	// maxJobs is how many parts of pipelines and jobs in the background may run
	// at once in all shells that one script started.
	maxJobs = 256
)

var (
	errTooMany = errors.New("fork: Resource temporarily unavailable")
	errTooDeep = errors.New("functions, scripts or parentheses are nested too deep")
	errTooLong = fmt.Errorf("the script is larger than %d bytes or has more than %d brackets", maxScript, maxBrackets)
	errPipe    = errors.New("process substitution is not available in a guest; use a file or a pipe")
)

// jobName is the command that runs a part of a pipeline or a job in the
// background, and sourcePrefix where the text of a sourced file is opened: no
// script uses them by chance.
const (
	jobName      = "(job)"
	sourcePrefix = "/dev/(script)/"
)

// session is what all shells share that one script started.
type session struct {
	mu      sync.Mutex
	texts   []string
	numbers map[string]int
	live    int
	calls   int
	ended   *sync.Cond // a job
}

type sessionKey struct{}

// inSession is the session of a context, which begins with the first shell.
func inSession(ctx context.Context) (context.Context, *session, bool) {
	if s, found := ctx.Value(sessionKey{}).(*session); found {
		return ctx, s, false
	}
	s := &session{numbers: map[string]int{}}
	s.ended = sync.NewCond(&s.mu)
	return context.WithValue(ctx, sessionKey{}, s), s, true
}

// keep stores a text and returns its number.
func (s *session) keep(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, found := s.numbers[text]
	if !found {
		number = len(s.texts)
		s.texts, s.numbers[text] = append(s.texts, text), number
	}
	return strconv.Itoa(number)
}

func (s *session) kept(number string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.texts) {
		return "", false
	}
	return s.texts[i], true
}

// called looks whether the interpreter is too deep, and whether nobody reads
// its output. That is not cheap, so that only some calls do.
func (s *session) called(output io.Writer) (over bool, err error) {
	s.mu.Lock()
	s.calls++
	look := s.calls%16 == 0
	s.mu.Unlock()
	if !look {
		return false, nil
	}
	var frame [1]uintptr
	if runtime.Callers(maxFrames, frame[:]) > 0 {
		return false, errTooDeep
	}
	return broken(output), nil
}

// job runs a part of a pipeline or a job in the background. The interpreter
// gives these goroutines of their own, where a panic would end the whole
// process; here it ends the job.
func (s *session) job(ctx context.Context, number string) error {
	text, found := s.kept(number)
	if !found {
		return interp.ExitStatus(exitNotFound)
	}
	s.mu.Lock()
	if s.live >= maxJobs {
		s.mu.Unlock()
		_, _ = fmt.Fprintln(interp.HandlerCtx(ctx).Stderr, errTooMany) // nobody else to tell
		return errTooMany
	}
	s.live++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.live--
		s.mu.Unlock()
		s.ended.Broadcast()
	}()
	return guarded(ctx, []string{"eval", text})
}

// settle waits until no job runs.
func (s *session) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.live > 0 {
		s.ended.Wait()
	}
}

// guarded runs a builtin of the interpreter; a panic ends it with an error.
func guarded(ctx context.Context, args []string) (err error) {
	hc := interp.HandlerCtx(ctx)
	defer func() {
		if caught := recover(); caught != nil {
			_, _ = fmt.Fprintf(hc.Stderr, "%s: the shell failed: %v\n", args[0], caught) // nobody else to tell
			err = interp.ExitStatus(exitUsage)
		}
	}()
	return hc.Builtin(ctx, args)
}

// parse reads a script and makes it fit for a guest.
func (s *session) parse(text, name string) (file *syntax.File, changed bool, err error) {
	if len(text) > maxScript || strings.Count(text, "(")+strings.Count(text, "[") > maxBrackets {
		return nil, false, errTooLong
	}
	file, err = syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), name)
	if err != nil {
		return nil, false, err
	}
	changed, err = s.adapt(file)
	return file, changed, err
}

// adapt refuses what a guest cannot have, moves what would run in a goroutine
// of the interpreter's into jobs, and takes the host's process numbers out.
func (s *session) adapt(file *syntax.File) (changed bool, err error) {
	var above []syntax.Node
	syntax.Walk(file, func(node syntax.Node) bool {
		if node != nil {
			above = append(above, node)
			if _, substitution := node.(*syntax.ProcSubst); substitution {
				err = errPipe
			}
			if len(above) > maxNesting {
				err = errTooDeep
			}
			if err != nil {
				above = above[:len(above)-1]
			}
			return err == nil
		}
		node, above = above[len(above)-1], above[:len(above)-1]
		switch node := node.(type) {
		case *syntax.Stmt:
			if node.Background || node.Disown {
				changed = s.intoJob(node) || changed
			}
		case *syntax.BinaryCmd:
			if node.Op == syntax.Pipe || node.Op == syntax.PipeAll {
				changed = s.intoJob(node.X) || changed
			}
		case *syntax.ParamExp:
			if other := map[string]string{"$": ownPID, "PPID": parentPID}[name(node)]; other != "" {
				node.Param.Value, node.Short, changed = other, false, true
			}
		}
		return true
	})
	return changed, err
}

func name(node *syntax.ParamExp) string {
	if node.Param == nil {
		return ""
	}
	return node.Param.Value
}

// intoJob replaces a statement by a command that runs it.
func (s *session) intoJob(st *syntax.Stmt) bool {
	inner := *st
	inner.Background, inner.Disown, inner.Comments = false, false, nil
	var text strings.Builder
	if err := syntax.NewPrinter().Print(&text, &inner); err != nil {
		return false
	}
	word := func(text string) *syntax.Word {
		return &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Value: text}}}
	}
	st.Negated, st.Redirs, st.Comments = false, nil, nil
	st.Cmd = &syntax.CallExpr{Args: []*syntax.Word{word(jobName), word(s.keep(text.String()))}}
	return true
}

// adapted is a text for the interpreter's own parser. What does not parse stays
// as it is: the interpreter says what is wrong with it.
func (s *session) adapted(text string) (string, error) {
	file, changed, err := s.parse(text, "")
	switch {
	case errors.Is(err, errTooLong), errors.Is(err, errTooDeep), errors.Is(err, errPipe):
		return "", err
	case err != nil || !changed:
		return text, nil //nolint:nilerr // see above
	}
	var printed strings.Builder
	err = syntax.NewPrinter().Print(&printed, file)
	return printed.String(), err
}

// opened is a text that a script sources.
type opened struct{ io.Reader }

func (opened) Write([]byte) (int, error) { return 0, errors.New("it is only read") }
func (opened) Close() error              { return nil }
