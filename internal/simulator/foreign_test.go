// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The tests in this file send the verbs, versions, parameters and spellings of public clients of the service.

// post sends all parameters in the query and an empty body, as libcloud did.
func (r *rig) post(method string, pairs ...string) answered {
	r.t.Helper()
	request := httptest.NewRequest(http.MethodPost, path(method)+"?"+r.query(pairs...).Encode(), strings.NewReader(""))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := r.send(request)
	if a.status != http.StatusOK {
		r.t.Fatalf("%s %q: %s", method, pairs, a.body)
	}
	return a
}

func TestLibcloud(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const v = "v=1.8"
	want(t, "locations", len(r.ok("common.lookup.list", v, "lookup=ip.datacenter").List), 3)
	r.ok("grid.image.list", v, "datacenter=1")
	free := r.ok("grid.ip.list", v, "ip.type=Public", "ip.state=Unassigned", "datacenter=1").List[0]
	want(t, "datacenter of an address", at(free, "datacenter", "id"), 1.0)
	ip := free["ip"].(string)
	node := r.post("grid.server.add", v, "name=node", "image=9929", "description=", "server.ram=512MB", "ip="+ip, "isSandbox=false").one()
	want(t, "id", node["id"], nil)
	want(t, "state", at(node, "state", "name"), "Off")
	r.grid.Advance(time20)
	ready := r.ok("grid.server.list", v).one()
	want(t, "address", at(ready, "ip", "ip"), ip)
	id := "id=" + number64(ready["id"])
	withPassword := r.ok("support.password.list", v).List[1]
	want(t, "password's server", at(withPassword, "server", "id"), ready["id"])
	r.ok("grid.server.edit", v, id, "server.ram=1GB", "description=more")
	r.grid.Advance(time.Minute)
	r.post("grid.server.power", v, id, "power=restart")
	r.grid.Advance(time.Minute)
	lb := r.ok("grid.loadbalancer.add", v, "name=lb", "loadbalancer.type=round robin", "virtualip.ip="+publicIP(3), "virtualip.port=80",
		"realiplist.0.ip="+ip, "realiplist.0.port=8080").one()
	want(t, "balancer's id", lb["id"], nil)
	r.grid.Advance(2 * time.Minute)
	lbID := "id=" + number64(r.ok("grid.loadbalancer.list", v).one()["id"])
	r.post("grid.loadbalancer.edit", v, lbID, "realiplist.0.ip="+ip, "realiplist.0.port=81")
	r.grid.Advance(2 * time.Minute)
	r.post("grid.loadbalancer.delete", v, lbID)
	r.post("grid.server.delete", v, id)
	r.grid.Advance(2 * time.Minute)
	want(t, "servers", len(r.ok("grid.server.list", v).List), 0)
}

func TestLibcloudSavesAnImage(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Era = EraDirect })
	id := r.ready("node", 0)
	image := r.post("grid.image.save", "v=1.8", "server="+id, "friendlyName=mine").one()
	r.ok("grid.image.edit", "v=1.8", "id="+number64(image["id"]), "isPublic=true", "description=d", "friendlyName=other")
}

func TestJclouds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const v, format = "v=1.5", "format="
	r.ok("grid.ip.list", v, format, "ip.state=Unassigned", "ip.type=Public")
	r.ok("grid.server.add", "v=1.6", format, "name=jc", "image=12834", "server.ram=1", "ip="+publicIP(0))
	want(t, "job", at(r.ok("grid.job.list", v, format, "object=jc", "num_items=1").one(), "currentstate", "name"), "Created")
	r.grid.Advance(time20)
	id := number64(r.ok("grid.server.get", v, format, "name=jc").one()["id"])
	r.ok("grid.server.power", v, format, "server="+id, "power=start")
	r.grid.Advance(time.Minute)
	want(t, "state after a needless start", r.state(id), "On")
	r.ok("support.grid.password.get", v, format, "id="+id)
	r.ok("grid.server.get", v, format, "id="+id, "id=77")
	r.ok("grid.image.list", v, format, "image.type=Web Server", "image.state=Available", "isPublic=true")
	r.ok("grid.job.list", v, format, "startdate=1345852800000", "enddate=1345982800000", "job.objecttype=VirtualServer", "job.state=Succeeded")
	r.ok("grid.loadbalancer.add", v, format, "name=lb", "loadbalancer.type=Least Connect", "loadbalancer.persistence=Source Address",
		"virtualip.ip="+publicIP(1), "virtualip.port=80", "realiplist.0.ip="+publicIP(2), "realiplist.0.port=80",
		"realiplist.1.ip="+publicIP(3), "realiplist.1.port=80")
	r.grid.Advance(2 * time.Minute)
	r.ok("grid.loadbalancer.edit", v, format, "name=lb", "realiplist.0.ip="+publicIP(2), "realiplist.0.port=80")
	r.grid.Advance(2 * time.Minute)
	r.ok("grid.loadbalancer.delete", v, format, "name=lb")
	r.ok("grid.server.delete", v, format, "id="+id)
	r.grid.Advance(time.Minute)
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", v, "name=jc")
}

