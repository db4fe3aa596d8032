// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

const (
	// maxExpansion limits the result of one expansion, in bytes.
	maxExpansion = 32 << 20
	// smallGrowth is a size in bytes. For smaller expansions, only every 16th
	// check includes the variables and the heap.
	smallGrowth = 64 << 10
	// maxWidth is the maximum width of a field of printf, in characters.
	maxWidth = 10_000
	// maxArgument limits the total size of one command's arguments, in bytes.
	maxArgument = 8 << 20
)

var (
	errReplacement = errors.New("a replacement of all matches may contain only text and plain variables")
	errArguments   = errors.New("Argument list too long") //nolint:staticcheck // the words of real systems
)

// checkPrefix starts the names of empty pseudo-files. Opening such a file
// checks that there is room for an expansion, because the interpreter calls no
// other handler before it joins texts. The rest of the name is the length of
// the result. For example, "$(<'/dev/(room)/x*3+y')" stands for (1 + length of
// x) * (3 + length of y).
const checkPrefix = "/dev/(room)/"

// growthCheck returns a part of a word that checks whether there is room for an
// expansion. The part itself expands to nothing.
func growthCheck(what string) *syntax.CmdSubst {
	name := &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Value: checkPrefix + what}}}
	return &syntax.CmdSubst{Stmts: []*syntax.Stmt{{Redirs: []*syntax.Redirect{{Op: syntax.RdrIn, Word: name}}}}}
}

// isGrowthCheck reports whether a part was created by growthCheck. An adapted
// text may be parsed and adapted a second time, so it may already contain
// checks.
func isGrowthCheck(part *syntax.CmdSubst) bool {
	if len(part.Stmts) != 1 || len(part.Stmts[0].Redirs) != 1 || part.Stmts[0].Redirs[0].Word == nil {
		return false
	}
	parts := part.Stmts[0].Redirs[0].Word.Parts
	if len(parts) != 1 {
		return false
	}
	name, ok := parts[0].(*syntax.SglQuoted)
	return ok && strings.HasPrefix(name.Value, checkPrefix)
}

// checkGrowth evaluates a part that growthCheck created. It kills the session
// if the expansion would be larger than maxExpansion. Otherwise it checks the
// variables and the heap; for small expansions it does so only every 16th time.
func (s *session) checkGrowth(hc interp.HandlerContext, what string) error {
	times, sum, multiplies := strings.Cut(what, "*")
	size := 0
	for name := range strings.SplitSeq(sum, "+") {
		size += lengthOf(hc.Env, name)
	}
	if multiplies {
		size *= 1 + lengthOf(hc.Env, times)
	} else if sum == "" {
		for name := range strings.SplitSeq(times, "+") {
			size += lengthOf(hc.Env, name)
		}
	}
	if size > maxExpansion {
		s.kill(errMemory)
		return errMemory
	}
	s.mu.Lock()
	s.growthChecks++
	skip := size < smallGrowth && s.growthChecks%16 != 0
	s.mu.Unlock()
	if skip {
		return nil
	}
	return errors.Join(s.checkVariables(hc), s.checkHeap())
}

// lengthOf returns the value of a number, or the length of a variable in bytes.
// It returns 0 for any other text.
func lengthOf(env expand.Environ, name string) int {
	if number, err := strconv.Atoi(name); err == nil {
		return number
	}
	if !syntax.ValidName(name) {
		return 0
	}
	value := env.Get(name)
	size := len(value.Str)
	for _, element := range value.List {
		size += len(element) + 1
	}
	for _, element := range value.Map {
		size += len(element) + 1
	}
	return size
}

// unknownLength is the assumed length of a parameter whose length is unknown, in
// bytes.
const unknownLength = 1 << 20

// lengthTerms returns a term for the length of each expansion in a word: the
// name of a variable or a number. A command substitution counts as 0.
func lengthTerms(word syntax.Node) (all []string) {
	syntax.Walk(word, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.CmdSubst:
			if !isGrowthCheck(node) {
				all = append(all, "0")
			}
			return false
		case *syntax.ParamExp:
			if node.Param != nil && syntax.ValidName(node.Param.Value) {
				all = append(all, node.Param.Value)
			} else {
				all = append(all, strconv.Itoa(unknownLength))
			}
		}
		return true
	})
	return all
}

// guardWord adds checks to a word with many expansions. One check covers the
// total length. Further checks run between the command substitutions, because
// their lengths are not known in advance.
func guardWord(word *syntax.Word) bool {
	all := lengthTerms(word)
	if len(all) <= freeParts {
		return false
	}
	word.Parts = insertChecks(word.Parts)
	word.Parts = slices.Insert(word.Parts, leadingTildeParts(word), syntax.WordPart(growthCheck(strings.Join(all, "+"))))
	return true
}

