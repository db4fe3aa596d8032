// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"errors"
)

func dialWindows(context.Context, Target, Options) (Session, error) {
	return nil, errors.New("pending")
}
