// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func (r *rig) addBalancer(pairs ...string) fields {
	r.t.Helper()
	return r.ok("grid.loadbalancer.add", append([]string{
		"name=lb", "virtualip.ip=" + publicIP(9), "virtualip.port=80",
	}, pairs...)...).one()
}

func TestBalancerLife(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	added := r.addBalancer("realiplist.1.ip="+publicIP(0), "realiplist.1.port=8080", "realiplist.2.ip="+publicIP(1), "realiplist.2.port=8080",
		"loadbalancer.type=least connect", "loadbalancer.persistence=source address", "description=front")
	if _, present := added["id"]; present {
		t.Error("the response of add shows an id")
	}
	want(t, "state", at(added, "state", "name"), "On")
	want(t, "type", at(added, "type", "name"), "Least Connect")
	want(t, "persistence", at(added, "persistence", "name"), "Source Address")
	want(t, "virtual", at(added, "virtualip", "ip", "state", "name"), "Assigned")
	members := added["realiplist"].([]any)
	want(t, "member of a server", at(members[0].(fields), "ip", "state", "name"), "Assigned")
	want(t, "free member", at(members[1].(fields), "ip", "state", "name"), "Unassigned")
	want(t, "member port", members[0].(fields)["port"], 8080.0)

	pending := r.ok("grid.loadbalancer.get", "name=lb").one()
	want(t, "pending id", pending["id"], nil)
	r.refused(http.StatusBadRequest, "Update already pending", "grid.loadbalancer.edit", "name=lb", "realiplist.0.ip="+publicIP(0), "realiplist.0.port=1")
	r.grid.Advance(2 * time.Minute)
	id := number64(r.ok("grid.loadbalancer.get", "name=lb").one()["id"])
	job := r.lastJob("lb")
	want(t, "job", at(job, "command", "name"), "CreateLoadBalancer")
	want(t, "detail type", at(job, "detail", "type"), "Least Connect")
	want(t, "detail virtual_ip", at(job, "detail", "virtual_ip"), publicIP(9))

	edited := r.ok("grid.loadbalancer.edit", "id="+id, "realiplist.0.ip="+publicIP(1), "realiplist.0.port=81").one()
	want(t, "members after edit", len(edited["realiplist"].([]any)), 1)
	r.refused(http.StatusBadRequest, "Update already pending", "grid.loadbalancer.edit", "id="+id, "realiplist.0.ip="+publicIP(0), "realiplist.0.port=1")
	r.refused(http.StatusBadRequest, "Update request for LoadBalancer", "grid.loadbalancer.delete", "id="+id)
	r.grid.Advance(2 * time.Minute)
	gone := r.ok("grid.loadbalancer.delete", "loadbalancer=lb").one()
	want(t, "id in the response of delete", number64(gone["id"]), id)
	r.grid.Advance(2 * time.Minute)
	r.refused(http.StatusBadRequest, "No object found", "grid.loadbalancer.get", "id="+id)
	want(t, "virtual address", r.ipState(publicIP(9)), "Unassigned")
}

func TestPoolKeepsTheEntryOfADeletedServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("web", 0)
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	r.ok("grid.server.delete", "name=web")
	r.grid.Advance(5 * time.Minute)
	member := r.ok("grid.loadbalancer.list").one()["realiplist"].([]any)[0].(fields)
	want(t, "address", at(member, "ip", "ip"), publicIP(0))
	want(t, "state", at(member, "ip", "state", "name"), "Unassigned")
}

