// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"strings"
	"testing"
)

// serversByCount declares a resource with n servers; n is a variable.
const serversByCount = `variable "n" {
  default = 5
}

resource "gogrid_server" "web" {
  count = var.n
  name  = "web-${count.index}"
  image = "centos6.2_64_base"
  ram   = "512MB"
}`

// TestAccDestroyOfATooLargeConfiguration destroys with variables that request
// more servers than there are addresses. The destroy must succeed, while a plan
// and an apply with these variables must fail.
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

// serversByName is a resource with one server for each element of the variable
// names.
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

// TestAccShiftedNames removes the first name of a list, so that each server in
// the state gets the name of the next server. Plans with any parallelism and a
// destroy with the new list must succeed.
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
