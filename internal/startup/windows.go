// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import "errors"

func renderWindows(Config) (Rendered, error) { return Rendered{}, errors.New("pending") }
