// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The list of images has as many images of each kind as the list that was
// recorded in January 2013.
func TestCatalogueIsLikeTheRecordedOne(t *testing.T) {
	t.Parallel()
	images := newRig(t).ok("grid.image.list").List
	want(t, "images", len(images), 173)
	count := func(name func(fields) string) map[string]int {
		counts := map[string]int{}
		for _, i := range images {
			counts[name(i)]++
		}
		return counts
	}
	member := func(names ...string) func(fields) string {
		return func(i fields) string { return fmt.Sprint(at(i, names...)) }
	}
	present := func(name string) func(fields) string {
		return func(i fields) string {
			switch value, there := i[name]; {
			case !there:
				return "absent"
			case value == "":
				return "empty"
			default:
				return "there"
			}
		}
	}
	places := func(i fields) string {
		var names []string
		for _, place := range i["datacenterlist"].([]any) {
			names = append(names, at(place.(fields), "datacenter", "name").(string))
		}
		return strings.Join(names, " ")
	}
	for what, tc := range map[string]struct{ got, want map[string]int }{
		"kinds": {count(member("gsitype", "name")), map[string]int{"baseGSI": 35, "partnerGSI": 27, "communityGSI": 111}},
		"datacenters": {count(places), map[string]int{
			"US-West-1 US-East-1 EU-West-1": 41, "US-West-1": 86, "EU-West-1": 25, "US-East-1": 20, "US-West-1 US-East-1": 1,
		}},
		"createdTime":    {count(present("createdTime")), map[string]int{"absent": 24, "there": 149}},
		"updatedTime":    {count(present("updatedTime")), map[string]int{"absent": 1, "there": 172}},
		"description":    {count(present("description")), map[string]int{"absent": 73, "empty": 3, "there": 97}},
		"minimum RAM":    {count(member("minram", "name")), map[string]int{"512MB": 105, "1GB": 29, "2GB": 27, "4GB": 11, "8GB": 1}},
		"billing tokens": {count(func(i fields) string { return fmt.Sprint(len(i["billingtokens"].([]any))) }), map[string]int{"1": 132, "2": 41}},
		"price": {count(func(i fields) string {
			price := i["price"].(float64)
			return fmt.Sprint(price > 0, price != math.Trunc(price))
		}), map[string]int{"false false": 159, "true false": 13, "true true": 1}},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	want(t, "owners", len(count(member("owner", "name"))), 35)
	want(t, "ids of owners", len(count(member("owner", "id"))), 35)
	want(t, "names", len(count(member("name"))), 173)
	var twice []int
	for _, times := range count(member("friendlyName")) {
		if times > 1 {
			twice = append(twice, times)
		}
	}
	want(t, "repeated friendly names", fmt.Sprint(twice), "[2 2]")
}

// If an image has a product, its first billing token is the operating system
// with price 0. The price of the image is the sum of the prices of both tokens.
func TestBillingTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ids, cents := map[any]any{}, 0
	for _, i := range r.ok("grid.image.list").List {
		tokens, sum := i["billingtokens"].([]any), 0.0
		for n, token := range tokens {
			token := token.(fields)
			sum += token["price"].(float64)
			if n == 0 {
				want(t, "first token", token["name"], at(i, "os", "name"))
			}
			if known := ids[token["id"]]; known != nil && known != token["name"] {
				t.Errorf("token %v has the names %v and %v", token["id"], known, token["name"])
			}
			ids[token["id"]] = token["name"]
		}
		want(t, fmt.Sprintf("sum of image %v", i["id"]), sum, i["price"])
		if len(tokens) == 2 {
			want(t, "price of the operating system", tokens[0].(fields)["price"], 0.0)
		}
		if i["price"] == 349.99 {
			cents++
		}
	}
	want(t, "images at 349.99", cents, 1)
	body := r.call("grid.image.list").body
	if !strings.Contains(body, `"price":349.99`) {
		t.Error("no price with cents is written as a plain number")
	}
}

