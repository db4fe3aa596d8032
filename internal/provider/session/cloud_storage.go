// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// CloudStorage is the share of a configured provider. It is connected to when
// it is first used, by all resources together.
type CloudStorage struct {
	// Set is true when the provider block has a cloud_storage block, unknown
	// names the attributes in it whose values are not known yet.
	Set     bool
	Unknown []string
	Config  storage.Config
	// LeaseExpiry is the age at which leases of addresses expire; 0: they do not.
	LeaseExpiry time.Duration
	// Begun is when the provider was configured. Older leases of the deployment were
	// left by earlier processes.
	Begun time.Time
	Left  leftLeases

	mu     sync.Mutex
	store  *storage.Store
	placed map[string]storage.Object // files that this process has created or updated, by path
}

// ErrNoCloudStorage says that there is nothing to connect to.
var ErrNoCloudStorage = errors.New("the provider block has no cloud_storage block, which tells how to reach Cloud Storage; without any attribute it reads the account's password list")

// StorageUnknown names the attributes of the provider block that must be known
// to use Cloud Storage: those of the API among them only if it lists the
// password.
func (s *Session) StorageUnknown() []string {
	unknown := s.Storage.Unknown
	if len(unknown) == 0 && s.Storage.needsList() {
		return s.Unknown
	}
	return unknown
}

// needsList tells whether the account or its password is left to the
// account's password list.
func (c *CloudStorage) needsList() bool {
	return c.Set && c.Config.NeedsAccount()
}

// StorageNotKnown is the text about a cloud_storage block that is incomplete.
func (s *Session) StorageNotKnown() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from something that does not exist so far.", strings.Join(s.StorageUnknown(), ", "))
}

// OpenStorage is the share, which may not be connected to yet.
func (s *Session) OpenStorage(ctx context.Context) (*storage.Store, error) {
	s.Storage.mu.Lock()
	defer s.Storage.mu.Unlock()
	switch {
	case s.Storage.store != nil:
		return s.Storage.store, nil
	case !s.Storage.Set:
		return nil, ErrNoCloudStorage
	case len(s.StorageUnknown()) > 0:
		return nil, errors.New(s.StorageNotKnown() + " Apply first what it comes from, with -target, then run the same command again")
	}
	config, err := s.storageConfig(ctx)
	if err != nil {
		return nil, err
	}
	s.Storage.store = storage.New(config, storage.Options{
		Clock: s.Clock,
		Log:   func(ctx context.Context, line string) { tflog.Info(ctx, line) },
	})
	return s.Storage.store, nil
}

// storageConfig completes the block from the account's password list.
func (s *Session) storageConfig(ctx context.Context) (storage.Config, error) {
	return s.Storage.Config.Complete(func(username string) (string, string, error) {
		listed, err := s.StoragePassword(ctx, username)
		if err != nil {
			return "", "", err
		}
		return listed.Username, listed.Password, nil
	})
}

// StoragePassword is what the account's password list has for Cloud Storage:
// an entry without a server.
func (s *Session) StoragePassword(ctx context.Context, username string) (*client.Password, error) {
	listed, err := s.Client.Passwords.CloudStorage(ctx, username)
	if err != nil || listed != nil {
		return listed, err
	}
	of := ""
	if username != "" {
		of = fmt.Sprintf(" of the user %q", username)
	}
	return nil, fmt.Errorf("the account's password list has no password%s for Cloud Storage; set username and password in the provider's cloud_storage block, or ask GoGrid to open it", of)
}
