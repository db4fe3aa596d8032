// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/metrics"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

const (
	// defaultHeap is how large the simulator's heap may grow, in bytes, before a
	// script that asks for more is ended.
	defaultHeap = 768 << 20
	// maxVariables is what the variables of a shell may hold together, and what
	// a command substitution may, in bytes.
	maxVariables = 32 << 20
	// meterStep is how much goes by between two looks at the heap, in bytes.
	meterStep = 256 << 10
	// freeParts is how many expansions a word may have without a look at how
	// large they are.
	freeParts = 4
)

// exitKilled is what a process ends with that the system kills.
const exitKilled = 137

var errMemory = errors.New("Cannot allocate memory") //nolint:staticcheck // it is what every system says

// checkHeap ends everything of the session when the simulator's heap has grown too
// far. Whoever is allocating then is the one that is asked.
func (s *session) checkHeap() error {
	if heapSize() < s.heapLimit {
		return nil
	}
	runtime.GC() // much of it may be gone already
	if heapSize() < s.heapLimit {
		return nil
	}
	s.kill(errMemory)
	return errMemory
}

// heapSize is the number of bytes that objects and stacks take.
func heapSize() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// checkVariables looks whether a shell holds more than it may.
func (s *session) checkVariables(hc interp.HandlerContext) error {
	if text, ok := hc.Stdout.(interface{ Len() int }); ok && text.Len() > maxVariables {
		s.kill(errMemory)
		return errMemory
	}
	size := 0
	hc.Env.Each(func(_ string, value expand.Variable) bool {
		size += len(value.Str) + 64*len(value.List) + 64*len(value.Map)
		for i := 0; i < len(value.List) && i < 1000; i++ { // all of a long one would take too long
			size += len(value.List[i])
		}
		return size <= maxVariables
	})
	if size > maxVariables {
		s.kill(errMemory)
		return errMemory
	}
	return nil
}

// meteredWriter looks at the heap as a program's output goes by: whoever collects it
// cannot be watched.
type meteredWriter struct {
	io.Writer

	shared *session
	passed int
}

// Write passes it on.
func (m *meteredWriter) Write(p []byte) (int, error) {
	if m.passed += len(p); m.passed >= meterStep {
		m.passed = 0
		if err := m.shared.checkHeap(); err != nil {
			return 0, err
		}
	}
	return m.Writer.Write(p)
}

// meteredReader does so with input.
type meteredReader struct {
	io.Reader

	shared *session
	passed int
}

// Read passes it on.
func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if m.passed += n; m.passed >= meterStep {
		m.passed = 0
		err = errors.Join(err, m.shared.checkHeap())
	}
	return n, err
}

// killedForMemory tells whether a script was ended for its memory.
func killedForMemory(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errMemory) }
