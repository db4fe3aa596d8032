// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"crypto/md5" //nolint:gosec // md5sum prints MD5
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

func checksum(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "cbt", "")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	sum := func(input io.Reader) (string, error) {
		h := sha256.New()
		if path.Base(p.Args[0]) == "md5sum" {
			h = md5.New() //nolint:gosec // md5sum prints MD5
		}
		_, err := io.Copy(h, input)
		return hex.EncodeToString(h.Sum(nil)), err
	}
	if !flags.has('c') {
		return p.filter(ctx, names, func(name string, input io.Reader) error {
			text, err := sum(input)
			if err == nil {
				_, err = fmt.Fprintf(p.Stdout, "%s  %s\n", text, name)
			}
			return err
		})
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		return eachLine(input, func(line string) error {
			want, name, _ := strings.Cut(line, " ")
			name = strings.TrimLeft(name, " *")
			file, err := p.open(name)
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }() // only read
			got, err := sum(file)
			if err == nil && got != want {
				err = fmt.Errorf("%s: FAILED", name)
			}
			if err == nil {
				fmt.Fprintf(p.Stdout, "%s: OK\n", name)
			}
			return err
		})
	})
}

func encode64(ctx context.Context, p *Process) int {
	flags, names, err := options(p.Args[1:], "di", "w")
	if err != nil {
		return p.fail(1, "%v", err)
	}
	return p.filter(ctx, names, func(_ string, input io.Reader) error {
		if flags.has('d') {
			_, err := io.Copy(p.Stdout, base64.NewDecoder(base64.StdEncoding, input))
			return err
		}
		encoder := base64.NewEncoder(base64.StdEncoding, p.Stdout)
		_, err := io.Copy(encoder, input)
		err = errors.Join(err, encoder.Close())
		fmt.Fprintln(p.Stdout)
		return err
	})
}
