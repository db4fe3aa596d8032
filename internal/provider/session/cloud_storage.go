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

// CloudStorage is the Cloud Storage share of a configured provider. All resources
// share one connection, which the first use opens.
type CloudStorage struct {
	// Set is true if the provider block has a cloud_storage block.
	Set bool
	// Unknown names the attributes of the block whose values are not known yet.
	Unknown []string
	Config  storage.Config
	// LeaseExpiry is the age at which leases of addresses expire; 0 means never.
	LeaseExpiry time.Duration
	// Begun is the time at which the provider was configured. Older leases of
	// the deployment were left by earlier processes.
	Begun time.Time
	Left  leftLeases

	mu     sync.Mutex
	store  *storage.Store
	placed map[string]storage.Object // files that this process has created or updated, by path
	kept   map[string]string         // files that stay although their resources were destroyed, by folded path
}

// ErrNoCloudStorage is returned by every use of Cloud Storage if the provider
// block has no cloud_storage block.
var ErrNoCloudStorage = errors.New("the provider block has no cloud_storage block, so the provider cannot use Cloud Storage, the account's file share. Add the block:\n\n" +
	"  provider \"gogrid\" {\n    cloud_storage {}\n  }\n\n" +
	"An empty block is enough if the account's password list has a password for Cloud Storage, and this machine is in the private network or \"gogrid-simulator run\" started the command")

// StorageUnknown names the attributes of the provider block that must be known
// to use Cloud Storage and are not known yet. It includes the attributes that
// configure the API only if the password must be looked up through the API.
func (s *Session) StorageUnknown() []string {
	unknown := s.Storage.Unknown
	if len(unknown) == 0 && s.Storage.needsList() {
		return s.Unknown
	}
	return unknown
}

// needsList reports whether the account or its password must be read from the
// account's password list.
func (c *CloudStorage) needsList() bool {
	return c.Set && c.Config.NeedsAccount()
}

// StorageNotKnown returns the sentence about a cloud_storage block that has
// unknown values.
func (s *Session) StorageNotKnown() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from an object that does not exist yet.", strings.Join(s.StorageUnknown(), ", "))
}

// OpenStorage returns the store of Cloud Storage, which connects on its first
// use. It returns ErrNoCloudStorage if there is no cloud_storage block. It
// returns another error if the block has unknown values or its password cannot
// be looked up.
func (s *Session) OpenStorage(ctx context.Context) (*storage.Store, error) {
	s.Storage.mu.Lock()
	defer s.Storage.mu.Unlock()
	switch {
	case s.Storage.store != nil:
		return s.Storage.store, nil
	case !s.Storage.Set:
		return nil, ErrNoCloudStorage
	case len(s.StorageUnknown()) > 0:
		return nil, errors.New(s.StorageNotKnown() + " Apply that object first, with -target, then run the same command again")
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

// storageConfig returns the configuration of the block, and takes a missing
// user name or password from the account's password list.
func (s *Session) storageConfig(ctx context.Context) (storage.Config, error) {
	return s.Storage.Config.Complete(func(username string) (string, string, error) {
		listed, err := s.StoragePassword(ctx, username)
		if err != nil {
			return "", "", err
		}
		return listed.Username, listed.Password, nil
	})
}

// StoragePassword returns the entry for Cloud Storage in the account's password
// list: an entry without a server. An empty username matches every entry.
func (s *Session) StoragePassword(ctx context.Context, username string) (*client.Password, error) {
	listed, err := s.Client.Passwords.CloudStorage(ctx, username)
	if err != nil || listed != nil {
		return listed, err
	}
	of := ""
	if username != "" {
		of = fmt.Sprintf(" of the user %q", username)
	}
	return nil, fmt.Errorf("the account's password list has no password%s for Cloud Storage; set username and password in the provider's cloud_storage block, or ask GoGrid to activate Cloud Storage for the account", of)
}