// If an image has no creation time, the entries of its datacenters have no
// creation time either.
func TestDatacentersHaveTheTimesOfTheirImage(t *testing.T) {
	t.Parallel()
	for _, i := range newRig(t).ok("grid.image.list").List {
		for _, place := range i["datacenterlist"].([]any) {
			for _, name := range []string{"createdTime", "updatedTime"} {
				want(t, fmt.Sprintf("%s of image %v", name, i["id"]), place.(fields)[name], i[name])
			}
		}
	}
}

// The 25 recorded images keep their ids, names and settings.
func TestRecordedImagesStayUsable(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	recorded := map[string]string{
		"6": "w2k3r2_32_mssql2k5wg", "1057": "win2k3r2_32_base", "1058": "win2k3r2_64_base", "1059": "win2k8_32_base",
		"5489": "ubuntu_10_04_LTS_64_base", "5823": "debian_5.0_32_base", "5824": "debian_5.0_64_base", "5825": "ubuntu_10_04_LTS_32_base",
		"6675": "rhel5.6_32_base", "6676": "rhel5.6_64_base", "6679": "win2k8r2_64_base", "6680": "win2k8r2_64_mssql2k8r2std",
		"9928": "centos5.6_32_base", "9929": "centos5.6_64_base", "9932": "centos6.0_32_base", "9933": "centos6.0_64_base",
		"9934": "debian_6.0_32_base", "9935": "debian_6.0_64_base", "12831": "centos5.8_32_base", "12832": "centos5.8_64_base",
		"12833": "centos6.2_32_base", "12834": "centos6.2_64_base", "14766": "ubuntu_12_04_LTS_32_base", "14767": "ubuntu_12_04_LTS_64_base",
		"16425": "win2k12_64_base",
	}
	undated := 0
	for id, name := range recorded {
		image := r.ok("grid.image.get", "id="+id).one()
		want(t, id, image["name"], name)
		want(t, name+" owner", at(image, "owner", "id"), -1.0)
		want(t, name+" datacenters", len(image["datacenterlist"].([]any)), 3)
		want(t, name+" description", image["description"], image["friendlyName"])
		if _, dated := image["createdTime"]; !dated {
			undated++
		}
	}
	want(t, "without createdTime", undated, 22)
}

// Servers can use an image in the datacenters of the image, but in no other
// datacenter.
func TestCatalogueImagesMakeServers(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.PublicBlockSize = 1024 })
	for n, i := range r.ok("grid.image.list").List {
		ram := "server.ram=" + at(i, "minram", "name").(string)
		var names []string
		for _, place := range i["datacenterlist"].([]any) {
			names = append(names, at(place.(fields), "datacenter", "name").(string))
		}
		for place, name := range []string{"US-West-1", "US-East-1", "EU-West-1"} {
			ip := fmt.Sprintf("ip=127.%d.%d.%d", 20+place, (n+2)/256, (n+2)%256)
			order := []string{"name=" + fmt.Sprintf("s%d-%d", n, place), "image=" + number64(i["id"]), ram, ip}
			if slices.Contains(names, name) {
				r.ok("grid.server.add", order...)
			} else {
				r.refused(http.StatusBadRequest, "not available in datacenter "+name, "grid.server.add", order...)
			}
		}
	}
	community := r.ok("grid.image.list").List[60]
	r.refused(http.StatusBadRequest, "does not belong to your account", "grid.image.edit", "id="+number64(community["id"]), "friendlyName=mine")
}

// An image that is saved from a sandbox has the billing tokens of the sandbox's
// image.
func TestSavedImageKeepsItsProduct(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok("grid.server.add", "name=box", "image=6680", "isSandbox=true", "ip="+publicIP(0))
	r.grid.Advance(time20)
	image := r.ok("grid.image.save", "server=box", "friendlyName=db").one()
	want(t, "price", image["price"], 390.0)
	want(t, "tokens", len(image["billingtokens"].([]any)), 2)
	want(t, "owner", at(image, "owner", "name"), "Customer 500001")
	want(t, "kind", at(image, "gsitype", "name"), "myGSI")
}
