// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package resilience tests, with real processes, what the provider promises
// about interruptions and speed. The tests kill the provider, the engine or the
// grid at any moment, or press Ctrl-C once or twice. The next apply must end
// with exactly the planned servers. An apply of many servers must take little
// longer than the slowest server. The soak test draws kills and changes of the
// configuration at random; a seed repeats an iteration. The package holds only
// tests and benchmarks.
package resilience
