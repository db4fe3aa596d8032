// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "os"

// stopSignals returns the signals that cancel the demo. The demo then stops the
// processes that it has started.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt} }
