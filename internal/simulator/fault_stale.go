// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// performAsOf runs a method that only reads, on the grid as it was age ago in grid time.
func (q *request) performAsOf(age time.Duration) wire.Envelope {
	return q.run(func(now moment) *call {
		q.grid.due.add(event{at: now.add(age), kind: kindAge})
		earlier, then := q.grid.asOf(now.add(-age), q.key.Account)
		return &call{grid: earlier, account: earlier.accounts[q.key.Account], key: q.key, params: q.params, now: then}
	})
}

// withEarlierRows replaces the rows of a changing method's answer by the same objects as they were age ago in grid time. Objects that
// did not exist at that time have no row.
func (q *request) withEarlierRows(e wire.Envelope, age time.Duration) wire.Envelope {
	if e.Failure {
		return e
	}
	var rows []*wire.Object
	q.grid.step(func(now moment) {
		earlier, then := q.grid.asOf(now.add(-age), q.key.Account)
		for _, row := range e.List {
			if known := earlier.sameObject(row, q.key.Account, then); known != nil {
				rows = append(rows, known)
			}
		}
	})
	e.List, e.Total = rows, len(rows)
	return e
}

// sameObject returns the view of the object that a row of another time shows; nil if the grid has no such object.
func (g *Grid) sameObject(row *wire.Object, accountID int64, now moment) *wire.Object {
	id, _ := row.Attributes[0].Value.(int64)
	switch row.Kind {
	case "server":
		if s, found := g.accounts[accountID].servers.get(id); found {
			return g.serverView(s, now)
		}
	case "serverimage":
		if i, found := g.images.get(id); found {
			return g.imageView(i)
		}
	case "loadbalancer":
		if b, found := g.accounts[accountID].balancers.get(id); found {
			return g.balancerView(b, now)
		}
	}
	return nil
}
