// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command check-prose reports banned phrases and overlong Markdown lines.
//
//	check-prose [path ...]
//
// Without a path it reads the current folder, which must be the root of the
// repository, and also reports exceptions that are no longer needed. It exits
// with 1 if it finds a fault.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/gogrid/terraform-provider-gogrid/internal/prose"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "check-prose:", err)
		os.Exit(1)
	}
}

// run checks the paths and writes one line for each fault to out.
func run(paths []string, out io.Writer) error {
	rules, err := prose.Load()
	if err != nil {
		return fmt.Errorf("read the rules: %w", err)
	}
	everything := len(paths) == 0
	if everything {
		paths = []string{"."}
	}

	faults := 0
	for _, path := range paths {
		findings, err := rules.Check(path)
		if err != nil {
			return fmt.Errorf("check %s: %w", path, err)
		}
		for _, finding := range findings {
			fmt.Fprintln(out, finding)
		}
		faults += len(findings)
	}
	if everything {
		for _, text := range rules.Unused() {
			fmt.Fprintf(out, "internal/prose/allowed.txt: %q: remove the entry, no line needs it\n", text)
			faults++
		}
	}
	if faults > 0 {
		return fmt.Errorf("faults found: %d; internal/prose/doc.go describes the rules", faults)
	}
	return nil
}
