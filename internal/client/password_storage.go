// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "context"

// storageApplication is the ApplicationType of the passwords for Cloud Storage.
const storageApplication = "cloudstorage"

// CloudStorage lists the account's passwords and returns the first one for
// Cloud Storage, or nil if there is none. An empty username matches all users.
func (s *PasswordService) CloudStorage(ctx context.Context, username string) (*Password, error) {
	passwords, err := s.List(ctx, "")
	if err != nil {
		return nil, err
	}
	for i, password := range passwords {
		if password.ApplicationType == storageApplication && (username == "" || password.Username == username) {
			return &passwords[i], nil
		}
	}
	return nil, nil
}
