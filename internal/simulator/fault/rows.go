// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math/rand/v2"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
)

// distorted is an answer as a rule about its contents leaves it. Rows are shared with other answers: they are replaced, never
// changed.
func (q *request) distorted(e envelope, strike *fault.Strike) envelope {
	switch strike.Kind {
	case FaultEmpty:
		return q.success()
	case FaultBare:
		bare := q.success()
		bare.noSummary, bare.noList = true, true
		return bare
	case FaultNullList:
		if e.failure {
			e = q.success()
		}
		e.nullList = true
		return e.cut(0, strike.Totals)
	}
	if e.failure {
		return e
	}
	chance := rand.New(rand.NewPCG(strike.Draw, 0))
	switch strike.Kind {
	case FaultPartial:
		return e.cut(kept(strike.Keep, len(e.list)), strike.Totals)
	case FaultDropField:
		return e.alterRows(strike, chance, removeMember)
	case FaultWrongType:
		return e.alterRows(strike, chance, func(a attribute) []attribute {
			return []attribute{{name: a.name, value: valueOfOtherType(a.value, chance)}}
		})
	case FaultDuplicate:
		return e.duplicated(chance)
	case FaultShuffle:
		e.list = shuffled(e.list, chance)
	}
	return e
}

// kept is how many of all rows a partial answer keeps.
func kept(keep, all int) int {
	switch keep {
	case 0:
		return all / 2
	case -1:
		return 0
	default:
		return min(keep, all)
	}
}

// cut leaves the first rows.
func (e envelope) cut(rows int, totals FaultTotals) envelope {
	e.list = e.list[:rows]
	switch totals {
	case FaultTotalsMissing:
		e.noSummary = true
	case FaultTotalsCut:
		e.total = rows
	}
	return e
}

// duplicated shows one row in the place of another one.
func (e envelope) duplicated(chance *rand.Rand) envelope {
	n := len(e.list)
	switch n {
	case 0:
		return e
	case 1:
		e.list = []*object{e.list[0], e.list[0]}
		e.total++
		return e
	}
	shown := chance.IntN(n)
	hidden := (shown + 1 + chance.IntN(n-1)) % n
	e.list = slices.Clone(e.list)
	e.list[hidden] = e.list[shown]
	return e
}

// shuffled is another order of the rows, if there are two or more.
func shuffled(rows []*object, chance *rand.Rand) []*object {
	mixed := slices.Clone(rows)
	chance.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	if len(mixed) > 1 && slices.Equal(mixed, rows) {
		mixed = append(mixed[1:], mixed[0])
	}
	return mixed
}
