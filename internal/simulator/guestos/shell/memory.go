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
	// defaultHeap is the default of Shell.HeapLimit, in bytes.
	defaultHeap = 768 << 20
	// maxVariables limits the total size of a shell's variables, and the output
	// of a command substitution, in bytes.
	maxVariables = 32 << 20
	// meterStep is the number of bytes that pass through a meter between two
	// checks of the heap.
	meterStep = 256 << 10
	// freeParts is the number of expansions in a word up to which their size is
	// not checked.
	freeParts = 4
)

// exitKilled is the exit code of a process that the system kills.
const exitKilled = 137

var errMemory = errors.New("Cannot allocate memory") //nolint:staticcheck // the words of real systems

// checkHeap kills the session if the simulator's heap has reached its limit.
// This ends the script that is allocating memory at that moment.
func (s *session) checkHeap() error {
	if heapSize() < s.heapLimit {
		return nil
	}
	runtime.GC() // much of the heap may be garbage
	if heapSize() < s.heapLimit {
		return nil
	}
	s.kill(errMemory)
	return errMemory
}

// heapSize returns the number of bytes that objects and stacks occupy.
func heapSize() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// checkVariables kills the session if the variables of a shell, or the output
// that it collects, exceed maxVariables.
func (s *session) checkVariables(hc interp.HandlerContext) error {
	if text, ok := hc.Stdout.(interface{ Len() int }); ok && text.Len() > maxVariables {
		s.kill(errMemory)
		return errMemory
	}
	size := 0
	hc.Env.Each(func(_ string, value expand.Variable) bool {
		size += len(value.Str) + 64*len(value.List) + 64*len(value.Map)
		for i := 0; i < len(value.List) && i < 1000; i++ { // measuring all elements of a long list would take too long
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

// meteredWriter checks the heap while a program writes its output, because the
// shell cannot limit the reader that collects the output.
type meteredWriter struct {
	io.Writer

	shared *session
	passed int
}

// Write writes p to the underlying writer. It returns an error if the check of
// the heap fails.
func (m *meteredWriter) Write(p []byte) (int, error) {
	if m.passed += len(p); m.passed >= meterStep {
		m.passed = 0
		if err := m.shared.checkHeap(); err != nil {
			return 0, err
		}
	}
	return m.Writer.Write(p)
}

// meteredReader checks the heap while a script reads its input.
type meteredReader struct {
	io.Reader

	shared *session
	passed int
}

// Read reads from the underlying reader. After every meterStep bytes, Read checks the
// heap and returns the error of checkHeap.
func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if m.passed += n; m.passed >= meterStep {
		m.passed = 0
		err = errors.Join(err, m.shared.checkHeap())
	}
	return n, err
}

// killedForMemory reports whether a script was killed because it used too much
// memory.
func killedForMemory(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errMemory) }
