// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package simulator

import (
	"net/netip"
	"strings"
	"testing"
)

const smbList = "smbclient //500001.cloud.storage.gogrid.com/500001 -A /root/credentials -c ls"

// connected routes destination through a gateway on a server, lists the files
// on Cloud Storage with smbclient, and returns the output.
func (w *world) connected(m machine, destination, gateway string) string {
	w.t.Helper()
	login, err := w.grid.CloudStorage(DefaultAccount)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.run(m, "printf 'username="+login.Username+"\npassword="+login.Password+"\n' > /root/credentials; ip link set eth1 up; "+
		"ip addr replace 10.110.0.5/24 dev eth1; ip route replace "+destination+" via "+gateway+"; "+smbList+"; true")
}

// The gateway is the first address of the private block. Clients on the host and
// guests see the same files.
func TestGuestsReachCloudStorage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.boot("web", 0)
	if err := saveFile(shareOf(t, w.grid), "release.zip", "content"); err != nil {
		t.Fatal(err)
	}
	if text := w.connected(m, "10.100.0.0/24", "10.110.0.1"); !strings.Contains(text, "  release.zip ") {
		t.Errorf("the guest lists %q", text)
	}
	w.run(m, strings.Replace(smbList, "-c ls", "-c 'mkdir status; put /etc/issue status/web.json'", 1))
	if text := loadFile(t, shareOf(t, w.grid), "status/web.json"); !strings.Contains(text, "CentOS") {
		t.Errorf("the host reads %q", text)
	}
}

func TestCloudStorageIsWhereItIsPut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) {
		o.CloudStorage = &CloudStorageOptions{Address: netip.MustParseAddr("172.16.9.9"), Gateway: netip.MustParseAddr("10.110.0.99")}
	})
	m := w.boot("web", 0)
	for _, way := range []struct {
		destination, gateway, want string
	}{
		{"10.0.0.0/8", "10.110.0.1", "no route by eth1 leads to 172.16.9.9"},
		{"172.16.0.0/12", "10.110.0.1", "the gateway to Cloud Storage is 10.110.0.99"},
		{"172.16.0.0/12", "10.110.0.99", ""},
	} {
		text := w.connected(m, way.destination, way.gateway)
		if !strings.Contains(text, way.want) || way.want == "" && strings.Contains(text, "NT_STATUS") {
			t.Errorf("%s by %s: %q", way.destination, way.gateway, text)
		}
	}
}
