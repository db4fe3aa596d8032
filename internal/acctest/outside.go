// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/md5" //nolint:gosec // the API's signature is an MD5 sum
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// Outside calls an API method, as a user would outside Terraform. The pairs are
// names and values of parameters. The test stops if the grid rejects the call.
func (g *Grid) Outside(t *testing.T, method string, pairs ...string) {
	t.Helper()
	g.outside(t, method, pairs...)
}

// outside is like Outside, and returns the body of the response.
func (g *Grid) outside(t *testing.T, method string, pairs ...string) []byte {
	t.Helper()
	form := url.Values{"v": {"1.9"}, "format": {"json"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	key := outsideKey()
	sum := md5.Sum([]byte(key.APIKey + key.SharedSecret + strconv.FormatInt(g.clock.Now().Unix(), 10))) //nolint:gosec // the API's signature is an MD5 sum
	form.Set("api_key", key.APIKey)
	form.Set("sig", hex.EncodeToString(sum[:]))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		g.Endpoint+"/"+strings.ReplaceAll(method, ".", "/"), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s from outside: %v", method, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s from outside: %s: %s (%v)", method, answer.Status, body, err)
	}
	return body
}

// OutsideDone is like Outside, but then advances the clock by one hour, so that
// the grid completes the change.
func (g *Grid) OutsideDone(t *testing.T, method string, pairs ...string) {
	t.Helper()
	g.Outside(t, method, pairs...)
	g.Advance(time.Hour)
}

// Passwords returns all passwords in the account's password list by server
// name. The password of Cloud Storage has the name "".
func (g *Grid) Passwords(t *testing.T) map[string]string {
	t.Helper()
	key := outsideKey()
	outside, err := client.New(key.APIKey, key.SharedSecret, client.WithEndpoint(g.Endpoint), client.WithClock(g.clock))
	if err != nil {
		t.Fatal(err)
	}
	list, err := outside.Passwords.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	passwords := map[string]string{}
	for _, password := range list {
		name := ""
		if password.Server != nil {
			name = password.Server.Name
		}
		passwords[name] = password.Password
	}
	return passwords
}

// Server returns the server or sandbox with the given name. The test stops
// unless there is exactly one.
func (g *Grid) Server(t *testing.T, name string) simulator.ServerInfo {
	t.Helper()
	var found []simulator.ServerInfo
	for _, server := range g.Inspect().Servers {
		if server.Name == name {
			found = append(found, server)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the grid has %d servers named %q, want one", len(found), name)
	}
	return found[0]
}

// ServerID returns the id of the server or sandbox with the given name, as
// text.
func (g *Grid) ServerID(t *testing.T, name string) string {
	t.Helper()
	return strconv.FormatInt(g.Server(t, name).ID, 10)
}

// Images returns the images that accounts have saved, except deleted images and
// images in the trash.
func (g *Grid) Images() []simulator.ImageInfo {
	var own []simulator.ImageInfo
	for _, image := range g.Inspect().Images {
		if image.Account > 0 && image.State != "Trash" && image.State != "Deleted" {
			own = append(own, image)
		}
	}
	return own
}

// Jobs returns the number of jobs of a command, such as CreateVirtualServer,
// that did not fail.
func (g *Grid) Jobs(command string) int {
	count := 0
	for _, job := range g.Inspect().Jobs {
		if job.Command == command && job.State != "Failed" && job.State != "Fatal" {
			count++
		}
	}
	return count
}

// Address returns the nth usable address (from 0) of a kind in a datacenter,
// such as US-West-1.
func (g *Grid) Address(t *testing.T, public bool, datacenter string, n int) string {
	t.Helper()
	for _, ip := range g.Inspect().IPs {
		if ip.Public == public && ip.Datacenter == datacenter && !ip.Reserved {
			if n == 0 {
				return ip.IP
			}
			n--
		}
	}
	t.Fatalf("%s has too few addresses", datacenter)
	return ""
}

// Holder returns the object that an address is assigned to, or "" while the
// address is free.
func (g *Grid) Holder(t *testing.T, address string) string {
	t.Helper()
	for _, ip := range g.Inspect().IPs {
		if ip.IP == address {
			return ip.Holder
		}
	}
	t.Fatalf("%s is not one of the account's addresses", address)
	return ""
}
