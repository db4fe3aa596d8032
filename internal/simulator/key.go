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

// DefaultAccount is the customer number of a key that names none.
const DefaultAccount int64 = 500001

// Role is what a key may do. GoGrid bound one role to each key when the key was made.
type Role string

const (
	// RoleSuper may do everything. The default.
	RoleSuper Role = "super"
	// RoleSystem may read and change the grid, but not see the bill.
	RoleSystem Role = "system"
	// RoleBilling may read the grid and the bill, but neither jobs nor passwords.
	RoleBilling Role = "billing"
	// RoleReadOnly may read the grid, but neither jobs, passwords nor the bill.
	RoleReadOnly Role = "read-only"
)

var roles = [...]Role{RoleSuper, RoleSystem, RoleBilling, RoleReadOnly}

// Key is an API key with the secret its owner chose, one role, and the account it belongs to. An account may have several.
type Key struct {
	APIKey       string
	SharedSecret string
	// Role is "" for RoleSuper.
	Role Role
	// Account is the customer number, 0 for DefaultAccount.
	Account int64
}

// String names the key without its secret, and shows only the end of the API key.
func (k Key) String() string {
	tail := k.APIKey[max(0, len(k.APIKey)-4):]
	return fmt.Sprintf("key ...%s (%s, account %d)", tail, k.Role, k.Account)
}

// GoString is String, so that %#v shows no secret either.
func (k Key) GoString() string { return k.String() }

// LogValue keeps the secret out of logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// ParseKey reads "key:secret", "key:secret:role" or "key:secret:role:account". An empty role is super. The secret cannot hold a
// colon. Errors do not repeat the text, because it holds the secret.
func ParseKey(text string) (Key, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return Key{}, fmt.Errorf("a key has %d parts separated by colons: it must be key:secret[:role[:account]]", len(parts))
	}
	key := Key{APIKey: parts[0], SharedSecret: parts[1]}
	if len(parts) > 2 {
		key.Role = Role(parts[2])
		if key.Role != "" && !slices.Contains(roles[:], key.Role) {
			return Key{}, fmt.Errorf("the third part of a key is no role: it must be one of %q; a secret cannot hold a colon", roles)
		}
	}
	if len(parts) > 3 {
		account, err := strconv.ParseInt(parts[3], 10, 64)
		if err != nil {
			return Key{}, errors.New("the fourth part of a key is no account: it must be a customer number; a secret cannot hold a colon")
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
		return fmt.Errorf("a key needs an API key and a shared secret: one of them is empty")
	case !slices.Contains(roles[:], k.Role):
		return fmt.Errorf("role %q of a key: it must be one of %q", k.Role, roles)
	case k.Account < 0:
		return fmt.Errorf("account %d of a key: it must be a positive customer number", k.Account)
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
			return fmt.Errorf("key %d: the same API key is given twice", i+1)
		}
		seen[key.APIKey] = true
	}
	return nil
}

// generateKey makes a super-user key of the default account. API keys were 16 hexadecimal digits.
func generateKey() Key {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return Key{APIKey: hex.EncodeToString(id[:]), SharedSecret: rand.Text()}.withDefaults()
}
