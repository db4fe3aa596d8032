// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// WithCloudStorage makes a grid without guests serve Cloud Storage. A grid with
// guests always serves Cloud Storage.
func WithCloudStorage(options *simulator.Options) {
	options.CloudStorage = &simulator.CloudStorageOptions{}
}

// StorageLogin returns the Cloud Storage login of the key's account.
func (g *Grid) StorageLogin(t *testing.T) simulator.CloudStorage {
	t.Helper()
	login, err := g.Grid.CloudStorage(cmp.Or(g.Key.Account, simulator.DefaultAccount))
	if err != nil {
		t.Fatal(err)
	}
	return login
}

// CloudStorage returns a provider block that reaches the Cloud Storage of the
// key's account over SFTP. Changes apply to its cloud_storage block.
func (g *Grid) CloudStorage(t *testing.T, changes ...Attributes) Attributes {
	t.Helper()
	login := g.StorageLogin(t)
	block := Attributes{
		"protocol": "sftp", "host": login.Host, "port": login.Port, "host_key": login.HostKey,
		"username": login.Username, "password": login.Password,
	}
	for _, change := range changes {
		block = block.With(change)
	}
	return Attributes{"cloud_storage": block}
}

// CloudStorageHCL returns the cloud_storage block of CloudStorage as HCL, for a
// provider block.
func (g *Grid) CloudStorageHCL(t *testing.T) string {
	t.Helper()
	login := g.StorageLogin(t)
	return fmt.Sprintf(`
  cloud_storage {
    protocol = "sftp"
    host     = %q
    port     = %d
    host_key = %q
    username = %q
    password = %q
  }
`, login.Host, login.Port, login.HostKey, login.Username, login.Password)
}

// StorageEnv returns the environment variables that an empty cloud_storage
// block needs to reach the Cloud Storage of the key's account.
func (g *Grid) StorageEnv(t *testing.T) []string {
	t.Helper()
	login := g.StorageLogin(t)
	return []string{
		"GOGRID_CLOUD_STORAGE_PROTOCOL=sftp",
		"GOGRID_CLOUD_STORAGE_HOST=" + login.Host,
		fmt.Sprintf("GOGRID_CLOUD_STORAGE_PORT=%d", login.Port),
		"GOGRID_CLOUD_STORAGE_HOST_KEY=" + login.HostKey,
	}
}
