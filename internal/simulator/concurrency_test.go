// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestParallelAdds lets many callers add servers at once. Pairs of callers
// request the same address.
func TestParallelAdds(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file, func(o *Options) { o.PublicBlockSize = 256 })
	var wg sync.WaitGroup
	statuses := make([]int, 400)
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = r.call("grid.server.add", "name=s"+strconv.Itoa(i), "image=12834", "ram=1GB", "ip="+publicIP(i/2)).status
		})
	}
	wg.Wait()
	for i := 0; i < len(statuses); i += 2 {
		if statuses[i]+statuses[i+1] != 600 {
			t.Errorf("two adds with the same address have the statuses %d and %d", statuses[i], statuses[i+1])
		}
	}
	want(t, "servers after a kill", len(r.killed().ok("grid.server.list").List), 200)
}

// TestEverythingAtOnce makes many kinds of calls at once, for the race detector.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file)
	var wg sync.WaitGroup
	for i := range 12 {
		name := "name=s" + strconv.Itoa(i)
		wg.Go(func() {
			r.call("grid.server.add", name, "image=12834", "ram=1GB", "ip="+publicIP(i), "isSandbox=true")
			r.grid.Advance(time20)
			r.call("grid.image.save", "server=s"+strconv.Itoa(i), "friendlyName=i")
			r.call("grid.server.list")
			r.grid.Advance(time20)
			r.grid.Inspect()
			r.call("grid.server.edit", name, "description=x")
			r.call("support.password.list")
			r.call("grid.server.delete", name)
			r.grid.Advance(time.Minute)
			r.call("grid.job.list")
			r.grid.Counters()
		})
	}
	wg.Wait()
	r.grid.Advance(time20)
	if diff := cmp.Diff(r.grid.Inspect(), r.killed().grid.Inspect(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
