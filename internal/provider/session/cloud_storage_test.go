// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestCloudStorageBlockErrors checks that each mistake in the block is reported on its
// attribute.
func TestCloudStorageBlockErrors(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	for name, tc := range map[string]struct {
		block    acctest.Attributes
		at       string
		patterns []string
	}{
		"protocol":          {acctest.Attributes{"protocol": "ftp"}, "cloud_storage.protocol", []string{"smb.*sftp"}},
		"port":              {acctest.Attributes{"port": 0}, "cloud_storage.port", []string{"between 1 and 65535"}},
		"host key":          {acctest.Attributes{"host_key": "x"}, "cloud_storage.host_key", []string{"names no host key"}},
		"host key over SMB": {acctest.Attributes{"protocol": nil}, "cloud_storage.host_key", []string{"Only SFTP uses it"}},
		"expiry":            {acctest.Attributes{"leases_expire_after": "10m"}, "cloud_storage.leases_expire_after", []string{"shorter than an hour"}},
		"private key":       {acctest.Attributes{"private_key": "canary-key"}, "cloud_storage.private_key", []string{"no private key"}},
		"bastion's host":    {acctest.Attributes{"bastion": acctest.Attributes{"password": "x"}}, "cloud_storage.bastion.host", []string{"required in the bastion block"}},
		"bastion's login":   {acctest.Attributes{"bastion": acctest.Attributes{"host": "127.0.0.1"}}, "cloud_storage.bastion.password", []string{"One of the two", "gogrid_server_password"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diagnostics := grid.Configure(t, providertest.CloudStorage(server, tc.block))
			diagnostics.WantError(t, tc.at, tc.patterns...)
		})
	}
}

// TestCloudStoragePasswordFromFile checks that the newline at the end of a password is
// removed with a warning, and that the login then succeeds.
func TestCloudStoragePasswordFromFile(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	s, diagnostics := grid.Configure(t, providertest.CloudStorage(server, acctest.Attributes{"password": storagetest.Password + "\n"}))
	diagnostics.WantWarning(t, "cloud_storage.password", "White space around password", "newline")
	plan := s.Plan(s.Absent(providertest.ObjectType), acctest.Attributes{"path": "a", "content": "x"})
	plan.Diagnostics.WantNone(t)
}

// TestCloudStorageUse checks that each operation on the share reports a problem with
// the share, and that no error shows the password.
func TestCloudStorageUse(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	for name, tc := range map[string]struct {
		block    acctest.Attributes
		patterns []string
	}{
		"no block":        {nil, []string{"no cloud_storage block", `provider "gogrid" \{\s+cloud_storage \{\}\s+\}`, "An empty block is enough if"}},
		"password":        {providertest.CloudStorage(server, acctest.Attributes{"password": "canary-wrong"}), []string{"sftp://127.0.0.1:", "password was rejected", "22290"}},
		"share":           {providertest.CloudStorage(server, acctest.Attributes{"share": "nowhere"}), []string{"no such share", "nowhere"}},
		"host key":        {providertest.CloudStorage(server, acctest.Attributes{"host_key": "SHA256:AAAA"}), []string{"shows the host key", "must be SHA256:AAAA"}},
		"not in the list": {providertest.CloudStorage(server, acctest.Attributes{"password": nil}), []string{`no password of the user "22290"`, "username and password"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t, tc.block)
			plan := s.Plan(s.Absent(providertest.ObjectType), acctest.Attributes{"path": "a", "content": "x"})
			plan.Diagnostics.WantError(t, map[bool]string{true: "path", false: "-"}[name != "no block" && name != "not in the list"], tc.patterns...)
			_, diagnostics := s.ReadData("gogrid_storage_objects", acctest.Attributes{})
			diagnostics.WantError(t, "-", tc.patterns...)
			if strings.Contains(plan.Diagnostics.String()+diagnostics.String(), "canary") {
				t.Errorf("a secret is shown:\n%s", diagnostics)
			}
		})
	}
	_, diagnostics := grid.As(acctest.ReadOnlyKey()).Session(t, providertest.CloudStorage(server, acctest.Attributes{"username": nil, "password": nil})).
		ReadData("gogrid_storage_objects", acctest.Attributes{})
	diagnostics.WantError(t, "-", "role", "Super User or System User")
}

// TestCloudStorageThroughABastion checks that the login on the share and on the bastion
// both come from the block.
func TestCloudStorageThroughABastion(t *testing.T) {
	t.Parallel()
	grid, server, bastion := acctest.NewQuickGrid(t), storagetest.Start(t), storagetest.Start(t)
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server, acctest.Attributes{"bastion": acctest.Attributes{
		"host": bastion.Host, "port": bastion.Port, "username": storagetest.Username, "password": storagetest.Password, "host_key": bastion.HostKey,
	}}))
	m.Apply(acctest.Attributes{"path": "a", "content": "x"}).WantNone(t)
	providertest.WantFile(t, server, "a", "x")
	if bastion.Logins() == 0 {
		t.Error("the bastion was not used")
	}
}

