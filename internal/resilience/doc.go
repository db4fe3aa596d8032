// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package resilience proves, with real processes, what the provider promises
// about interruptions and speed: kill the provider, the engine or the grid at
// any moment, press Ctrl-C once or twice, and the next apply ends with exactly
// the planned servers; and an apply of many servers takes hardly longer than
// the slowest of them. The soak test draws kills and changes of the
// configuration at random and repeats an iteration by its seed. The package has
// tests and benchmarks only.
package resilience
