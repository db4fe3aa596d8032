// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package sweep

import (
	"io"
	"testing"
)

// TestStorageOfTheEnvironment checks that the address of Cloud Storage comes from the
// environment, unless any flag sets a part of the address.
func TestStorageOfTheEnvironment(t *testing.T) {
	t.Parallel()
	variables := map[string]string{
		"GOGRID_CLOUD_STORAGE_PROTOCOL": "sftp", "GOGRID_CLOUD_STORAGE_HOST": "127.0.0.1",
		"GOGRID_CLOUD_STORAGE_PORT": "2022", "GOGRID_CLOUD_STORAGE_HOST_KEY": "SHA256:AAAA",
	}
	getenv := func(name string) string { return variables[name] }
	for name, tc := range map[string]struct {
		flags []string
		want  storageOptions
	}{
		"environment": {[]string{"--storage"}, storageOptions{use: true, protocol: "sftp", host: "127.0.0.1", port: 2022, hostKey: "SHA256:AAAA"}},
		"flag":        {[]string{"--storage-host=elsewhere"}, storageOptions{use: true, host: "elsewhere"}},
		"bastion":     {[]string{"--storage-bastion-host=jump"}, storageOptions{use: true, bastion: bastionOptions{host: "jump"}}},
		"unused":      {nil, storageOptions{protocol: "sftp", host: "127.0.0.1", port: 2022, hostKey: "SHA256:AAAA"}},
	} {
		o, err := parse(append([]string{"--deployment=shop", "--no-state"}, tc.flags...), getenv, io.Discard)
		if err != nil || o.storage != tc.want {
			t.Errorf("%s: %+v, %v; want %+v", name, o.storage, err, tc.want)
		}
	}
}

// TestStoragePortOfTheEnvironmentIsChecked checks that an invalid port is an error.
func TestStoragePortOfTheEnvironmentIsChecked(t *testing.T) {
	t.Parallel()
	for _, port := range []string{"0", "65536", "ssh"} {
		_, err := parse([]string{"--deployment=shop", "--no-state"}, func(name string) string {
			return map[string]string{"GOGRID_CLOUD_STORAGE_PORT": port}[name]
		}, io.Discard)
		if err == nil {
			t.Errorf("the port %q is accepted, want an error", port)
		}
	}
}
