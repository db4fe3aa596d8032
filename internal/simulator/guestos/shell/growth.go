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
	// maxExpansion is what one expansion that multiplies may come to, in bytes.
	maxExpansion = 32 << 20
	// smallGrowth is what may be put together without a look at all there is, mostly.
	smallGrowth = 64 << 10
	// maxWidth is the widest field of printf.
	maxWidth = 10_000
	// maxArgument is how much the arguments of one command may have, in bytes.
	maxArgument = 8 << 20
)

var (
	errReplacement = errors.New("a replacement of all matches can be made of text and plain variables only")
	errArguments   = errors.New("Argument list too long") //nolint:staticcheck // it is what every system says
)

// checkPrefix begins the names of files that are empty. Whoever opens one has it
// looked at whether there is room: the interpreter itself asks nobody before it
// puts texts together. "$(<'/dev/(room)/x*3+y')" stands for a text three
// characters and y long, as many times as x is long.
const checkPrefix = "/dev/(room)/"

// growthCheck is a part of a word that expands to nothing, once there is room.
func growthCheck(what string) *syntax.CmdSubst {
	name := &syntax.Word{Parts: []syntax.WordPart{&syntax.SglQuoted{Value: checkPrefix + what}}}
	return &syntax.CmdSubst{Stmts: []*syntax.Stmt{{Redirs: []*syntax.Redirect{{Op: syntax.RdrIn, Word: name}}}}}
}

// isGrowthCheck tells whether a part is one of those, in a text that comes by again.
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

// checkGrowth answers such a part.
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

// lengthOf is a number, or the length of a variable.
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

// unknownLength is what a parameter counts for whose length cannot be told.
const unknownLength = 1 << 20

// lengthTerms are the lengths of all that is expanded in a word, except in the
// commands in it.
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

// guardWord has it looked at whether the parts of a word are too large
// together, and between commands in it, of which nobody knows before.
func guardWord(word *syntax.Word) bool {
	all := lengthTerms(word)
	if len(all) <= freeParts {
		return false
	}
	word.Parts = insertChecks(word.Parts)
	word.Parts = slices.Insert(word.Parts, leadingTildeParts(word), syntax.WordPart(growthCheck(strings.Join(all, "+"))))
	return true
}

// leadingTildeParts is how many parts must stay in front: what begins with a tilde.
func leadingTildeParts(word *syntax.Word) int {
	if first, ok := word.Parts[0].(*syntax.Lit); ok && strings.HasPrefix(first.Value, "~") {
		return 1
	}
	return 0
}

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

// guardAssign has a look taken when a variable gets a value that is made of
// several.
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

// guardReplacement guards "${x//pattern/$y}", which may multiply two large
// texts in one step of the interpreter.
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

// replacementTerms are the length of a word's text and the variables in it; plain tells
// that there is nothing else in it.
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

// checkArguments refuses arguments that are too large, and what makes printf fill
// more than they have.
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
				return fmt.Errorf("printf: a field can be %d characters wide", maxWidth)
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
