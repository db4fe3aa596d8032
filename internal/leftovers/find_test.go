// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
)

func TestGridNamesWhatNoResourceStandsFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	kept := r.made("web-0", "shop", "", false)
	web := r.made("web-1", "shop", "", false)
	sandbox := r.made("dev", "shop", "", true)
	fresh := r.made("build-0123", "shop", "0123", true)
	prepared := r.made("build-4567", "shop", "4567/prepare", true)
	verifier := r.made("verify-0123", "shop", "0123", false)
	r.made("blog", "blog", "", false)
	r.made("other", "shop", "-", false)
	image := r.saved(sandbox, "web r1", "ours [deployment/shop/0123]")
	r.saved(sandbox, "blog r1", "[deployment/blog/0123]")
	keptImage := r.saved(sandbox, "web r2", "[deployment/shop/89ab]")
	trash := r.saved(sandbox, "web r0", "[deployment/shop/cdef]")
	r.OutsideDone(t, "grid.image.delete", "id", fmt.Sprint(trash.ID))
	r.known.AddServer(kept.ID)
	r.known.AddImage(keptImage.ID)

	type shown struct {
		Kind      leftovers.Kind
		ID        int64
		Name      string
		Address   string
		Unmanaged bool
		Keep      string
	}
	findings := r.find()
	var got []shown
	for _, found := range findings {
		got = append(got, shown{found.Kind, found.ID, found.Name, found.Address, found.Unmanaged(), found.KeepCommand()})
		if found.Since.IsZero() {
			t.Errorf("%s has no creation time", found)
		}
		if strings.Contains(found.Description, "deployment/") {
			t.Errorf("the description of %s shows the tag: %q", found, found.Description)
		}
	}
	want := []shown{
		{leftovers.KindServer, web.ID, "web-1", web.IP.Address, false, fmt.Sprintf("terraform import gogrid_server.NAME %d", web.ID)},
		{leftovers.KindSandbox, sandbox.ID, "dev", sandbox.IP.Address, false, fmt.Sprintf("terraform import gogrid_sandbox.NAME %d", sandbox.ID)},
		{leftovers.KindSandbox, fresh.ID, "build-0123", fresh.IP.Address, true, ""},
		{leftovers.KindSandbox, prepared.ID, "build-4567", prepared.IP.Address, true, ""},
		{leftovers.KindServer, verifier.ID, "verify-0123", verifier.IP.Address, true, ""},
		{leftovers.KindImage, image.ID, "web r1", "", false, fmt.Sprintf("terraform import gogrid_mygsi_image.NAME %d", image.ID)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	text := leftovers.Text(findings)
	for _, found := range findings {
		if !strings.Contains(text, found.String()+", since ") || !strings.Contains(text, found.KeepCommand()) {
			t.Errorf("the text does not name %s with its command:\n%s", found, text)
		}
	}
}

// TestAddressAccountsForAServer checks that an address alone accounts for a server
// that had no id yet when its apply was interrupted.
func TestAddressAccountsForAServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	add := r.add("web-0", "shop", "", false)
	if findings := r.find(); len(findings) != 1 || findings[0].KeepCommand() != "" && findings[0].ID == 0 {
		t.Errorf("findings: %v", names(findings))
	}
	r.known.AddAddress(add.IP)
	if findings := r.find(); len(findings) != 0 {
		t.Errorf("findings: %v", names(findings))
	}
}

// spoiler is a transport that replaces a text in the responses of one API
// method.
type spoiler struct{ path, old, new string }

func (s spoiler) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || !strings.HasSuffix(request.URL.Path, s.path) {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	body = bytes.Replace(body, []byte(s.old), []byte(s.new), 1)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Del("Content-Length")
	return answer, err
}

// TestDoubtfulListIsAnError checks that an incomplete list, or a row that lacks
// members, causes an error and no findings.
func TestDoubtfulListIsAnError(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]spoiler{
		"a truncated list":       {"/grid/server/list", `"total":2`, `"total":3`},
		"a row without its name": {"/grid/server/list", `"name":"web-0"`, `"neme":"web-0"`},
		"no list of images":      {"/grid/image/list", `"list"`, `"lost"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sound := newRig(t)
			sound.made("web-0", "shop", "", false)
			sound.made("web-1", "shop", "", false)
			c, err := client.New(sound.Key.APIKey, sound.Key.SharedSecret, client.WithEndpoint(sound.Endpoint), client.WithTransport(bad), client.WithMaxRetries(0))
			if err != nil {
				t.Fatal(err)
			}
			finder := leftovers.Finder{Client: c, Deployment: "shop", Accounted: &leftovers.Known{}}
			if findings, err := finder.Find(t.Context()); err == nil || len(findings) > 0 {
				t.Errorf("got %v, %v: want an error", names(findings), err)
			}
		})
	}
}

func TestTagged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ours, others := r.made("web-0", "shop", "", false), r.made("blog", "blog", "", false)
	r.made("web-1", "shop", "", false)
	r.known.AddServer(ours.ID)
	r.known.AddServer(others.ID)
	tagged, untagged, err := r.finder.Tagged(t.Context())
	if err != nil || tagged != 1 || untagged != 1 {
		t.Errorf("%d objects with the tag and %d without are accounted for, want one each: %v", tagged, untagged, err)
	}
}
