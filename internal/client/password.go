// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"log/slog"
)

// Password is a password record of the account: the initial password of a
// server's operating system, or a password of Cloud Storage. A password change
// on the server does not change the record. Printing or logging a Password does
// not show the password itself.
type Password struct {
	// ID is the id of the password record, not of the server.
	ID int64
	// ApplicationType is "os" or "cloudstorage".
	ApplicationType string
	Username        string
	Password        string
	// Server is nil for a password that does not belong to a server.
	Server *Server
}

var (
	_ fmt.Stringer   = Password{}
	_ fmt.GoStringer = Password{}
	_ slog.LogValuer = Password{}
)

// String describes the record without the password.
func (p Password) String() string {
	return fmt.Sprintf("password %d (%s, user %s)", p.ID, p.ApplicationType, p.Username)
}

// GoString returns String, so that %#v does not print the password.
func (p Password) GoString() string { return p.String() }

// LogValue returns String, so that structured logs do not contain the password.
func (p Password) LogValue() slog.Value { return slog.StringValue(p.String()) }
