// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// compress implements gzip, gunzip and zcat. It replaces files, unless -c
// selects the standard output.
func compress(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "cdfkn123456789", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	program := path.Base(p.Args[0])
	unpacking := program != "gzip" || flags.has('d')
	return p.forEach(inputs(names), func(name string) error {
		if name == "-" || flags.has('c') || program == "zcat" {
			input, err := p.open(name)
			if err != nil {
				return err
			}
			defer func() { _ = input.Close() }() // only read
			return recode(p.Stdout, contextReader{ctx, input}, unpacking)
		}
		return p.recodeFile(ctx, name, flags, unpacking)
	})
}

func recode(output io.Writer, input io.Reader, unpacking bool) error {
	if unpacking {
		content, err := gzip.NewReader(input)
		if err != nil {
			return fmt.Errorf("not in gzip format: %w", err)
		}
		_, err = io.Copy(output, content) //nolint:gosec // the guest's disk and the context limit the size
		return err
	}
	packed := gzip.NewWriter(output)
	_, err := io.Copy(packed, input)
	return errors.Join(err, packed.Close())
}

// recodeFile writes the compressed or decompressed form of a file and removes the
// original, unless -k keeps it.
func (p *Process) recodeFile(ctx context.Context, name string, flags flagSet, unpacking bool) error {
	target, packed := strings.CutSuffix(name, ".gz")
	switch {
	case packed != unpacking:
		return fmt.Errorf("%s: unknown suffix, or the file already has this form", name)
	case !unpacking:
		target = name + ".gz"
	}
	found, err := p.Files.Stat(p.path(name))
	if err != nil {
		return reason(name, err)
	}
	if _, err := p.Files.Lstat(p.path(target)); err == nil && !flags.has('f') {
		return fmt.Errorf("%s exists; -f writes over it", target)
	}
	input, err := p.open(name)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }() // only read
	output, err := p.Files.OpenFile(p.path(target), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, found.Mode().Perm())
	if err != nil {
		return reason(target, err)
	}
	err = recode(output, contextReader{ctx, input}, unpacking)
	if err = errors.Join(err, output.Close()); err != nil {
		return errors.Join(wrap(name, err), p.Files.Remove(p.path(target)))
	}
	if flags.has('k') {
		return nil
	}
	return wrap(name, p.Files.Remove(p.path(name)))
}

// printYes implements yes.
func printYes(ctx context.Context, p *Process) int {
	line := "y"
	if len(p.Args) > 1 {
		line = strings.Join(p.Args[1:], " ")
	}
	block := strings.Repeat(line+"\n", 1+4096/(len(line)+1))
	for ctx.Err() == nil {
		if _, err := io.WriteString(p.Stdout, block); err != nil {
			return 1
		}
	}
	return exitTerminated
}
