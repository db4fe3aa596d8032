// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/packages"
)

// section returns the text under a heading of the guide.
func section(t *testing.T, heading string) string {
	t.Helper()
	text, err := os.ReadFile("../../../templates/guides/simulated-servers.md")
	must(t, err)
	_, rest, found := strings.Cut(string(text), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("the guide has no section %q", heading)
	}
	part, _, _ := strings.Cut(rest, "\n## ")
	return part
}

// rows returns the cells of each row of a Markdown table.
func rows(text string) [][]string {
	var all [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		all = append(all, cells)
	}
	return all[1:] // without the header row
}

var quoted = regexp.MustCompile("^`([^`]+)`$")

func name(cell string) string {
	if found := quoted.FindStringSubmatch(cell); found != nil {
		return found[1]
	}
	return ""
}

// The guide lists exactly the programs that exist.
func TestGuideNamesAllPrograms(t *testing.T) {
	t.Parallel()
	var named []string
	for _, row := range rows(section(t, "Programs")) {
		named = append(named, name(row[0]))
		if row[1] == "" {
			t.Errorf("the guide does not describe %s", row[0])
		}
	}
	slices.Sort(named)
	if diff := cmp.Diff(guestos.Programs(), named); diff != "" {
		t.Errorf("programs that exist, compared with the guide (-exist +guide):\n%s", diff)
	}
}

// The guide lists exactly the packages of both families, and marks those that
// are preinstalled.
func TestGuideNamesAllPackages(t *testing.T) {
	t.Parallel()
	for column, family := range []packages.Family{packages.RedHat, packages.Debian} {
		named := map[string]bool{}
		for _, row := range rows(section(t, "Packages")) {
			if name := name(row[column]); name != "" {
				named[name] = row[2] == "yes"
			}
		}
		exist := map[string]bool{}
		for _, p := range packages.NewSet(family, nil).All() {
			exist[p.Name] = p.Base
		}
		if diff := cmp.Diff(exist, named); diff != "" {
			t.Errorf("packages of %s that exist, compared with the guide (-exist +guide):\n%s", family, diff)
		}
	}
}

// Guests implement every program that a package lists.
func TestPackagesBringProgramsThatExist(t *testing.T) {
	t.Parallel()
	for _, family := range []packages.Family{packages.RedHat, packages.Debian} {
		for _, p := range packages.NewSet(family, nil).All() {
			for _, program := range p.Programs {
				if !slices.Contains(guestos.Programs(), program) {
					t.Errorf("package %s lists the program %s, which does not exist", p.Name, program)
				}
			}
		}
	}
}

func TestGuideHasShortLines(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../templates/guides/simulated-servers.md")
	must(t, err)
	for i, line := range strings.Split(string(text), "\n") {
		if len(line) > 100 {
			t.Errorf("line %d has %d characters", i+1, len(line))
		}
	}
}
