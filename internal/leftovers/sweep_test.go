// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

func idText(id int64) string { return strconv.FormatInt(id, 10) }

func TestSweepRemovesWhatWasFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	kept := r.made("web-0", "shop", "", false)
	sandbox := r.made("build-0123", "shop", "0123/prepare", true)
	r.saved(sandbox, "web r1", "[deployment/shop/0123]")
	r.add("web-1", "shop", "", false) // has no id yet
	r.known.AddServer(kept.ID)
	findings := r.find()
	if len(findings) != 3 {
		t.Fatalf("findings: %v", names(findings))
	}
	if outcomes, err := r.sweep(findings); err != nil {
		t.Errorf("outcomes: %v", outcomes)
	}
	r.wantServers("web-0")
	if images := r.Images(); len(images) != 0 {
		t.Errorf("images: %+v", images)
	}
	if left := r.find(); len(left) != 0 {
		t.Errorf("%v remain after the sweep", names(left))
	}
	r.ResetCounters()
	if _, err := r.sweep(findings[:1]); err != nil || r.Changes() != 0 {
		t.Errorf("a second sweep made %d changes: %v", r.Changes(), err)
	}
}

// TestSweepLeavesAloneWhatHasChanged changes the owner of objects between the
// search and the removal.
func TestSweepLeavesAloneWhatHasChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	adopted := r.made("web-0", "shop", "", false)
	building := r.made("build-0123", "shop", "0123", true)
	r.made("web-1", "shop", "", false)
	image := r.saved(building, "web r1", "[deployment/shop/0123]")
	findings := r.find()
	r.OutsideDone(t, "grid.server.edit", "id", idText(adopted.ID), "description", "[deployment/blog]")
	r.OutsideDone(t, "grid.server.edit", "id", idText(building.ID), "description", "[deployment/shop/0123/prepare]")
	r.Outside(t, "grid.image.edit", "id", idText(image.ID), "description", "")
	outcomes, err := r.sweep(findings)
	if err == nil {
		t.Error("the sweep of changed objects succeeded, want an error")
	}
	changed := 0
	for _, outcome := range outcomes {
		var left *leftovers.ChangedError
		if errors.As(outcome, &left) {
			changed++
		}
	}
	if changed != 3 {
		t.Errorf("%d objects count as changed, want three: %v", changed, outcomes)
	}
	r.wantServers("build-0123", "web-0")
	if images := r.Images(); len(images) != 1 {
		t.Errorf("images: %+v", images)
	}
}

// TestSweepWithLostAnswers checks that the sweep reads an object again if the
// response to its deletion was lost.
func TestSweepWithLostAnswers(t *testing.T) {
	t.Parallel()
	for _, when := range []simulator.FaultWhen{simulator.FaultBefore, simulator.FaultAfter} {
		for _, method := range []string{"grid.server.delete", "grid.image.delete"} {
			t.Run(method+" "+string(when), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				sandbox := r.made("build-0123", "shop", "0123", true)
				r.saved(sandbox, "web r1", "[deployment/shop/0123]")
				findings := r.find()
				if err := r.AddFaults(simulator.Fault{Method: method, Kind: simulator.FaultReset, When: when}); err != nil {
					t.Fatal(err)
				}
				if outcomes, err := r.sweep(findings); err != nil {
					t.Errorf("outcomes: %v", outcomes)
				}
				r.wantServers()
				if images := r.Images(); len(images) != 0 {
					t.Errorf("images: %+v", images)
				}
			})
		}
	}
}

// TestSweepOfAServerInDeletion checks that a sweep waits for a server that GoGrid is
// already deleting, and deletes the server if that deletion fails.
func TestSweepOfAServerInDeletion(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		for _, found := range []bool{false, true} {
			t.Run(fmt.Sprintf("fails %t, known when found %t", fails, found), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				server := r.made("web-0", "shop", "", false)
				findings := r.find()
				if fails {
					if err := r.AddFaults(simulator.Fault{Method: "grid.server.delete", Kind: simulator.FaultJob}); err != nil {
						t.Fatal(err)
					}
				}
				r.Outside(t, "grid.server.delete", "id", idText(server.ID))
				if found {
					findings = r.find()
				}
				if outcomes, err := r.sweep(findings); err != nil {
					t.Errorf("outcomes: %v", outcomes)
				}
				r.wantServers()
			})
		}
	}
}

// TestSweepContinuesAfterAFailure checks that a rejected deletion is reported and does
// not stop the other deletions.
func TestSweepContinuesAfterAFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.made("web-0", "shop", "", false)
	r.made("web-1", "shop", "", false)
	if err := r.AddFaults(simulator.Fault{Method: "grid.server.delete", Kind: simulator.FaultStatus, Status: 400}); err != nil {
		t.Fatal(err)
	}
	outcomes, err := r.sweep(r.find())
	failed := 0
	for _, outcome := range outcomes {
		if outcome != nil {
			failed++
		}
	}
	if err == nil || failed != 1 || len(r.Inspect().Servers) != 1 {
		t.Errorf("got %d failures and %d servers, want one each: %v", failed, len(r.Inspect().Servers), outcomes)
	}
}

func TestSweepHonoursItsContext(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.made("web-0", "shop", "", false)
	findings := r.find()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	cancel()
	if err := r.finder.Sweep(ctx, findings, func(leftovers.Finding, error) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	r.wantServers("web-0")
}