func TestBalancerValidation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	member := []string{"realiplist.0.ip=" + publicIP(0), "realiplist.0.port=80"}
	for name, tc := range map[string]struct {
		pairs   []string
		message string
	}{
		"no name":       {append([]string{"virtualip.ip=" + publicIP(1), "virtualip.port=80"}, member...), "'name'"},
		"long name":     {append([]string{"name=123456789012345678901", "virtualip.ip=" + publicIP(1), "virtualip.port=80"}, member...), "21 characters"},
		"no port":       {append([]string{"name=lb", "virtualip.ip=" + publicIP(1)}, member...), "'virtualip.port'"},
		"port 0":        {append([]string{"name=lb", "virtualip.ip=" + publicIP(1), "virtualip.port=0"}, member...), "at least 1"},
		"port 65536":    {append([]string{"name=lb", "virtualip.ip=" + publicIP(1), "virtualip.port=65536"}, member...), "port number"},
		"no virtual":    {append([]string{"name=lb", "virtualip.port=80"}, member...), "'virtualip.ip'"},
		"private":       {append([]string{"name=lb", "virtualip.ip=10.110.0.3", "virtualip.port=80"}, member...), "must be a public"},
		"taken":         {append([]string{"name=lb", "virtualip.ip=" + publicIP(0), "virtualip.port=80"}, member...), "already assigned"},
		"gap":           {[]string{"name=lb", "virtualip.ip=" + publicIP(1), "virtualip.port=80", "realiplist.2.ip=" + publicIP(0)}, "'realiplist.0.ip'"},
		"half a member": {[]string{"name=lb", "virtualip.ip=" + publicIP(1), "virtualip.port=80", "realiplist.0.ip=" + publicIP(0)}, "'realiplist.0.port'"},
		"elsewhere":     {[]string{"name=lb", "virtualip.ip=127.21.0.3", "virtualip.port=80", member[0], member[1]}, "another datacenter"},
		"type":          {append([]string{"name=lb", "virtualip.ip=" + publicIP(1), "virtualip.port=80", "type=random"}, member...), "Round Robin, Least Connect"},
	} {
		t.Log(name)
		r.refused(http.StatusBadRequest, tc.message, "grid.loadbalancer.add", tc.pairs...)
	}
	a := r.refused(http.StatusInternalServerError, "An unexpected server error has occured. Please email this error to apisupport@gogrid.com.  Error Message : null",
		"grid.loadbalancer.add", "name=lb", "virtualip.ip="+publicIP(1), "virtualip.port=80", "realiplist.0.ip=8.8.8.8", "realiplist.0.port=80")
	want(t, "errorcode", a.one()["errorcode"], "UnexpectedException")
	want(t, "balancers", len(r.ok("grid.loadbalancer.list", "datacenter=1").List), 0)
}

// A load balancer is Unavailable while no address of its pool belongs to a
// running server.
func TestBalancerState(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80", "realiplist.1.ip=10.110.0.5", "realiplist.1.port=80")
	state := func() any {
		t.Helper()
		listed, got := r.ok("grid.loadbalancer.list").one(), r.ok("grid.loadbalancer.get", "name=lb").one()
		name := at(listed, "state", "name")
		want(t, "state on get", at(got, "state", "name"), name)
		want(t, "state in Inspect", r.grid.Inspect().LoadBalancers[0].State, name)
		if name == "Unavailable" {
			want(t, "id", at(listed, "state", "id"), 3.0)
			want(t, "description", at(listed, "state", "description"), "Loadbalancer is enabled, but real ips are unreachable.")
		}
		return name
	}
	want(t, "state during creation", state(), "On")
	r.grid.Advance(2 * time.Minute)
	want(t, "state without servers", state(), "Unavailable")
	id := r.ready("web", 0)
	want(t, "state with a server", state(), "On")
	r.ok("grid.server.power", "id="+id, "power=stop")
	want(t, "state before the server stops", state(), "On")
	r.grid.Advance(10 * time.Second)
	want(t, "state while the server stops", state(), "Unavailable")
	r.grid.Advance(time.Minute)
	want(t, "state with a stopped server", state(), "Unavailable")
	other := r.ready("db", 3, "privateip=10.110.0.5")
	want(t, "state with a server at a private address", state(), "On")
	r.ok("grid.server.delete", "id="+other)
	r.grid.Advance(2 * time.Second)
	want(t, "state while the server of a deletion still shows On", state(), "On")
	r.grid.Advance(3 * time.Second)
	want(t, "state while the server of a deletion shows Off", state(), "Unavailable")
	r.grid.Advance(time.Minute)
	r.ok("grid.server.power", "id="+id, "power=start")
	r.grid.Advance(10 * time.Second)
	want(t, "state while the server starts", state(), "Unavailable")
	r.grid.Advance(time.Minute)
	want(t, "state after the server has started", state(), "On")
	r.ok("grid.server.edit", "id="+id, "description=new")
	r.grid.Advance(10 * time.Second)
	want(t, "state while the server is edited", state(), "On")
	r.grid.Advance(time.Minute)
	r.ok("grid.loadbalancer.edit", "name=lb", "realiplist.0.ip="+publicIP(4), "realiplist.0.port=80")
	want(t, "state with another pool", state(), "Unavailable")
}

