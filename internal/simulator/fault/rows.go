// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"math/rand/v2"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// Distort returns the response e as altered by the rule. success must be a successful response without rows to the same call.
// Responses share rows, so Distort replaces rows instead of changing them. If the rule does not alter rows, Distort returns e.
func (s *Strike) Distort(e, success wire.Envelope) wire.Envelope {
	switch s.Kind {
	case Empty:
		return success
	case Bare:
		success.NoSummary, success.NoList = true, true
		return success
	case NullList:
		if e.Failure {
			e = success
		}
		e.NullList = true
		return cut(e, 0, s.Totals)
	}
	if e.Failure {
		return e
	}
	chance := rand.New(rand.NewPCG(s.Draw, 0))
	switch s.Kind {
	case Partial:
		return cut(e, kept(s.Keep, len(e.List)), s.Totals)
	case DropField:
		return alterRows(e, s, chance, removeMember)
	case WrongType:
		return alterRows(e, s, chance, func(a wire.Attribute) []wire.Attribute {
			return []wire.Attribute{{Name: a.Name, Value: valueOfOtherType(a.Value, chance)}}
		})
	case Duplicate:
		return duplicated(e, chance)
	case Shuffle:
		e.List = shuffled(e.List, chance)
	}
	return e
}

// kept returns the number of rows that remain in a partial response.
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

// cut removes all but the given number of rows, and adjusts the summary as totals requires.
func cut(e wire.Envelope, rows int, totals Totals) wire.Envelope {
	e.List = e.List[:rows]
	switch totals {
	case TotalsMissing:
		e.NoSummary = true
	case TotalsCut:
		e.Total = rows
	}
	return e
}

// duplicated replaces a random row with a copy of another row. It repeats a single row.
func duplicated(e wire.Envelope, chance *rand.Rand) wire.Envelope {
	n := len(e.List)
	switch n {
	case 0:
		return e
	case 1:
		e.List = []*wire.Object{e.List[0], e.List[0]}
		e.Total++
		return e
	}
	shown := chance.IntN(n)
	hidden := (shown + 1 + chance.IntN(n-1)) % n
	e.List = slices.Clone(e.List)
	e.List[hidden] = e.List[shown]
	return e
}

// shuffled returns the rows in a different order, if there are at least two different rows.
func shuffled(rows []*wire.Object, chance *rand.Rand) []*wire.Object {
	mixed := slices.Clone(rows)
	chance.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	if len(mixed) > 1 && slices.Equal(mixed, rows) {
		mixed = append(mixed[1:], mixed[0])
	}
	return mixed
}
