// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

const (
	// maxScript is the maximum size of a script in bytes, and maxBrackets the
	// maximum number of brackets. Both limit the parser's stack, which grows
	// with the nesting of a script.
	maxScript   = 256 << 10
	maxBrackets = 20_000
	// maxNesting limits the depth of a script's syntax tree.
	maxNesting = 2_000
	// maxFrames limits the interpreter's stack, which grows with every function
	// call and sourced file. A stack overflow would end the whole process.
	maxFrames = 10_000
	// maxListed limits the number of folders that the patterns of one command
	// may read.
	maxListed = 5_000
	// maxJobs limits the number of pipeline parts and background jobs that run
	// at once in all shells that one script started.
	maxJobs = 256
)

var (
	errTooMany = errors.New("fork: Resource temporarily unavailable")
	errTooDeep = errors.New("functions, scripts or parentheses are nested too deeply")
	errTooLong = fmt.Errorf("the script is larger than %d bytes or has more than %d brackets", maxScript, maxBrackets)
	errPipe    = errors.New("process substitution is not available in a guest; use a file or a pipe")
)

// unsetName is the name of a variable that is never set.
const unsetName = "GUEST_NUMBER"

// jobName is the command that runs a part of a pipeline or a background job.
// sourcePrefix starts the path by which the interpreter opens the text of a
// sourced file. A script is unlikely to use either name by accident.
const (
	jobName      = "(job)"
	sourcePrefix = "/dev/(script)/"
)

// session is the state shared by all shells that one script started.
type session struct {
	mu      sync.Mutex
	texts   []string
	numbers map[string]int
	running int
	// starting is the number of announced jobs that have not started yet.
	starting int
	// detached is the number of running jobs for which the session does not
	// wait.
	detached      int
	calls         int
	listedFolders int        // since the last command
	growthChecks  int        // made so far
	jobChanged    *sync.Cond // signals that a job started or ended

	heapLimit uint64                  // for the whole process, in bytes
	cancel    context.CancelCauseFunc // ends everything except detached jobs
	killed    context.Context         //nolint:containedctx // ends when the session is killed, and ends detached jobs
	cancelAll context.CancelCauseFunc
}

// kill ends everything in the session, including detached jobs.
func (s *session) kill(cause error) {
	s.cancel(cause)
	s.cancelAll(cause)
}

type sessionKey struct{}

// session returns the session of a context. If the context has no session,
// session creates one, and the returned context carries it.
func (s *Shell) session(ctx context.Context) (inner context.Context, shared *session, first bool) {
	if shared := sessionOf(ctx); shared != nil {
		return ctx, shared, false
	}
	shared = &session{numbers: map[string]int{}, heapLimit: s.HeapLimit}
	if shared.heapLimit == 0 {
		shared.heapLimit = defaultHeap
	}
	shared.jobChanged = sync.NewCond(&shared.mu)
	shared.killed, shared.cancelAll = context.WithCancelCause(context.WithoutCancel(ctx))
	ctx, shared.cancel = context.WithCancelCause(ctx)
	return context.WithValue(ctx, sessionKey{}, shared), shared, true
}

func sessionOf(ctx context.Context) *session {
	shared, _ := ctx.Value(sessionKey{}).(*session)
	return shared
}

// closeIfIdle ends the contexts of the session unless one of its jobs still
// runs.
func (s *session) closeIfIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == 0 {
		s.kill(nil)
	}
}

// storeText stores a text and returns its number. Equal texts share a number.
func (s *session) storeText(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, found := s.numbers[text]
	if !found {
		number = len(s.texts)
		s.texts, s.numbers[text] = append(s.texts, text), number
	}
	return strconv.Itoa(number)
}

func (s *session) storedText(number string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(s.texts) {
		return "", false
	}
	return s.texts[i], true
}

// checkCall runs before every command. It checks the size of the variables.
// Only every 16th call makes the expensive checks: the depth of the stack, the
// heap, and whether the output still has a reader. unread reports that the
// output has no reader.
func (s *session) checkCall(hc interp.HandlerContext) (unread bool, err error) {
	if err := s.checkVariables(hc); err != nil {
		return false, err
	}
	s.mu.Lock()
	s.calls++
	s.listedFolders = 0
	look := s.calls%16 == 0
	s.mu.Unlock()
	if !look {
		return false, nil
	}
	var frame [1]uintptr
	if runtime.Callers(maxFrames, frame[:]) > 0 {
		return false, errTooDeep
	}
	return readerClosed(hc.Stdout), s.checkHeap()
}

// countListing counts the folders that patterns read. It returns an error after
// maxListed folders, because one pattern may read the same folder many times.
func (s *session) countListing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listedFolders++; s.listedFolders > maxListed {
		return errArguments
	}
	return nil
}

// runJob runs a part of a pipeline or a background job. The interpreter runs
// each job in a separate goroutine, where a panic would end the whole process.
// runJob recovers from the panic, so that only the job ends.
func (s *session) runJob(ctx context.Context, number string) error {
	text, found := s.storedText(number)
	if !found {
		return interp.ExitStatus(exitNotFound)
	}
	s.mu.Lock()
	if s.running >= maxJobs {
		s.mu.Unlock()
		_, _ = fmt.Fprintln(interp.HandlerCtx(ctx).Stderr, errTooMany) // a failed write cannot be reported
		return errTooMany
	}
	s.running++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.running--
		s.mu.Unlock()
		s.jobChanged.Broadcast()
	}()
	return runGuarded(ctx, []string{"eval", text})
}