// TestCloudStorageIsNotKnown checks that a plan succeeds if values of the block are
// unknown, because they come from objects that do not exist yet.
func TestCloudStorageIsNotKnown(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	config := acctest.Attributes{"path": "a", "content": "x"}
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server))
	m.Apply(config).WantNone(t)
	for name, block := range map[string]acctest.Attributes{
		"host":         providertest.CloudStorage(server, acctest.Attributes{"host": acctest.Unknown{}}),
		"bastion.host": providertest.CloudStorage(server, acctest.Attributes{"bastion": acctest.Attributes{"host": acctest.Unknown{}, "password": "x"}}),
		"":             {"cloud_storage": acctest.Unknown{}},
	} {
		s := grid.Session(t, block)
		s.Plan(s.Absent(providertest.ObjectType), config).Diagnostics.WantNone(t)
		read, diagnostics := s.Read(m.Object)
		attribute := strings.TrimSuffix("cloud_storage."+name, ".")
		diagnostics.WantWarning(t, "-", "Not refreshed", attribute+" is not known yet")
		if s.Plan(read, config).Action() != "no-op" {
			t.Errorf("%s: the plan is not a no-op", name)
		}
		_, diagnostics = s.ReadData("gogrid_storage_objects", acctest.Attributes{})
		diagnostics.WantError(t, "-", attribute+" is not known yet", "-target")
		// Operations that do not use the share still work.
		if _, diagnostics := s.ReadData("gogrid_ips", acctest.Attributes{}); len(diagnostics) > 0 {
			t.Errorf("%s: %s", name, diagnostics)
		}
	}
	// With a password in the block, the share does not need the API.
	s := grid.Session(t, providertest.CloudStorage(server), acctest.Attributes{"api_key": acctest.Unknown{}})
	_, diagnostics := s.ReadData("gogrid_storage_objects", acctest.Attributes{})
	diagnostics.WantNone(t)
	s = grid.Session(t, providertest.CloudStorage(server, acctest.Attributes{"password": nil}), acctest.Attributes{"api_key": acctest.Unknown{}})
	_, diagnostics = s.ReadData("gogrid_storage_objects", acctest.Attributes{})
	diagnostics.WantError(t, "-", "api_key is not known yet")
}

// TestStorageCredentials checks that gogrid_storage_credentials returns the login from
// the account's password list.
func TestStorageCredentials(t *testing.T) {
	t.Parallel()
	grid, server := acctest.NewQuickGrid(t), storagetest.Start(t)
	const typeName = "gogrid_storage_credentials"
	result, diagnostics := grid.Session(t).OpenEphemeral(typeName, acctest.Attributes{})
	diagnostics.WantNone(t)
	account := result["username"].(string)
	if result["password"] != grid.Passwords(t)[""] || result["host"] != account+".cloud.storage.gogrid.com" || result["share"] != account {
		t.Errorf("got user %s, host %v, share %v", account, result["host"], result["share"])
	}
	result, diagnostics = grid.Session(t, providertest.CloudStorage(server, acctest.Attributes{"share": "files"})).OpenEphemeral(typeName, acctest.Attributes{"username": account})
	diagnostics.WantNone(t)
	if result["host"] != server.Host || result["share"] != "files" {
		t.Errorf("got host %v, share %v", result["host"], result["share"])
	}
	_, diagnostics = grid.Session(t).OpenEphemeral(typeName, acctest.Attributes{"username": "guest"})
	diagnostics.WantError(t, "-", `no password of the user "guest"`)
	_, diagnostics = grid.As(acctest.ReadOnlyKey()).Session(t).OpenEphemeral(typeName, acctest.Attributes{})
	diagnostics.WantError(t, "-", "role", "Super User or System User")
	_, diagnostics = grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}}).OpenEphemeral(typeName, acctest.Attributes{})
	diagnostics.WantError(t, "-", "api_key is not known yet")
}

// TestCloudStorageOfTheList: without an account in the block, the provider uses the
// account of the password list.
func TestCloudStorageOfTheList(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	credentials, diagnostics := grid.Session(t).OpenEphemeral("gogrid_storage_credentials", acctest.Attributes{})
	diagnostics.WantNone(t)
	server := storagetest.Start(t)
	server.Account(credentials["username"].(string), credentials["password"].(string))
	m := grid.Manage(t, providertest.ObjectType, providertest.CloudStorage(server, acctest.Attributes{"username": nil, "password": nil}))
	m.Apply(acctest.Attributes{"path": "a", "content": "x"}).WantNone(t)
	providertest.WantFile(t, server, "a", "x")
}
