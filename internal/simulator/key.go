// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// DefaultAccount is the customer number of a key without an account.
const DefaultAccount int64 = 500001

// Role determines which methods a key may call. GoGrid assigned one role to each key when the key was created.
type Role string

const (
	// RoleSuper may call all methods. The default.
	RoleSuper Role = "super"
	// RoleSystem may read and change the grid, but not see the bill.
	RoleSystem Role = "system"
	// RoleBilling may read the grid and the bill, but neither jobs nor passwords.
	RoleBilling Role = "billing"
	// RoleReadOnly may read the grid, but neither jobs, passwords nor the bill.
	RoleReadOnly Role = "read-only"
)

var roles = [...]Role{RoleSuper, RoleSystem, RoleBilling, RoleReadOnly}

// Key is an API key with its shared secret, role and account. An account may have several keys.
type Key struct {
	APIKey       string
	SharedSecret string
	// Role is "" for RoleSuper.
	Role Role
	// Account is the customer number; 0 means DefaultAccount.
	Account int64
}

// String returns the last four characters of the API key, the role and the account, without the secret.
func (k Key) String() string {
	tail := k.APIKey[max(0, len(k.APIKey)-4):]
	return fmt.Sprintf("key ...%s (%s, account %d)", tail, k.Role, k.Account)
}

// GoString returns String, so that %#v does not show the secret.
func (k Key) GoString() string { return k.String() }

// LogValue returns String, so that logs do not contain the secret.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// ParseKey parses "key:secret", "key:secret:role" or "key:secret:role:account". An empty role is super. The secret cannot contain
// a colon. Errors do not repeat the text, because it contains the secret.
func ParseKey(text string) (Key, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return Key{}, fmt.Errorf("a key must be key:secret[:role[:account]], but it has %d parts separated by colons", len(parts))
	}
	key := Key{APIKey: parts[0], SharedSecret: parts[1]}
	if len(parts) > 2 {
		key.Role = Role(parts[2])
		if key.Role != "" && !slices.Contains(roles[:], key.Role) {
			return Key{}, fmt.Errorf("the third part of a key must be one of the roles %q; a secret cannot contain a colon", roles)
		}
	}
	if len(parts) > 3 {
		account, err := strconv.ParseInt(parts[3], 10, 64)
		if err != nil {
			return Key{}, errors.New("the fourth part of a key must be a customer number; a secret cannot contain a colon")
		}
		key.Account = account
	}
	key = key.withDefaults()
	return key, key.check()
}

func (k Key) withDefaults() Key {
	if k.Role == "" {
		k.Role = RoleSuper
	}
	if k.Account == 0 {
		k.Account = DefaultAccount
	}
	return k
}

func (k Key) check() error {
	switch {
	case k.APIKey == "" || k.SharedSecret == "":
		return fmt.Errorf("the API key and the shared secret of a key must not be empty")
	case !slices.Contains(roles[:], k.Role):
		return fmt.Errorf("the role %q of a key must be one of %q", k.Role, roles)
	case k.Account < 0:
		return fmt.Errorf("the account %d of a key must be a positive customer number", k.Account)
	}
	return nil
}

func checkKeys(keys []Key) error {
	seen := make(map[string]bool, len(keys))
	for i, key := range keys {
		if err := key.withDefaults().check(); err != nil {
			return fmt.Errorf("key %d: %w", i+1, err)
		}
		if seen[key.APIKey] {
			return fmt.Errorf("key %d: the API key must not be given twice", i+1)
		}
		seen[key.APIKey] = true
	}
	return nil
}

// generateKey returns a random key with the role super and the default account.
// API keys of the service consisted of 16 hexadecimal digits.
func generateKey() Key {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return Key{APIKey: hex.EncodeToString(id[:]), SharedSecret: rand.Text()}.withDefaults()
}
