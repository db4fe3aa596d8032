// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// performAsOf runs a read-only method on an earlier state of the grid: the
// state of age ago, in grid time.
func (q *request) performAsOf(age time.Duration) wire.Envelope {
	return q.run(func(now moment) *call {
		q.grid.due.add(event{at: now.add(age), kind: kindAge})
		earlier, then := q.grid.asOf(now.add(-age), q.key.Account)
		return &call{grid: earlier, account: earlier.accounts[q.key.Account], key: q.key, params: q.params, now: then}
	})
}

// withEarlierRows alters the response of a method that changes the grid. It
// replaces each row by the state of the same object age ago, in grid time. It
// drops the rows of objects that did not exist at that time.
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

// sameObject returns the view, in g at the time now, of the object that a row
// shows. It returns nil if g does not have the object.
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
