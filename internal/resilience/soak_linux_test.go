// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

// iterations is the number of iterations of TestAccSoak. Iteration i uses the
// seed seed+i. To repeat a failed iteration, run go test ./internal/resilience
// -run Soak -args -seed=N -iterations=1.
var iterations = flag.Uint64("iterations", 3, "`number` of iterations of the soak test")

// maxApplies is the number of consecutive failed applies after which the soak
// test fails.
const maxApplies = 5

// TestAccSoak kills the engine, the provider or the grid at random moments of
// random applies. After that it either changes the configuration and repeats
// the apply until it succeeds, or destroys everything. Every remaining object
// must be in the state or be named in a message.
func TestAccSoak(t *testing.T) {
	t.Parallel()
	tools.require(t)
	tally := &soakTally{}
	t.Run("iterations", func(t *testing.T) {
		for number := *seed; number < *seed+*iterations; number++ {
			t.Run(fmt.Sprintf("seed=%d", number), func(t *testing.T) {
				t.Parallel()
				soak(t, number, tally)
			})
		}
	})
	tools.summary = tally.summary()
}

// soak runs one iteration.
func soak(t *testing.T, number uint64, tally *soakTally) {
	t.Helper()
	defer func() { tally.end(number, t.Failed()) }()
	drawn := draw(rand.New(rand.NewPCG(number, 0)), soakPartsOf(number))
	t.Logf("iteration seed %d: %s", number, drawn)
	w := newSoakWorld(t, drawn.first, tally)

	w.play(drawn)
}

// play runs the drawn commands and kills.
func (w *soakWorld) play(drawn soakDraw) {
	if drawn.established {
		w.converge()
		w.use(drawn.second)
	}
	w.killDuring(drawn.kills[0], w.apply())
	if drawn.wait {
		w.grid.awaitFinished()
	}
	if drawn.end == soakEndDestroy {
		if len(drawn.kills) > 1 {
			w.killDuring(drawn.kills[1], w.destroy())
		}
		w.mustDestroy()
		return
	}
	w.use(drawn.third)
	if len(drawn.kills) > 1 {
		w.killDuring(drawn.kills[1], w.apply())
	}
	w.converge()
	w.mustAccountForAll()
	w.mustDestroy()
}

// soakWorld is the grid and the workspace of one iteration.
type soakWorld struct {
	*scenario

	config  soakConfig // current configuration of the workspace
	rebuilt bool       // whether a change requires a new image
	ports   soakPorts
	used    map[string]string // addresses in use before the first apply
	judged  map[string]bool   // errors that mustAdvise has checked
	tally   *soakTally
}

// soakPorts are the ports of one iteration's grid.
type soakPorts struct{ ssh, site, storage int }

func newSoakWorld(t *testing.T, first soakConfig, tally *soakTally) *soakWorld {
	t.Helper()
	w := &soakWorld{tally: tally, judged: map[string]bool{}, config: first, ports: soakPorts{testport.New(t), testport.New(t), testport.New(t)}}
	flags := append(first.parts.flags(w.ports),
		"--private-block-size=64", fmt.Sprintf("--cloud-storage-listen=127.0.0.1:%d", w.ports.storage), "--cloud-storage-dir="+t.TempDir())
	w.scenario = newScenario(t, first.text(w.ports), flags...)
	w.use(first)
	w.used = w.grid.takenAddresses()
	return w
}

// use configures the workspace.
func (w *soakWorld) use(config soakConfig) {
	w.t.Helper()
	w.rebuilt = w.rebuilt || config.recipe != w.config.recipe || config.baseImage != w.config.baseImage
	w.config = config
	w.configure(config.text(w.ports))
	if config.parts.deploy {
		if err := config.writeApp(w.workspace); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *soakWorld) destroy() *run {
	w.t.Helper()
	return w.start("destroy", "-auto-approve", "-input=false", "-no-color")
}

// converge repeats the apply until it succeeds.
func (w *soakWorld) converge() {
	w.t.Helper()
	w.repeat("apply", w.apply)
}

// repeat runs a command until it succeeds. Each failure must name the next
// step.
func (w *soakWorld) repeat(what string, begin func() *run) {
	w.t.Helper()
	var last string
	for range maxApplies {
		w.tally.applied()
		output, code := begin().end()
		if code == 0 {
			return
		}
		w.mustAdvise(output)
		last = output
	}
	w.t.Fatalf("%s failed %d times in a row; the last errors were:\n%s", what, maxApplies, problemsOf(last))
}
