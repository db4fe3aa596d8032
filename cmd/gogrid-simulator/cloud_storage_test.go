// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// share logs in to Cloud Storage at the address in the ready file, with the login
// in the account's list of passwords.
func share(t *testing.T, at cloudStorage, grid *client.Client) *sftp.Client {
	t.Helper()
	list, err := grid.Passwords.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(at.HostKey))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range list {
		if entry.Server != nil {
			continue
		}
		login, err := ssh.Dial("tcp", net.JoinHostPort(at.Host, strconv.Itoa(at.Port)), &ssh.ClientConfig{
			User: entry.Username, Auth: []ssh.AuthMethod{ssh.Password(entry.Password)}, HostKeyCallback: ssh.FixedHostKey(key),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = login.Close() })
		files, err := sftp.NewClient(login)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	t.Fatal("the list has no password for Cloud Storage")
	return nil
}

func TestServeTellsWhereCloudStorageIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sim := launch(t, "--cloud-storage-dir", dir)
	if sim.facts.CloudStorage == nil {
		t.Fatal("the ready file lacks Cloud Storage")
	}
	at := *sim.facts.CloudStorage
	for _, line := range []string{"cloud_storage {\n", fmt.Sprintf("port     = %d\n", at.Port), fmt.Sprintf("host_key = %q\n", at.HostKey)} {
		if !strings.Contains(sim.banner, line) {
			t.Errorf("the banner lacks %q:\n%s", line, sim.banner)
		}
	}
	if err := share(t, at, clientFor(t, sim.facts)).Mkdir("releases"); err != nil {
		t.Fatal(err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "storage-*", "releases")); len(found) != 1 {
		t.Errorf("--cloud-storage-dir lacks the account's folder: %v", found)
	}
}

func TestCloudStorageIsServedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	sim := launch(t)
	if sim.facts.CloudStorage != nil || strings.Contains(sim.banner, "Cloud Storage") {
		t.Errorf("Cloud Storage is served: %+v\n%s", sim.facts.CloudStorage, sim.banner)
	}
}

func TestRunTellsTheCommandWhereCloudStorageIs(t *testing.T) {
	t.Parallel()
	set := &settings{options: simulator.Options{Speed: 1}}
	s := &server{facts: facts{CloudStorage: &cloudStorage{Host: "127.0.0.1", Port: 7, HostKey: "ssh-ed25519 AAAA"}}}
	env := s.environment(nil, set)
	for name, want := range map[string]string{
		"TF_VAR_cloud_storage_host": "127.0.0.1", "TF_VAR_cloud_storage_port": "7", "TF_VAR_cloud_storage_host_key": "ssh-ed25519 AAAA",
	} {
		if got, _ := lookup(env, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}
