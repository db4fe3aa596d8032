// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"testing"
)

func TestServerAddValidation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("taken", 5, "privateip=10.110.0.5")
	good := map[string]string{"name": "web", "image": "12834", "server.ram": "1GB", "ip": publicIP(0)}
	for _, tc := range []struct{ name, value, message string }{
		{"name", "", "'name' is missing"},
		{"name", "  ", "'name' is missing"},
		{"name", strings.Repeat("x", 21), "21 characters"},
		{"image", "", "'image' is missing"},
		{"image", "nosuch", "no such image"},
		{"image", "99", "no such image"},
		{"image", "6680", "at least 4GB"},
		{"server.ram", "", "'server.ram' is missing"},
		{"server.ram", "3GB", "one of 512MB, 1GB, 2GB, 4GB, 8GB, 16GB, 24GB"},
		{"server.ram", "7", "one of 512MB"},
		{"ip", "", "'ip' is missing"},
		{"ip", "8.8.8.8", "not an address of your account"},
		{"ip", "127.20.0.0", "it is the network address of its block"},
		{"ip", "127.20.0.1", "it is the gateway of its block"},
		{"ip", "127.20.0.15", "it is the broadcast address of its block"},
		{"ip", "127.20.0.16", "not an address"},
		{"privateip", "10.110.0.1", "it is the gateway of its block"},
		{"ip", "10.110.0.2", "must be a public address"},
		{"ip", publicIP(5), "already assigned to server taken"},
		{"privateip", publicIP(1), "must be a private address"},
		{"privateip", "10.110.0.5", "already assigned"},
		{"privateip", "10.111.0.5", "another datacenter"},
		{"privateip", "192.168.0.1", "not an address of your account"},
		{"isSandbox", "yes", "true or false"},
		{"description", strings.Repeat("x", 501), "501 characters"},
	} {
		order := map[string]string{}
		for name, value := range good {
			order[name] = value
		}
		order[tc.name] = tc.value
		var pairs []string
		for name, value := range order {
			pairs = append(pairs, name+"="+value)
		}
		a := r.refused(http.StatusBadRequest, tc.message, "grid.server.add", pairs...)
		want(t, tc.name+" errorcode", a.one()["errorcode"], "IllegalArgumentException")
	}
	r.refused(http.StatusBadRequest, "32-bit", "grid.server.add", "name=w", "image=12833", "ram=4GB", "ip="+publicIP(0))
	want(t, "servers", len(r.ok("grid.server.list").List), 1)
	r.add(strings.Repeat("é", 20), 0, "description="+strings.Repeat("x", 500))
}

func TestOptionsByIDNameAndCase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, ram := range []string{"ram=512mb", "ram=1", "server.ram=512MB", "server.ram=8", "server.ram=16gb"} {
		r.ok("grid.server.add", "name=s", "image=centos6.2_64_base", ram, "ip="+publicIP(i))
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Strict = true })
	r.refused(http.StatusBadRequest, "'colour' is unknown", "grid.server.list", "colour=red")
	r.ok("grid.server.list", "num_items=5", "datacenter=1", "datacenter=2")
	r.ok("grid.loadbalancer.add", "name=lb", "virtualip.ip="+publicIP(0), "virtualip.port=80",
		"realiplist.0.ip="+publicIP(1), "realiplist.0.port=80")
	r.refused(http.StatusBadRequest, "'realiplist.x.ip' is unknown", "grid.loadbalancer.edit", "name=lb", "realiplist.x.ip=1")
	newRig(t).ok("grid.server.list", "colour=red")
}

// TestRoles compares the roles of all methods with the tables of the wiki.
func TestRoles(t *testing.T) {
	t.Parallel()
	const all, change, bill = "super system billing read-only", "super system", "super billing"
	table := map[string]string{
		"grid.server.list": all, "grid.server.get": all, "grid.server.add": change, "grid.server.delete": change,
		"grid.server.power": change, "grid.server.edit": change,
		"grid.image.list": all, "grid.image.get": all, "grid.image.save": change, "grid.image.edit": change,
		"grid.image.delete": change, "grid.image.restore": change, "grid.ip.list": all,
		"grid.loadbalancer.list": all, "grid.loadbalancer.get": all, "grid.loadbalancer.add": change,
		"grid.loadbalancer.delete": change, "grid.loadbalancer.edit": change,
		"grid.job.list": change, "grid.job.get": change, "support.password.list": change, "support.password.get": change,
		"support.grid.password.get": change, "myaccount.billing.get": bill, "common.lookup.list": all,
	}
	keys := []Key{{APIKey: "a", SharedSecret: "s"}}
	for _, role := range roles[1:] {
		keys = append(keys, Key{APIKey: "key-" + string(role), SharedSecret: "s", Role: role})
	}
	r := newRig(t, func(o *Options) { o.Keys = keys })
	for _, key := range r.grid.Keys() {
		for method, who := range table {
			a := r.as(key).call(method)
			denied := a.status == http.StatusUnauthorized
			want(t, method+" denied to "+string(key.Role), denied, !strings.Contains(who, string(key.Role)))
			if denied {
				want(t, "content type", a.header.Get("Content-Type"), "text/html")
				want(t, "errorcode", a.one()["errorcode"], "UnauthorizedException")
			}
		}
	}
	want(t, "methods in the table", len(table), len(r.grid.methods))
}

func TestAccountsAreIsolated(t *testing.T) {
	t.Parallel()
	keys := []Key{{APIKey: "a1", SharedSecret: "s", Account: 1}, {APIKey: "a2", SharedSecret: "s", Account: 1}, {APIKey: "b", SharedSecret: "s", Account: 2}}
	r := newRig(t, func(o *Options) { o.Keys = keys })
	first, second, other := r.as(r.grid.Keys()[0]), r.as(r.grid.Keys()[1]), r.as(r.grid.Keys()[2])
	id := first.ready("box", 0, "isSandbox=true")
	image := number64(first.ok("grid.image.save", "server="+id, "friendlyName=mine").one()["id"])
	r.grid.Advance(time20)
	want(t, "servers seen with the other key", len(second.ok("grid.server.list").List), 1)
	for _, method := range []string{"grid.server.list", "grid.job.list"} {
		want(t, method, len(other.ok(method).List), 0)
	}
	want(t, "passwords", other.ok("support.password.list").one()["username"], "2")
	other.refused(http.StatusBadRequest, "No object found", "grid.server.get", "id="+id)
	other.refused(http.StatusBadRequest, "No object found", "grid.image.get", "id="+image)
	other.refused(http.StatusBadRequest, "not an address", "grid.server.add", "name=x", "image=12834", "ram=1", "ip="+publicIP(1))

	first.ok("grid.image.edit", "id="+image, "isPublic=true")
	shared := other.ok("grid.image.get", "id="+image).one()
	want(t, "gsitype", at(shared, "gsitype", "name"), "communityGSI")
	want(t, "owner", at(shared, "owner", "id"), 1.0)
	a := other.refused(http.StatusBadRequest, "does not belong", "grid.image.edit", "id="+image, "friendlyName=theirs")
	want(t, "errorcode", a.one()["errorcode"], "GoGridIllegalArgumentException")
	other.refused(http.StatusBadRequest, "does not belong", "grid.image.delete", "id=12834")
}
