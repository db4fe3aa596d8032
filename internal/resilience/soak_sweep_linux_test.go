// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"os/exec"
	"strings"
)

// mustDestroy destroys everything, sweeps the leftovers of killed applies, and
// checks that nothing remains.
func (w *soakWorld) mustDestroy() {
	w.t.Helper()
	w.repeat("destroy", w.destroy)
	if known := w.resources(); len(known) > 0 {
		w.t.Errorf("the state after a destroy holds %+v", known)
	}
	if left := w.leftovers(); len(left) > 0 {
		w.mustDiffer(left)
		w.sweep(left)
	}
	w.mustHaveFiles()
	w.mustUseAddresses()
	w.mustBillNothing()
}

// mustDiffer checks that no two leftovers have the same name, because a killed
// apply leaves each object at most once.
func (w *soakWorld) mustDiffer(left []soakLeftover) {
	w.t.Helper()
	seen := map[string]soakLeftover{}
	for _, object := range left {
		key := object.kind + " " + object.name
		if twin, found := seen[key]; found {
			w.t.Errorf("%s exists twice: %s", object, twin)
		}
		seen[key] = object
	}
}

// sweep checks that a dry run names every leftover, then removes all leftovers.
func (w *soakWorld) sweep(left []soakLeftover) {
	w.t.Helper()
	w.tally.swept()
	w.t.Logf("left: %v", left)
	state, code := w.start("state", "pull").end()
	if code != 0 {
		w.t.Fatalf("state pull ended with %d:\n%s", code, state)
	}
	output, code := w.beginSweep(state).end()
	if code != 3 {
		w.t.Errorf("the dry run of the sweep ended with %d, want 3:\n%s", code, output)
	}
	w.mustName("the dry run of the sweep", output, left)
	output, code = w.beginSweep(state, "--yes").end()
	if code != 0 {
		w.t.Errorf("the sweep ended with %d:\n%s", code, output)
	}
	if left := w.leftovers(); len(left) > 0 {
		w.t.Fatalf("left after the sweep: %v\n%s", left, output)
	}
}

// beginSweep starts a sweep of the objects that are not in the state.
func (w *soakWorld) beginSweep(state string, options ...string) *run {
	w.t.Helper()
	storage := w.grid.CloudStorage
	args := append([]string{
		"sweep", "--deployment", "shop", "--state", "-",
		"--storage", "--storage-protocol", "sftp", "--storage-host", storage.Host, "--storage-port", fmt.Sprint(storage.Port), "--storage-host-key", storage.HostKey,
	}, options...)
	command := exec.CommandContext(w.t.Context(), tools.provider(), args...)
	command.Env = w.workspace.Environ()
	command.Stdin = strings.NewReader(state)
	return w.begin(command)
}
