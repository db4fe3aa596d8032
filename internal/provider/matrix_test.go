// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"sync"
	"testing"
)

// workers is how many cells run at a time. Most of them wait.
const workers = 16

// TestMatrix spoils every method that the provider calls, in every way, in
// every phase of the life of each kind of object. After each spoilt command
// there is no billed object that neither the state nor a message names, no
// success was reported for an object that lives, nothing healthy was replaced,
// and the same command without the fault reaches its goal.
//
// A cell runs alone by its name:
//
//	go test ./internal/provider -run 'TestMatrix/server/refresh/grid.server.list@first/empty$'
func TestMatrix(t *testing.T) {
	t.Parallel()
	var (
		count tally
		queue = make(chan *cell)
		group sync.WaitGroup
	)
	for range workers {
		group.Go(func() {
			for c := range queue {
				t.Run(c.name(), func(t *testing.T) {
					count.add(c.run(t))
				})
			}
		})
	}
	var generating sync.WaitGroup
	for _, x := range subjects() {
		generating.Go(func() {
			for _, c := range x.cells(t) {
				count.plan(c)
				queue <- c
			}
		})
	}
	generating.Wait()
	close(queue)
	group.Wait()
	t.Log(&count)
}
