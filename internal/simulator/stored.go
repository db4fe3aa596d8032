// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/store"
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
// change the file. It returns a [store.InUseError] while a grid has the file open.
func ReadLogins(path string) (logins []StoredLogin, err error) {
	err = store.Read(path, func(s *store.Store) error {
		logins, err = storedLogins(s)
		return err
	})
	return logins, err
}

func storedLogins(s *store.Store) ([]StoredLogin, error) {
	systems := make(map[int64]int) // operating system ids, by image id
	for _, i := range catalogueImages() {
		systems[i.ID] = i.OS
	}
	if err := store.Each(s, store.Images, func(i *image) { systems[i.ID] = i.OS }); err != nil {
		return nil, err
	}
	var logins []StoredLogin
	names := newCatalog().os
	err := store.Each(s, store.Servers, func(v *server) {
		if !v.pending() {
			logins = append(logins, StoredLogin{v.Account, v.Name, v.PublicIP.String(), administrator(names.byID(systems[v.Image]).name), v.Password})
		}
	})
	if err != nil {
		return nil, err
	}
	err = store.Each(s, store.Accounts, func(a *accountRecord) {
		logins = append(logins, StoredLogin{Account: a.ID, Username: strconv.FormatInt(a.ID, 10), Password: a.StoragePassword})
	})
	return logins, err
}

// administrator returns the name of the user to whom the initial password
// belongs on an operating system.
func administrator(system string) string {
	if strings.HasPrefix(system, "Windows") {
		return "Administrator"
	}
	return "root"
}
