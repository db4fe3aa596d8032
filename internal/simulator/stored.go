// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// StoredLogin is a login in a state file: the initial login of a server, or a
// login of Cloud Storage, which has no server.
type StoredLogin struct {
	Account  int64
	Server   string
	Address  string
	Username string
	Password string
}

// ReadLogins returns the logins of all accounts in a state file. It does not
// change the file, and fails while a grid has the file open.
func ReadLogins(path string) (logins []StoredLogin, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("reading the state file: %w", err)
	}
	claimed, err := claimState(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, releaseState(claimed)) }()
	err = damageTold(path, func() error {
		db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true, Timeout: lockTimeout})
		if err != nil {
			return explainOpen(path, err)
		}
		logins, err = (&store{path: path, db: db}).logins()
		return errors.Join(err, db.Close())
	})
	return logins, err
}

func (s *store) logins() ([]StoredLogin, error) {
	if err := s.db.View(checkLayout); err != nil {
		return nil, fmt.Errorf("reading the state file %s: %w", s.path, err)
	}
	systems := make(map[int64]int) // operating systems by image
	for _, i := range catalogueImages() {
		systems[i.ID] = i.OS
	}
	if err := each(s, bucketImages, func(i *image) { systems[i.ID] = i.OS }); err != nil {
		return nil, err
	}
	var logins []StoredLogin
	names := newCatalog().os
	err := each(s, bucketServers, func(v *server) {
		if !v.pending() {
			logins = append(logins, StoredLogin{v.Account, v.Name, v.PublicIP.String(), administrator(names.byID(systems[v.Image]).name), v.Password})
		}
	})
	if err != nil {
		return nil, err
	}
	err = each(s, bucketAccounts, func(a *accountRecord) {
		logins = append(logins, StoredLogin{Account: a.ID, Username: strconv.FormatInt(a.ID, 10), Password: a.StoragePassword})
	})
	return logins, err
}

// administrator returns the account of an operating system to which the initial
// password belongs.
func administrator(system string) string {
	if strings.HasPrefix(system, "Windows") {
		return "Administrator"
	}
	return "root"
}
