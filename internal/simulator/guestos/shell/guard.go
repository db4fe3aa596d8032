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
	// maxScript is the size of the largest script, in bytes. The parser's stack
	// grows with what is nested, so that this and maxBrackets keep it small.
	maxScript   = 256 << 10
	maxBrackets = 20_000
	// maxNesting is how deep the parts of a script may lie inside each other.
	maxNesting = 2_000
	// maxFrames is how deep the interpreter may call itself, as it does for
	// every function and sourced file: the host's stack is not endless.
	maxFrames = 10_000
	// maxListed is how many folders the patterns of one command may look at.
	maxListed = 5_000
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

// noName is a variable that nobody has.
const noName = "GUEST_NUMBER"

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
	// starting are announced jobs that have not begun yet.
	starting int
	// outliving are those of live that are not waited for.
	outliving int
	calls     int
	listed    int        // folders, since the last command
	looks     int        // at what is put together
	ended     *sync.Cond // a job

	heap   uint64                  // how large the simulator's may be
	end    context.CancelCauseFunc // ends what does not outlive it
	memory context.Context         //nolint:containedctx // ends when everything is ended, by starve
	starve context.CancelCauseFunc
}

// kill ends everything.
func (s *session) kill(cause error) {
	s.end(cause)
	s.starve(cause)
}

type sessionKey struct{}

// session is the one of a context, which begins with the first shell.
func (s *Shell) session(ctx context.Context) (inner context.Context, shared *session, first bool) {
	if shared := sessionOf(ctx); shared != nil {
		return ctx, shared, false
	}
	shared = &session{numbers: map[string]int{}, heap: s.Heap}
	if shared.heap == 0 {
		shared.heap = defaultHeap
	}
	shared.ended = sync.NewCond(&shared.mu)
	shared.memory, shared.starve = context.WithCancelCause(context.WithoutCancel(ctx))
	ctx, shared.end = context.WithCancelCause(ctx)
	return context.WithValue(ctx, sessionKey{}, shared), shared, true
}

func sessionOf(ctx context.Context) *session {
	shared, _ := ctx.Value(sessionKey{}).(*session)
	return shared
}

// over ends the session's context, unless something still runs in it.
func (s *session) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == 0 {
		s.kill(nil)
	}
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

// called looks whether the shell holds too much, whether the interpreter is too
// deep, and whether nobody reads its output. The latter is not cheap, so that
// only some calls do.
func (s *session) called(hc interp.HandlerContext) (over bool, err error) {
	if err := s.holds(hc); err != nil {
		return false, err
	}
	s.mu.Lock()
	s.calls++
	s.listed = 0
	look := s.calls%16 == 0
	s.mu.Unlock()
	if !look {
		return false, nil
	}
	var frame [1]uintptr
	if runtime.Callers(maxFrames, frame[:]) > 0 {
		return false, errTooDeep
	}
	return broken(hc.Stdout), s.room()
}

// lists counts the folders that patterns are compared with: a pattern may go
// through one again and again.
func (s *session) lists() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listed++; s.listed > maxListed {
		return errArguments
	}
	return nil
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

// settle waits until no job runs but those that live on.
func (s *session) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.live > s.outliving {
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

// parse parses a script and adapts it to a guest. With a syntaxError it returns
// the statements before the invalid one.
func (s *session) parse(text, name string) (file *syntax.File, changed bool, err error) {
	if len(text) > maxScript || strings.Count(text, "(")+strings.Count(text, "[") > maxBrackets {
		return nil, false, errTooLong
	}
	marked := markReturns(text)
	file, err = syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(marked), name)
	var wrong error
	if err != nil {
		var line int
		file, line = leading(marked, name)
		wrong = inWords(text, line, err)
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
				changed = s.intoBackground(node) || changed
			}
		case *syntax.BinaryCmd:
			if node.Op == syntax.Pipe || node.Op == syntax.PipeAll {
				changed = s.intoJob(node.X) || changed
			}
		case *syntax.Assign:
			changed = guardAssign(node) || changed
		case *syntax.Word:
			changed = guardWord(node) || changed
			changed = withoutHomes(node) || changed
		case *syntax.ParamExp:
			changed = withoutNumbers(node) || changed
			guarded, wrong := guardReplacement(node)
			changed, err = guarded || changed, errors.Join(err, wrong)
		}
		return true
	})
	return changed, err
}

// withoutNumbers puts numbers in the place of the host's process numbers.
func withoutNumbers(node *syntax.ParamExp) bool {
	if node.Param == nil {
		return false
	}
	number := map[string]string{"$": ownProcess, "PPID": "1"}[node.Param.Value]
	if number == "" {
		return false
	}
	node.Param.Value, node.Short = noName, false
	if node.Exp == nil && node.Slice == nil && node.Repl == nil {
		word := &syntax.Word{Parts: []syntax.WordPart{&syntax.Lit{Value: number}}}
		node.Exp = &syntax.Expansion{Op: syntax.DefaultUnset, Word: word}
	}
	return true
}

// withoutHomes keeps "~name" from being looked up among the host's accounts.
func withoutHomes(word *syntax.Word) bool {
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
	case errors.Is(err, errTooLong), errors.Is(err, errTooDeep), errors.Is(err, errPipe), errors.Is(err, errReplacement):
		return "", err
	case err != nil || !changed:
		return text, nil //nolint:nilerr // see above
	}
	var printed strings.Builder
	err = syntax.NewPrinter().Print(&printed, file)
	return printed.String(), err
}

// opened is a text that a script sources.
type opened struct{ *strings.Reader }

func (opened) Write([]byte) (int, error) { return 0, errors.New("it is only read") }
func (opened) Close() error              { return nil }
