// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

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

// cloudStorage is the share of a configured provider. It is connected to when
// it is first used, by all resources together.
type cloudStorage struct {
	// set is true when the provider block has a cloud_storage block, unknown
	// names the attributes in it whose values are not known yet.
	set     bool
	unknown []string
	config  storage.Config
	// leaseExpiry is the age at which leases of addresses expire; 0: they do not.
	leaseExpiry time.Duration
	// begun is when the provider was configured. Older leases of the deployment were
	// left by earlier processes.
	begun time.Time
	left  leftLeases

	mu     sync.Mutex
	store  *storage.Store
	placed map[string]storage.Object // files that this process has created or updated, by path
}

// errNoCloudStorage says that there is nothing to connect to.
var errNoCloudStorage = errors.New("the provider block has no cloud_storage block, which tells how to reach Cloud Storage; without any attribute it reads the account's password list")

// storageUnknown names the attributes of the provider block that must be known
// to use Cloud Storage: those of the API among them only if it lists the
// password.
func (s *session) storageUnknown() []string {
	unknown := s.storage.unknown
	if len(unknown) == 0 && s.storage.needsList() {
		return s.unknown
	}
	return unknown
}

// needsList tells whether the account or its password is left to the
// account's password list.
func (c *cloudStorage) needsList() bool {
	return c.set && c.config.NeedsAccount()
}

// storageNotKnown is the text about a cloud_storage block that is incomplete.
func (s *session) storageNotKnown() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from something that does not exist so far.", strings.Join(s.storageUnknown(), ", "))
}

// openStorage is the share, which may not be connected to yet.
func (s *session) openStorage(ctx context.Context) (*storage.Store, error) {
	s.storage.mu.Lock()
	defer s.storage.mu.Unlock()
	switch {
	case s.storage.store != nil:
		return s.storage.store, nil
	case !s.storage.set:
		return nil, errNoCloudStorage
	case len(s.storageUnknown()) > 0:
		return nil, errors.New(s.storageNotKnown() + " Apply first what it comes from, with -target, then run the same command again")
	}
	config, err := s.storageConfig(ctx)
	if err != nil {
		return nil, err
	}
	s.storage.store = storage.New(config, storage.Options{
		Clock: s.clock,
		Log:   func(ctx context.Context, line string) { tflog.Info(ctx, line) },
	})
	return s.storage.store, nil
}

// storageConfig completes the block from the account's password list.
func (s *session) storageConfig(ctx context.Context) (storage.Config, error) {
	return s.storage.config.Complete(func(username string) (string, string, error) {
		listed, err := s.storagePassword(ctx, username)
		if err != nil {
			return "", "", err
		}
		return listed.Username, listed.Password, nil
	})
}

// storagePassword is what the account's password list has for Cloud Storage:
// an entry without a server.
func (s *session) storagePassword(ctx context.Context, username string) (*client.Password, error) {
	listed, err := s.client.Passwords.CloudStorage(ctx, username)
	if err != nil || listed != nil {
		return listed, err
	}
	of := ""
	if username != "" {
		of = fmt.Sprintf(" of the user %q", username)
	}
	return nil, fmt.Errorf("the account's password list has no password%s for Cloud Storage; set username and password in the provider's cloud_storage block, or ask GoGrid to open it", of)
}
