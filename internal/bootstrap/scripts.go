// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// byteOrderMark is written by some Windows editors at the start of UTF-8 files.
const byteOrderMark = "\ufeff"

// checkScript adds a problem if the interpreter of a script would misread the
// script.
func (in *inspection) checkScript(ctx context.Context, it item) {
	check := in.scriptCheck(it.path)
	if check == nil {
		return
	}
	content, err := in.source.open(ctx, it)
	if err == nil {
		err = check(bufio.NewReader(content))
		_ = content.Close() // opened for reading only
	}
	if err != nil {
		in.problems = append(in.problems, Problem{Field: it.field(), Path: it.path, Err: err})
	}
}

func (in *inspection) scriptCheck(file string) func(*bufio.Reader) error {
	switch extension := strings.ToLower(path.Ext(file)); {
	case in.recipe.OS == Windows && (extension == ".cmd" || extension == ".bat"):
		return checkBatch
	case in.recipe.OS == Linux && in.runs(file):
		return checkRunnable
	case in.recipe.OS == Linux && extension == ".sh":
		return checkShell
	}
	return nil
}

func (in *inspection) runs(file string) bool {
	for _, step := range in.recipe.Steps {
		if step.Run != nil && step.Run.Script == file {
			return true
		}
	}
	return false
}

// checkBatch rejects scripts that cmd misreads. If lines end in LF only, cmd does
// not find every label; a byte order mark or UTF-16 breaks the first command.
func checkBatch(content *bufio.Reader) error {
	head, err := content.Peek(len(byteOrderMark))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("cannot be read: %w", err)
	case string(head) == byteOrderMark:
		return errors.New("begins with a byte order mark, which cmd reads as part of the first command: save it without one")
	case bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")):
		return errors.New("is UTF-16, which cmd cannot read: save it as ASCII")
	}
	line, previous := 1, byte(0)
	for {
		c, err := content.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		if c == '\n' {
			if previous != '\r' {
				return fmt.Errorf("line %d ends in LF alone, but cmd needs CR LF: save it with Windows line endings, or set \"*.cmd text eol=crlf\" in .gitattributes", line)
			}
			line++
		}
		previous = c
	}
}

// checkShell rejects a script if Linux cannot read its #! line, because of a CR
// after the interpreter's name or a byte order mark before "#!".
func checkShell(content *bufio.Reader) error {
	line, err := content.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("cannot be read: %w", err)
	}
	switch {
	case bytes.HasPrefix(line, []byte("#!")) && bytes.HasSuffix(line, []byte("\r\n")):
		return errors.New("has Windows line endings (CR LF), so Linux does not find its interpreter: save it with LF line endings")
	case bytes.HasPrefix(line, []byte(byteOrderMark)):
		return errors.New("begins with a byte order mark, so Linux does not see its #! line: save it without one")
	}
	return nil
}

// checkRunnable rejects a file that Linux cannot execute.
func checkRunnable(content *bufio.Reader) error {
	head, err := content.Peek(len("\x7fELF"))
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if modeByContent(head) != executableMode && !bytes.HasPrefix(head, []byte(byteOrderMark)) {
		return errors.New(`is run by a step, but Linux cannot execute it: begin it with a line such as "#!/bin/sh"`)
	}
	return checkShell(content)
}