// A load balancer cannot reach a server that is still being created.
func TestBalancerOfAPendingServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	r.grid.Advance(2 * time.Minute)
	want(t, "state", at(r.ok("grid.loadbalancer.list").one(), "state", "name"), "Unavailable")
}

// A load balancer may have no members.
func TestBalancerWithoutMembers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("web", 0)
	added := r.addBalancer()
	want(t, "members", len(added["realiplist"].([]any)), 0)
	r.grid.Advance(2 * time.Minute)
	want(t, "state", at(r.ok("grid.loadbalancer.list").one(), "state", "name"), "Unavailable")
	if xml := r.call("grid.loadbalancer.list", "format=xml").body; !strings.Contains(xml, `<attribute name="realiplist"><list></list></attribute>`) {
		t.Errorf("the list of members is not empty in %s", xml)
	}
	r.call("grid.loadbalancer.list", "format=csv")
	r.ok("grid.loadbalancer.edit", "name=lb", "realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	r.grid.Advance(2 * time.Minute)
	want(t, "state with a member", at(r.ok("grid.loadbalancer.list").one(), "state", "name"), "On")
	r.ok("grid.loadbalancer.edit", "name=lb")
	r.grid.Advance(2 * time.Minute)
	want(t, "members after they were removed", len(r.ok("grid.loadbalancer.list").one()["realiplist"].([]any)), 0)
	a := r.refused(http.StatusInternalServerError, "Error Message : null", "grid.loadbalancer.edit", "name=lb", "realiplist.0.ip=8.8.8.8", "realiplist.0.port=80")
	want(t, "errorcode of an edit", a.one()["errorcode"], "UnexpectedException")
}

func TestBalancerJobFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	fault := func(method string) {
		if err := r.grid.AddFaults(Fault{Method: method, Kind: FaultJob}); err != nil {
			t.Fatal(err)
		}
	}
	fault("grid.loadbalancer.add")
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	r.grid.Advance(2 * time.Minute)
	want(t, "balancers", len(r.ok("grid.loadbalancer.list").List), 0)
	want(t, "virtual address", r.ipState(publicIP(9)), "Unassigned")
	r.addBalancer("realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	r.grid.Advance(2 * time.Minute)
	fault("grid.loadbalancer.edit")
	r.ok("grid.loadbalancer.edit", "name=lb", "realiplist.0.ip="+publicIP(1), "realiplist.0.port=81")
	r.grid.Advance(2 * time.Minute)
	member := r.ok("grid.loadbalancer.list").one()["realiplist"].([]any)[0].(fields)
	want(t, "member after a failed edit", at(member, "ip", "ip"), publicIP(0))
	fault("grid.loadbalancer.delete")
	r.ok("grid.loadbalancer.delete", "name=lb")
	r.grid.Advance(2 * time.Minute)
	want(t, "balancers after a failed delete", len(r.ok("grid.loadbalancer.list").List), 1)
}
