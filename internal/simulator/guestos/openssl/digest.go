// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package openssl

import (
	"context"
	"crypto/md5"  //nolint:gosec // the user names the digest
	"crypto/sha1" //nolint:gosec // the user names the digest
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
)

func digestNames() []string { return []string{"md5", "sha1", "sha256", "sha384", "sha512"} }

func newDigest(name string) hash.Hash {
	switch name {
	case "md5":
		return md5.New() //nolint:gosec // the user names the digest
	case "sha1":
		return sha1.New() //nolint:gosec // the user names the digest
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return sha256.New()
}

// digest implements "openssl dgst", and the commands named after digests. It
// prints the digests of files.
func digest(ctx context.Context, r *run) error {
	name := r.name
	if name == "dgst" {
		name = "md5"
	}
	for _, other := range digestNames() {
		if r.has(other) {
			name = other
		}
	}
	names := r.args
	if len(names) == 0 {
		names = []string{""}
	}
	for _, file := range names {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		h := newDigest(name)
		input := r.p.Stdin
		if file != "" {
			opened, err := r.p.Files.Open(r.p.Path(file))
			if err != nil {
				return fmt.Errorf("%s: No such file or directory", file) //nolint:staticcheck // openssl uses these words
			}
			defer func() { _ = opened.Close() }() // only read
			input = opened
		}
		if _, err := io.Copy(h, input); err != nil {
			return err
		}
		sum := hex.EncodeToString(h.Sum(nil))
		line := sum
		if r.has("r") {
			line += " *" + map[bool]string{true: "stdin", false: file}[file == ""]
		} else if file != "" {
			line = strings.ToUpper(name) + "(" + file + ")= " + sum
		} else {
			line = "(stdin)= " + sum
		}
		if err := r.output([]byte(line + "\n")); err != nil {
			return err
		}
	}
	return nil
}
