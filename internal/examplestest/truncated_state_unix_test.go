// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package examplestest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// webServers returns a configuration with servers that a killed apply leaves behind.
func webServers(count int) string {
	return requirement + fmt.Sprintf(`
provider "gogrid" {
  datacenter = "US-West-1"
  deployment = "shop-production"
}

resource "gogrid_private_ip" "web" {
  count = %d
  label = "web-${count.index}"
}

resource "gogrid_server" "web" {
  count      = length(gogrid_private_ip.web)
  name       = "web-${count.index}"
  image      = "centos6.2_64_base"
  ram        = "512MB"
  private_ip = gogrid_private_ip.web[count.index].address
}
`, count)
}

// TestAccTruncatedState checks that the commands in the guide "Interrupted applies"
// recover a state file that was cut in half, as by a kill during a write.
func TestAccTruncatedState(t *testing.T) {
	t.Parallel()
	steps := guideSteps(t, "A truncated state file")
	if len(steps) != 5 {
		t.Fatalf("the guide has the steps %q, want five", steps)
	}
	for name, test := range map[string]struct {
		before int // number of servers that exist before the killed apply
		steps  []string
	}{
		"second apply": {1, steps},
		"first apply":  {0, append([]string{steps[0]}, steps[2:]...)}, // a first apply has no backup to restore
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewGrid(t)
			b := newExampleRun(t, grid)
			b.must(b.Write("main.tf", webServers(max(1, test.before))))
			b.ok("init", "-input=false", "-no-color")
			if test.before > 0 {
				b.apply()
			}
			b.must(b.Write("main.tf", webServers(3)))
			b.apply()
			b.ok("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color") // saves in the state that the addresses are assigned
			want := b.values()
			b.truncateState()
			if output := b.code(1, "plan", "-input=false", "-no-color"); !strings.Contains(output, "Unsupported state file format") {
				t.Errorf("the plan does not fail with the error that the guide quotes:\n%s", output)
			}
			grid.ResetCounters()
			for _, step := range test.steps {
				b.guideStep(step)
			}
			grid.WantCalls(t, "grid.server.add", 0)
			if diff := cmp.Diff(want, b.values()); diff != "" {
				t.Errorf("the recovered state differs (-before +after):\n%s", diff)
			}
		})
	}
}

// guideSteps returns the shell commands in a section of the guide "Interrupted
// applies".
func guideSteps(t *testing.T, heading string) []string {
	t.Helper()
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join(root, "templates", "guides", "interrupted-applies.md"))
	_, section, found := strings.Cut(text, "### "+heading+"\n")
	if !found {
		t.Fatalf("the guide has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n### ")
	var steps []string
	for _, block := range regexp.MustCompile("(?s)```shell\n(.*?)```").FindAllStringSubmatch(section, -1) {
		steps = append(steps, strings.TrimSpace(block[1]))
	}
	return steps
}

// truncateState cuts the state file in half.
func (b *exampleRun) truncateState() {
	b.t.Helper()
	file := filepath.Join(b.Dir, "terraform.tfstate")
	info, err := os.Stat(file)
	b.must(err)
	b.must(os.Truncate(file, info.Size()/2))
}

// guideStep runs a command of the guide, and answers "yes" if the command asks.
func (b *exampleRun) guideStep(command string) {
	b.t.Helper()
	shell := exec.CommandContext(b.t.Context(), "/bin/sh", "-ec", command)
	shell.Dir, shell.Env, shell.Stdin = b.Dir, b.Environ(), strings.NewReader("yes\n")
	if output, err := shell.CombinedOutput(); err != nil {
		b.t.Fatalf("%s: %v\n%s", command, err, output)
	}
}