// waitForJobs waits until all jobs except detached jobs have ended.
func (s *session) waitForJobs() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.running > s.detached {
		s.jobChanged.Wait()
	}
}

// runGuarded runs a builtin of the interpreter. If the builtin panics, runGuarded
// returns an error.
func runGuarded(ctx context.Context, args []string) (err error) {
	hc := interp.HandlerCtx(ctx)
	defer func() {
		if caught := recover(); caught != nil {
			_, _ = fmt.Fprintf(hc.Stderr, "%s: the shell failed: %v\n", args[0], caught) // a failed write cannot be reported
			err = interp.ExitStatus(exitUsage)
		}
	}()
	return hc.Builtin(ctx, args)
}

// parse parses a script and adapts it to a guest. changed reports whether the
// result differs from the text. If parse returns a syntaxError, it also returns
// the statements before the invalid statement.
func (s *session) parse(text, name string) (file *syntax.File, changed bool, err error) {
	if len(text) > maxScript || strings.Count(text, "(")+strings.Count(text, "[") > maxBrackets {
		return nil, false, errTooLong
	}
	marked := markReturns(text)
	file, err = syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(marked), name)
	var wrong error
	if err != nil {
		var line int
		file, line = leadingStatements(marked, name)
		wrong = shellSyntaxError(text, line, err)
	}
	if at, bare := bareFunction(file); bare != nil {
		file.Stmts, wrong = file.Stmts[:at], bare
	}
	if marked != text {
		unmarkReturns(file)
	}
	changed, err = s.adapt(file)
	if err != nil {
		return nil, false, err
	}
	return file, changed || marked != text, wrong
}

// adapt rejects syntax that a guest does not support, and adds the size checks.
// If the interpreter would run a statement in a separate goroutine, adapt
// converts the statement to a job. It also hides the process ids and home
// folders of the host.
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
				changed = s.wrapBackground(node) || changed
			}
		case *syntax.BinaryCmd:
			if node.Op == syntax.Pipe || node.Op == syntax.PipeAll {
				changed = s.wrapJob(node.X) || changed
			}
		case *syntax.Assign:
			changed = guardAssign(node) || changed
		case *syntax.Word:
			changed = guardWord(node) || changed
			changed = hideHomes(node) || changed
		case *syntax.ParamExp:
			changed = hideProcessIDs(node) || changed
			guarded, wrong := guardReplacement(node)
			changed, err = guarded || changed, errors.Join(err, wrong)
		}
		return true
	})
	return changed, err
}

// hideProcessIDs replaces the process ids of the host with fixed numbers.
func hideProcessIDs(node *syntax.ParamExp) bool {
	if node.Param == nil {
		return false
	}
	number := map[string]string{"$": ownProcess, "PPID": "1"}[node.Param.Value]
	if number == "" {
		return false
	}
	node.Param.Value, node.Short = unsetName, false
	if node.Exp == nil && node.Slice == nil && node.Repl == nil {
		word := &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: number}}}
		node.Exp = &syntax.Expansion{Op: syntax.DefaultUnset, Word: word}
	}
	return true
}

// hideHomes prevents the interpreter from looking up "~name" in the accounts of
// the host.
func hideHomes(word *syntax.Word) bool {
	if len(word.Parts) == 0 {
		return false
	}
	first, ok := word.Parts[0].(*syntax.Lit)
	if !ok || !strings.HasPrefix(first.Value, "~") {
		return false
	}
	account, _, _ := strings.Cut(first.Value[1:], "/")
	switch account {
	case "", "+", "-":
		return false
	case "root":
		first.Value = "/root" + strings.TrimPrefix(first.Value[1:], account)
	default:
		first.Value = `\~` + first.Value[1:]
	}
	return true
}

// wrapJob replaces a statement with a command that runs the statement as a job.
func (s *session) wrapJob(st *syntax.Stmt) bool {
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
	st.Cmd = &syntax.CallExpr{Args: []*syntax.Word{word(jobName), word(s.storeText(text.String()))}}
	return true
}

// adaptText adapts a text for the interpreter's own parser. If the text has a
// syntax error, adaptText returns the unchanged text, so that the interpreter
// reports the error.
func (s *session) adaptText(text string) (string, error) {
	file, changed, err := s.parse(text, "")
	switch {
	case errors.Is(err, errTooLong), errors.Is(err, errTooDeep), errors.Is(err, errPipe), errors.Is(err, errReplacement):
		return "", err
	case err != nil || !changed:
		return text, nil //nolint:nilerr // see above
	}
	var printed strings.Builder
	err = syntax.NewPrinter().Print(&printed, file)
	return printed.String(), err
}

// sourcedText is the text of a sourced file, open for reading.
type sourcedText struct{ *strings.Reader }

func (sourcedText) Write([]byte) (int, error) { return 0, errors.New("a sourced file is read-only") }
func (sourcedText) Close() error              { return nil }
