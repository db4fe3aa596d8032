// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// runFileScript emulates the client's scripts for files. Scripts that it does not
// recognize fail the test.
func (s *Server) runFileScript(script string, stdin io.Reader, stdout io.Writer) int {
	err := errors.New("unknown script")
	switch {
	case strings.HasPrefix(script, "begin {") && strings.Contains(script, "process {") && strings.Contains(script, "in $input)"):
		err = s.write(value(script, "$path = "), value(script, "$part = "), stdin)
	case strings.Contains(script, "New-Object IO.FileStream("):
		err = s.print(value(script, "New-Object IO.FileStream("), script, stdout)
	case strings.HasPrefix(script, "$part = ") && strings.Contains(script, "[IO.File]::Delete($part)"):
		s.mu.Lock()
		delete(s.files, value(script, "$part = "))
		s.mu.Unlock()
		err = nil
	default:
		s.t.Errorf("unknown script: %s", script)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintf(stdout, "problem: %v\r\n", err)
	return 1
}

// value returns the PowerShell literal that follows mark in a script.
func value(script, mark string) string {
	_, rest, _ := strings.Cut(script, mark)
	text, _, _ := literal(rest)
	return text
}

// write decodes the lines of standard input into a file. If the process is
// terminated, the temporary file remains, as on Windows.
func (s *Server) write(path, part string, stdin io.Reader) error {
	if s.HasFolder(path) {
		return errors.New("the destination is a directory; it must be the path of the file itself")
	}
	s.MakeFolder(path[:max(0, strings.LastIndexByte(path, '\\'))])
	s.Put(part, "")
	want, lines := "", bufio.NewReader(stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if digest, found := strings.CutPrefix(line, "sha256 "); found {
			want = digest
		} else if err := s.add(part, line); err != nil {
			return s.fail(part, err.Error())
		}
		if err != nil {
			break
		}
	}
	s.mu.Lock()
	got := sha256.Sum256(s.files[part])
	s.mu.Unlock()
	switch {
	case want == "":
		return s.fail(part, "the upload is incomplete")
	case hex.EncodeToString(got[:]) != want:
		return s.fail(part, "the file has the sha256 "+hex.EncodeToString(got[:])+", but the source has "+want)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[path] = s.files[part]
	delete(s.files, part)
	return nil
}

func (s *Server) add(part, line string) error {
	text, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return err
	}
	if s.Corrupt && len(text) > 0 {
		text[0] ^= 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Capacity > 0 && len(s.files[part])+len(text) > s.Capacity {
		return errors.New("There is not enough space on the disk.") //nolint:staticcheck // Windows' own text
	}
	s.files[part] = append(s.files[part], text...)
	return nil
}

func (s *Server) fail(part, problem string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.files, part)
	return errors.New(problem)
}

// print writes a file to stdout in lines of base64. It returns an error if the
// file is larger than the limit in the script.
func (s *Server) print(path, script string, stdout io.Writer) error {
	_, rest, _ := strings.Cut(script, "-gt ")
	number, _, _ := strings.Cut(rest, ")")
	limit, err := strconv.Atoi(number)
	content, found := s.File(path)
	switch {
	case err != nil:
		s.t.Errorf("the limit %q is not a number", number)
	case !found:
		return fmt.Errorf("Could not find file '%s'.", path) //nolint:staticcheck // Windows' own text
	case len(content) > limit:
		return fmt.Errorf("it is larger than %d bytes", limit)
	}
	for len(content) > 0 {
		n := min(len(content), 49152)
		fmt.Fprintf(stdout, "%s\r\n", base64.StdEncoding.EncodeToString([]byte(content[:n])))
		content = content[n:]
	}
	return nil
}