func TestDeltacloud(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok("common.lookup.list", "lookup=server.ram")
	r.ok("common.lookup.list", "lookup=datacenter")
	r.ok("grid.image.list", "state=Available")
	ip := r.ok("grid.ip.list", "ip.type=1", "ip.state=1", "datacenter=1").List[0]["ip"].(string)
	r.ok("grid.server.add", "name=dc", "image=9928", "server.ram=1", "ip="+ip)
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "name=dc")
	want(t, "in the list", r.ok("grid.server.list").one()["name"], "dc")
	r.grid.Advance(time20)
	r.ok("grid.server.power", "name=dc", "power=off")
	r.grid.Advance(time.Minute)
	r.ok("grid.server.power", "name=dc", "power=on")
	r.refused(http.StatusBadRequest, "restart or cycle", "grid.server.power", "name=dc", "power=reboot")
	r.grid.Advance(time.Minute)
	r.ok("grid.server.delete", "name=dc")
}

func TestDasein(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	addresses := r.ok("grid.ip.list", "ip.type=1", "datacenter=1").List
	r.ok("grid.server.add", "name=DA", "image=12834", "server.ram=3", "ip="+publicIP(0), "privateip=10.110.0.4")
	lb := r.ok("grid.loadbalancer.add", "name=lb", "virtualip.ip="+number64(addresses[4]["id"]), "virtualip.port=443",
		"realiplist.1.ip="+publicIP(0), "realiplist.1.port=443", "realiplist.2.ip="+publicIP(1), "realiplist.2.port=443").one()
	want(t, "virtual address given by its id", at(lb, "virtualip", "ip", "ip"), addresses[4]["ip"])
	want(t, "members counted from 1", len(lb["realiplist"].([]any)), 2)
	want(t, "pending balancer by name", r.ok("grid.loadbalancer.get", "name=lb").one()["id"], nil)
	want(t, "lookups", len(r.ok("common.lookup.list", "lookup=lookups").List), 24)
	r.ok("common.lookup.list", "lookup=image.minram")
}

func TestSaltAndTheClientsOf2009(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const v = "v=1.0"
	pending := r.ok("grid.server.add", v, "name=salt", "image=12834", "ram=512MB", "ip="+publicIP(0)).one()
	if _, present := pending["datacenter"]; present {
		t.Error("version 1.0 shows a datacenter")
	}
	r.grid.Advance(time20)
	var names []any
	for _, p := range r.ok("support.password.list", v).List {
		names = append(names, at(p, "server", "name"))
	}
	if len(names) != 2 || names[0] != nil || names[1] != "salt" {
		t.Errorf("passwords belong to %v", names)
	}
	r.ok("grid.loadbalancer.add", v, "name=rs", "type=1", "persistence=1", "virtualip.ip="+publicIP(1), "virtualip.port=80",
		"realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	lines := strings.Split(r.call("grid.server.list", v, "format=csv").body, "\n")
	want(t, "CSV columns 1 and 4", strings.Split(lines[2], ",")[1]+" "+strings.Split(lines[2], ",")[4], "salt "+publicIP(0))
	r.ok("grid.server.delete", v, "name=salt")
}

func TestZendFogAndRerun(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("rr", 0, "privateip=10.110.0.9")
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "name=rr")
	r.grid.Advance(time20)
	want(t, "state for rerun", at(r.ok("grid.server.get", "name=rr").one(), "state", "name"), "On")
	zend := r.ok("grid.server.edit", "v=1.8", "server=rr", "description=by Zend").one()
	want(t, "state for Zend", at(zend, "state", "id"), 8.0)
	r.grid.Advance(2 * time.Minute)
	want(t, "description", r.ok("grid.server.get", "v=1.5", "server=rr").one()["description"], "by Zend")
	want(t, "job", len(r.ok("grid.job.get", "v=1.8", "job=1500001").List), 1)
	r.ok("grid.server.delete", "v=1.5", "server=rr")
}