// leadingTildeParts returns 1 if the first part must stay in front because it
// begins with a tilde, and 0 otherwise.
func leadingTildeParts(word *syntax.Word) int {
	if first, ok := word.Parts[0].(*syntax.Lit); ok && strings.HasPrefix(first.Value, "~") {
		return 1
	}
	return 0
}

// insertChecks inserts a check before every freeParts-th command substitution,
// also inside double quotes.
func insertChecks(parts []syntax.WordPart) []syntax.WordPart {
	var all []syntax.WordPart
	count := 0
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.DblQuoted:
			part.Parts = insertChecks(part.Parts)
		case *syntax.CmdSubst:
			if count++; count%freeParts == 0 && !isGrowthCheck(part) {
				all = append(all, growthCheck(""))
			}
		}
		all = append(all, part)
	}
	return all
}

// guardAssign adds a check to an assignment that appends or joins several
// expansions.
func guardAssign(node *syntax.Assign) bool {
	switch {
	case node.Value != nil && (node.Append || len(lengthTerms(node.Value)) > 1):
		what := lengthTerms(node.Value)
		if node.Append && node.Name != nil {
			what = append(what, node.Name.Value)
		}
		at := leadingTildeParts(node.Value)
		node.Value.Parts = slices.Insert(node.Value.Parts, at, syntax.WordPart(growthCheck(strings.Join(what, "+"))))
		return true
	case node.Array != nil && !slices.ContainsFunc(node.Array.Elems, func(e *syntax.ArrayElem) bool { return e.Index != nil || e.Value == nil }):
		if !node.Append && len(lengthTerms(node.Array)) < 2 {
			return false
		}
		node.Array.Elems = append(node.Array.Elems, &syntax.ArrayElem{Value: &syntax.Word{Parts: []syntax.WordPart{growthCheck("")}}})
		return true
	}
	return false
}

// guardReplacement adds a check to "${x//pattern/$y}", because the interpreter
// may multiply the lengths of two large texts in one step.
func guardReplacement(node *syntax.ParamExp) (changed bool, err error) {
	if node.Repl == nil || !node.Repl.All || node.Repl.With == nil || len(node.Repl.With.Parts) == 0 {
		return false, nil
	}
	size, names, plain := replacementTerms(node.Repl.With.Parts)
	if !plain {
		return false, errReplacement
	}
	times := strconv.Itoa(unknownLength)
	if node.Param != nil && syntax.ValidName(node.Param.Value) {
		times = node.Param.Value
	}
	look := growthCheck(times + "*" + strings.Join(append([]string{strconv.Itoa(size)}, names...), "+"))
	node.Repl.With.Parts = append([]syntax.WordPart{look}, node.Repl.With.Parts...)
	return true, nil
}

// replacementTerms returns the length of a word's literal text in bytes, and
// the names of its variables. plain reports whether the word contains only
// literal text and variables.
func replacementTerms(parts []syntax.WordPart) (size int, names []string, plain bool) {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			size += len(part.Value)
		case *syntax.SglQuoted:
			size += len(part.Value)
		case *syntax.DblQuoted:
			inner, innerNames, plain := replacementTerms(part.Parts)
			if !plain {
				return 0, nil, false
			}
			size, names = size+inner, append(names, innerNames...)
		case *syntax.CmdSubst:
			if !isGrowthCheck(part) {
				return 0, nil, false
			}
		case *syntax.ParamExp:
			if part.Repl != nil || part.Exp != nil || part.Excl || part.Names != 0 {
				return 0, nil, false
			}
			if part.Length {
				size += 20
			} else {
				names = append(names, lengthTerms(part)...)
			}
		default:
			return 0, nil, false
		}
	}
	return size, names, true
}

// checkArguments rejects arguments whose total size is too large, and printf
// formats whose fields are too wide.
func checkArguments(args []string) error {
	size := 0
	for _, arg := range args {
		size += len(arg) + 16
	}
	if size > maxArgument {
		return errArguments
	}
	if args[0] != "printf" || len(args) < 2 {
		return nil
	}
	widths, fields := 0, 0
	for part := range strings.SplitSeq(args[1], "%") {
		digits := strings.TrimLeft(part, "+-# 0.")
		digits = digits[:len(digits)-len(strings.TrimLeft(digits, "0123456789."))]
		for number := range strings.SplitSeq(digits, ".") {
			width, err := strconv.Atoi(number)
			if err != nil && number != "" || width > maxWidth {
				return fmt.Errorf("printf: a field must be at most %d characters wide", maxWidth)
			}
			widths += width
		}
		fields++
	}
	if rounds := 1 + len(args)/max(fields-1, 1); widths*rounds > maxExpansion {
		return errArguments
	}
	return nil
}
