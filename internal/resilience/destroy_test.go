// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"strings"
	"testing"
)

// serversByCount is a resource of as many servers as the variable n says.
const serversByCount = `variable "n" {
  default = 5
}

resource "gogrid_server" "web" {
  count = var.n
  name  = "web-${count.index}"
  image = "centos6.2_64_base"
  ram   = "512MB"
}`

// TestAccDestroyOfATooLargeConfiguration: a destroy whose variables ask for more
// servers than there are addresses destroys what there is. A plan and an apply
// refuse the same variables.
func TestAccDestroyOfATooLargeConfiguration(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(nameless, serversByCount), append(moderate(), "--public-block-size=16")...)
	s.mustApply()
	s.wantServers(webNames(5)...)
	for _, command := range [][]string{{"plan", "-var", "n=30"}, {"plan", "-var", "n=30", "-parallelism=1"}, {"apply", "-auto-approve", "-var", "n=30"}} {
		output, code := s.start(append(command, "-input=false", "-no-color")...).end()
		if code != 1 || strings.Count(output, "Not enough free public addresses") != 1 {
			t.Errorf("%v ended with %d:\n%s", command, code, output)
		}
	}
	s.wantServers(webNames(5)...)
	s.must("destroy", "-auto-approve", "-input=false", "-no-color", "-var", "n=30")
	s.wantServers()
}

// serversByName are servers by count whose names come from the variable names.
const serversByName = `variable "names" {
  type    = list(string)
  default = ["web-0", "web-1", "web-2"]
}

resource "gogrid_server" "web" {
  count = length(var.names)
  name  = var.names[count.index]
  image = "centos6.2_64_base"
  ram   = "512MB"
}`

// TestAccShiftedNames: the first of a list of names is removed, so each server
// of the state gets the name of the next one. Plans succeed at any parallelism,
// and so does a destroy with the new list.
func TestAccShiftedNames(t *testing.T) {
	t.Parallel()
	s := newScenario(t, configuration(nameless, serversByName))
	s.mustApply()
	shifted := `names=["web-1","web-2"]`
	for _, parallelism := range []string{"1", "2", "10"} {
		output, code := s.start("plan", "-input=false", "-no-color", "-parallelism="+parallelism, "-var", shifted).end()
		if code != 0 {
			t.Errorf("plan with parallelism %s ended with %d:\n%s", parallelism, code, output)
		}
	}
	s.must("destroy", "-auto-approve", "-input=false", "-no-color", "-var", shifted)
	s.wantServers()
}
