// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// shareOf logs in to the Cloud Storage of the default account.
func shareOf(t *testing.T, grid *Grid) *sftp.Client {
	t.Helper()
	login, err := grid.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	files, err := dialShare(t, login)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func dialShare(t *testing.T, login CloudStorage) (*sftp.Client, error) {
	t.Helper()
	client, err := logIn(t, login)
	if err != nil {
		return nil, err
	}
	return sftp.NewClient(client)
}

func logIn(t *testing.T, login CloudStorage) (*ssh.Client, error) {
	t.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(login.HostKey))
	if err != nil {
		t.Fatal(err)
	}
	client, err := ssh.Dial("tcp", fmt.Sprintf("%s:%d", login.Host, login.Port), &ssh.ClientConfig{
		User: login.Username, Auth: []ssh.AuthMethod{ssh.Password(login.Password)}, HostKeyCallback: ssh.FixedHostKey(key),
	})
	if err == nil {
		t.Cleanup(func() { _ = client.Close() })
	}
	return client, err
}

func saveFile(files *sftp.Client, name, text string) error {
	file, err := files.Create(name)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}

func loadFile(t *testing.T, files *sftp.Client, name string) string {
	t.Helper()
	file, err := files.Open(name)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	text, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(text)
}

// The account's list of passwords contains the login, and each account has its
// own share.
func TestCloudStorageIsOfAnAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) {
		o.CloudStorage = &CloudStorageOptions{}
		o.Keys = append(o.Keys, Key{APIKey: "other", SharedSecret: "s", Role: RoleSuper, Account: 7})
	})
	login, err := r.grid.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	entry := r.ok("support.password.list").one()
	want(t, "kind", entry["applicationtype"], any("cloudstorage"))
	want(t, "user", entry["username"], any(login.Username))
	want(t, "password", entry["password"], any(login.Password))

	mine := shareOf(t, r.grid)
	if err := saveFile(mine, "file", "mine"); err != nil {
		t.Fatal(err)
	}
	other, err := r.grid.CloudStorage(7)
	if err != nil {
		t.Fatal(err)
	}
	files, err := dialShare(t, other)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := files.ReadDir("/"); err != nil || len(entries) != 0 {
		t.Errorf("the other account sees %v (%v)", entries, err)
	}
	for _, wrong := range []CloudStorage{
		{Username: login.Username, Password: other.Password},
		{Username: "0" + login.Username, Password: login.Password},
		{Username: "8"},
		{Username: "root", Password: login.Password},
	} {
		wrong.Host, wrong.Port, wrong.HostKey = login.Host, login.Port, login.HostKey
		if _, err := dialShare(t, wrong); err == nil {
			t.Errorf("%s can log in", wrong.Username)
		}
	}
}

func TestCloudStorageStaysTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	options := Options{
		State: filepath.Join(dir, "grid.db"), Keys: []Key{{APIKey: "k", SharedSecret: "s"}},
		CloudStorage: &CloudStorageOptions{Dir: filepath.Join(dir, "outside")},
	}
	first, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	before, err := first.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	if err := saveFile(shareOf(t, first), "kept", "kept"); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "outside", "storage-500001", "kept")); err != nil || string(text) != "kept" {
		t.Errorf("the folder contains %q (%v)", text, err)
	}
	second, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	after, err := second.CloudStorage(DefaultAccount)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "host key", after.HostKey, before.HostKey)
	want(t, "password", after.Password, before.Password)
	want(t, "file", loadFile(t, shareOf(t, second), "kept"), "kept")
}

func TestCloudStorageIsNotServed(t *testing.T) {
	t.Parallel()
	grid, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	if _, err := grid.CloudStorage(DefaultAccount); !errors.Is(err, ErrNoCloudStorage) {
		t.Errorf("a grid without Cloud Storage: %v", err)
	}
	inside, err := New(Options{CloudStorage: &CloudStorageOptions{Listen: "none"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = inside.Close() })
	if _, err := inside.CloudStorage(DefaultAccount); !errors.Is(err, ErrNoCloudStorage) {
		t.Errorf("Cloud Storage without a listener: %v", err)
	}
	served, err := New(Options{CloudStorage: &CloudStorageOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = served.Close() })
	if _, err := served.CloudStorage(8); !errors.Is(err, ErrNoCloudStorage) {
		t.Errorf("an unknown account: %v", err)
	}
	_, err = New(Options{CloudStorage: &CloudStorageOptions{Listen: "0.0.0.0:0"}})
	if err == nil || !strings.Contains(err.Error(), "must be a loopback address") {
		t.Errorf("an address that is not loopback: %v", err)
	}
}
