// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "os"

// stopSignals end the demo, which then takes down what it has started.
func stopSignals() []os.Signal { return []os.Signal{os.Interrupt} }
