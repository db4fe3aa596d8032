// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// Getenv returns the value of an environment variable, or "" if it is not set.
func (p *Process) Getenv(name string) string {
	for i := len(p.Environ) - 1; i >= 0; i-- {
		if value, found := strings.CutPrefix(p.Environ[i], name+"="); found {
			return value
		}
	}
	return ""
}

// Path returns the absolute path of a name in the guest.
func (p *Process) Path(name string) string { return p.path(name) }

func (p *Process) path(name string) string { return absolute(p.Dir, name) }

// Fail prints the program's name and a message to Stderr, and returns code.
func (p *Process) Fail(code int, format string, args ...any) int {
	return p.fail(code, format, args...)
}

func (p *Process) fail(code int, format string, args ...any) int {
	fmt.Fprintf(p.Stderr, "%s: %s\n", path.Base(p.Args[0]), fmt.Sprintf(format, args...))
	return code
}

// open opens a file or device for reading; "-" is the standard input.
func (p *Process) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(p.Stdin), nil
	}
	if device := openDevice(p.path(name), p.Stdin, p.Stdout, p.Stderr); device != nil {
		return device, nil
	}
	found, err := p.Files.Stat(p.path(name))
	if err != nil {
		return nil, reason(name, err)
	}
	if found.IsDir() {
		return nil, fmt.Errorf("%s: Is a directory", name)
	}
	file, err := p.Files.Open(p.path(name))
	if err != nil {
		return nil, reason(name, err)
	}
	return file, nil
}

// inputs returns the files that a filter reads: its arguments, or the standard
// input if it has no arguments.
func inputs(args []string) []string {
	if len(args) == 0 {
		return []string{"-"}
	}
	return args
}

func readAll(files disk.FS, name string, limit int64) (string, error) {
	file, err := files.Open(name)
	if err != nil {
		return "", reason(name, err)
	}
	defer func() { _ = file.Close() }() // only read
	return readText(file, limit)
}

func readText(input io.Reader, limit int64) (string, error) {
	text, err := io.ReadAll(io.LimitReader(input, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return string(text), err
}

// flagSet holds the values of a program's options by letter. An option without
// a value has the value "".
type flagSet map[rune][]string

func (f flagSet) has(letter rune) bool { return len(f[letter]) > 0 }

// any reports whether at least one of the letters was given.
func (f flagSet) any(letters string) bool {
	for _, letter := range letters {
		if f.has(letter) {
			return true
		}
	}
	return false
}

func (f flagSet) value(letter rune) string {
	if all := f[letter]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

func (f flagSet) number(letter rune, standard int) int {
	if number, err := strconv.Atoi(f.value(letter)); err == nil {
		return number
	}
	return standard
}

// options parses the options of a program. Options in plain take no value, and
// options in valued require a value. Any other option is an error.
func options(args []string, plain, valued string) (flagSet, []string, error) {
	flags := flagSet{}
	var rest []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return flags, append(rest, args...), nil
		case len(arg) < 2 || arg[0] != '-':
			rest = append(rest, arg)
			continue
		}
		letters := arg[1:]
		for i, letter := range letters {
			switch {
			case strings.ContainsRune(plain, letter):
				flags[letter] = append(flags[letter], "")
				continue
			case !strings.ContainsRune(valued, letter):
				return nil, nil, fmt.Errorf("invalid option -- '%c'", letter)
			case i+1 < len(letters):
				flags[letter] = append(flags[letter], letters[i+1:])
			case len(args) == 0:
				return nil, nil, fmt.Errorf("option requires an argument -- '%c'", letter)
			default:
				flags[letter] = append(flags[letter], args[0])
				args = args[1:]
			}
			break
		}
	}
	return flags, rest, nil
}

// Store writes content to a file, or to the standard output if name is empty or
// "-".
func (p *Process) Store(content io.Reader, name string) error {
	if name == "" || name == "-" {
		_, err := io.Copy(p.Stdout, content)
		return err
	}
	file, err := p.Files.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return reason(name, err)
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
