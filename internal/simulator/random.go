// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// draw returns a random source that depends only on seed, purpose and the
// object's id. The same job therefore has the same durations in every run,
// regardless of the order of calls.
func draw(seed uint64, purpose byte, id int64) *rand.Rand {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	binary.BigEndian.PutUint64(key[8:], uint64(id))
	key[16] = purpose
	return rand.New(rand.NewChaCha8(key))
}

const (
	drawJob byte = iota + 1
	drawPassword
	drawImageName
	drawStorage
	drawImageMove
	drawSession
	drawBoot
	drawHostKey
	drawStorageKey
)

// randomSeed returns a seed from 1 to 2^53. Every JSON parser reads such a
// number exactly.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = crand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])>>11 + 1
}

// hostKeySeed returns the seed of an SSH host key of the grid.
func (g *Grid) hostKeySeed(purpose byte, id int64) (seed guestos.HostKeySeed) {
	r := draw(g.seed, purpose, id)
	for i := 0; i < len(seed); i += 8 {
		binary.BigEndian.PutUint64(seed[i:], r.Uint64())
	}
	return seed
}

// vary lengthens or shortens d by at most the fraction jitter.
func vary(r *rand.Rand, d time.Duration, jitter float64) time.Duration {
	return time.Duration(float64(d) * (1 + jitter*(2*r.Float64()-1)))
}

// randomPassword returns eight lower case letters and digits, like all known passwords that GoGrid generated.
func randomPassword(r *rand.Rand) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	password := make([]byte, 8)
	for i := range password {
		password[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(password)
}

// randomImageName returns the generated name of a saved image: "GSI-" and a random UUID.
func randomImageName(r *rand.Rand) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], r.Uint64())
	binary.BigEndian.PutUint64(b[8:], r.Uint64())
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("GSI-%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
