// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestServerCreation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ip := r.add("web", 0, "description=front")
	added := r.ok("grid.server.list").one()
	for _, name := range []string{"id", "cores", "diskSize", "privateip"} {
		if _, present := added[name]; present {
			t.Errorf("a pending server shows %s", name)
		}
	}
	want(t, "pending state", at(added, "state", "name"), "Off")
	if description, present := added["state"].(fields)["description"]; !present || description != nil {
		t.Errorf("the description of the pending state is %v, want null", description)
	}
	want(t, "ip state in the server", at(added, "ip", "state", "name"), "Assigned")
	want(t, "ip state in the list", r.ipState(ip), "Assigned")
	r.refused(http.StatusBadRequest, "No object found that matches your input criteria.", "grid.server.get", "name=web")
	r.refused(http.StatusBadRequest, "No object found", "grid.server.delete", "name=web")

	r.grid.Advance(7*time.Minute + 2*time.Second)
	s := r.ok("grid.server.get", "name=web").one()
	want(t, "state", at(s, "state", "name"), "On")
	want(t, "state description", at(s, "state", "description"), "Server is in active state.")
	want(t, "cores", s["cores"], 1.0)
	want(t, "diskSize", s["diskSize"], 51200.0)
	want(t, "description", s["description"], "front")
	if s["id"] == nil {
		t.Error("a provisioned server has no id")
	}
	job := r.lastJob("web")
	if diff := cmp.Diff([]string{"Created", "Queued", "Processing", "Succeeded"}, states(job)); diff != "" {
		t.Error(diff)
	}
	want(t, "lastupdatedon present", job["lastupdatedon"] != nil, true)
	want(t, "owner", job["owner"], testKey+"-500001@api.gogrid.com")
	want(t, "detail image", at(job, "detail", "image"), "centos6.2_64_base")
}

func TestServerWithoutDescriptionLeavesItOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	if _, present := r.ok("grid.server.list").one()["description"]; present {
		t.Error("the view of a server without a description has the member description")
	}
	if v, present := r.lastJob("web")["detail"].(fields)["description"]; !present || v != nil {
		t.Error("the job's detail must hold a null description")
	}
}

func TestServerDeletion(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	gone := r.ok("grid.server.delete", "id="+id).one()
	want(t, "state in the answer", at(gone, "state", "name"), "On")
	want(t, "ip in the answer", at(gone, "ip", "state", "name"), "Assigned")
	for _, step := range []struct {
		after time.Duration
		state string
	}{{500 * time.Millisecond, "On"}, {2 * time.Second, "On"}, {2 * time.Second, "Off"}, {5 * time.Second, "Off"}} {
		r.grid.Advance(step.after)
		want(t, "state while deleting", r.state(id), step.state)
		want(t, "state in the list", at(r.ok("grid.server.list").one(), "state", "name"), step.state)
		want(t, "state in Inspect", r.grid.Inspect().Servers[0].State, step.state)
		want(t, "address while deleting", r.ipState(publicIP(0)), "Assigned")
	}
	r.grid.Advance(5 * time.Second)
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "id="+id)
	want(t, "servers left", len(r.ok("grid.server.list").List), 0)
	want(t, "address", r.ipState(publicIP(0)), "Unassigned")
	want(t, "passwords left", len(r.ok("support.password.list").List), 1)
	if r.ready("again", 0) == id {
		t.Error("an id was given twice")
	}
}

// A server that was Off before its deletion shows Off during the deletion. A
// server whose deletion fails shows On the whole time.
func TestServerDeletionOfOtherStates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	off, kept := r.ready("off", 0), r.ready("kept", 1)
	r.ok("grid.server.power", "id="+off, "power=stop")
	r.grid.Advance(time.Minute)
	r.ok("grid.server.delete", "id="+off)
	if err := r.grid.AddFaults(Fault{Method: "grid.server.delete", Kind: FaultJob}); err != nil {
		t.Fatal(err)
	}
	r.ok("grid.server.delete", "id="+kept)
	for range 8 {
		r.grid.Advance(time.Second)
		want(t, "state of the server that was off", r.state(off), "Off")
		want(t, "state of the server that stays", r.state(kept), "On")
	}
	r.grid.Advance(time.Minute)
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "id="+off)
	want(t, "state after the failed deletion", r.state(kept), "On")
}

func TestServerPower(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	steps := []struct{ power, answer, during, end string }{
		{"stop", "On", "Stopping", "Off"},
		{"on", "Off", "Starting", "On"},
		{"cycle", "On", "Restarting", "On"},
		{"off", "On", "Stopping", "Off"},
		{"restart", "Off", "Restarting", "On"},
	}
	for _, step := range steps {
		answer := r.ok("grid.server.power", "server="+id, "power="+step.power).one()
		want(t, step.power+" answer", at(answer, "state", "name"), step.answer)
		want(t, step.power+" before the work", r.state(id), step.answer)
		r.grid.Advance(2 * time.Second)
		want(t, step.power+" during the work", r.state(id), step.during)
		r.grid.Advance(time.Minute)
		want(t, step.power+" end", r.state(id), step.end)
	}
	want(t, "description when stopped", at(r.ok("grid.server.power", "id="+id, "power=stop").one(), "state", "name"), "On")
	r.grid.Advance(time.Minute)
	want(t, "stopped", at(r.server(id), "state", "description"), "Server is in inactive state.")
}

func TestUselessPowerFailsInTheJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	r.ok("grid.server.power", "id="+id, "power=start")
	r.grid.Advance(time.Minute)
	want(t, "state", r.state(id), "On")
	job := r.lastJob("web")
	if diff := cmp.Diff([]string{"Created", "Queued", "Processing", "Failed", "Fatal"}, states(job)); diff != "" {
		t.Error(diff)
	}
	for _, entry := range job["history"].([]any) {
		if note, present := entry.(fields)["note"]; present {
			t.Errorf("the job has the note %v", note)
		}
	}
	want(t, "lastupdatedon present", job["lastupdatedon"] != nil, false)
}

func TestBusyServerFailsInTheJob(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	r.ok("grid.server.power", "id="+id, "power=stop")
	r.ok("grid.server.delete", "id="+id)
	edited := r.ok("grid.server.edit", "id="+id, "description=new").one()
	want(t, "state in the answer", at(edited, "state", "name"), "Updating")
	want(t, "description in the answer", edited["description"], "new")
	r.grid.Advance(time.Minute)
	want(t, "state", r.state(id), "Off")
	want(t, "description", r.server(id)["description"], nil)
	jobs := r.ok("grid.job.list", "object=web").List
	for _, job := range jobs[:2] {
		if diff := cmp.Diff([]string{"Created", "Queued", "Failed", "Fatal"}, states(job)); diff != "" {
			t.Error(diff)
		}
		history := job["history"].([]any)
		want(t, "note of Failed", history[2].(fields)["note"], "There is already a pending request for this vm")
		want(t, "note of Fatal", history[3].(fields)["note"], "Fatal")
	}
	want(t, "the first command", at(jobs[2], "currentstate", "name"), "Succeeded")
}

func TestRefuseBusy(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.RefuseBusy = true })
	id := r.ready("box", 0, "isSandbox=true")
	r.ok("grid.server.power", "id="+id, "power=stop")
	r.refused(http.StatusBadRequest, "busy with stop", "grid.server.delete", "id="+id)
	r.refused(http.StatusBadRequest, "busy with stop", "grid.image.save", "server="+id, "friendlyName=x")
}

func TestServerEdit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0, "description=old")
	answer := r.ok("grid.server.edit", "server=web", "ram=4gb", "server.type=database server", "description=new").one()
	want(t, "state in the answer", at(answer, "state", "name"), "Updating")
	want(t, "ram in the answer", at(answer, "ram", "name"), "4GB")
	want(t, "id in the answer", number64(answer["id"]), id)
	want(t, "state during the edit", r.state(id), "Updating")
	r.grid.Advance(time.Minute)
	s := r.server(id)
	want(t, "state", at(s, "state", "name"), "On")
	want(t, "ram", at(s, "ram", "id"), 4.0)
	want(t, "type", at(s, "type", "name"), "Database Server")
	want(t, "description", s["description"], "new")
	want(t, "cores", s["cores"], 4.0)
	want(t, "diskSize", s["diskSize"], 51200.0)

	r.ok("grid.server.power", "id="+id, "power=stop")
	r.grid.Advance(time.Minute)
	r.ok("grid.server.edit", "id="+id, "description=")
	r.grid.Advance(time.Minute)
	want(t, "state of a stopped server", r.state(id), "Off")
	want(t, "cleared description", r.server(id)["description"], nil)
	want(t, "job", at(r.lastJob("web"), "command", "name"), "UpdateVirtualServer")
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok("grid.server.add", "name=box", "image=12834", "ip="+publicIP(1), "isSandbox=true", "server.ram=nonsense")
	r.add("web", 0)
	r.grid.Advance(9 * time.Minute)
	want(t, "ready servers", len(r.ok("grid.server.get", "name=web").List), 1)
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "name=box")
	r.grid.Advance(2 * time.Minute)
	box := r.ok("grid.server.get", "name=box").one()
	want(t, "isSandbox", box["isSandbox"], true)
	want(t, "ram id", at(box, "ram", "id"), 7.0)
	want(t, "ram", at(box, "ram", "description"), "SandBox Server with 2GB RAM")
	want(t, "sandboxes", len(r.ok("grid.server.list", "isSandbox=true").List), 1)
	want(t, "ordinary servers", r.ok("grid.server.list", "isSandbox=false").one()["name"], "web")
	r.refused(http.StatusBadRequest, "fixed at 2GB", "grid.server.edit", "name=box", "server.ram=4GB")
}

func TestPrivateIP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0, "privateip=10.110.0.5")
	want(t, "private address", r.ipState("10.110.0.5"), "Assigned")
	s := r.ok("grid.server.list").one()
	want(t, "privateip", at(s, "privateip", "ip"), "10.110.0.5")
	want(t, "privateip public", at(s, "privateip", "public"), false)
	want(t, "privateip state", at(s, "privateip", "state", "name"), "Assigned")
	r.grid.Advance(10 * time.Minute)
	r.ok("grid.server.delete", "name=web")
	r.grid.Advance(time.Minute)
	want(t, "private address", r.ipState("10.110.0.5"), "Unassigned")
}

func TestSelectors(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.ready("same", 0), r.ready("same2", 1)
	third := r.addTwin("same", 2)
	want(t, "get by a name of two servers", len(r.ok("grid.server.get", "name=same").List), 2)
	want(t, "several ids, one unknown", len(r.ok("grid.server.get", "id="+first, "id="+second, "id=99").List), 2)
	want(t, "the same server twice", len(r.ok("grid.server.get", "server="+first, "server=same").List), 2)
	r.refused(http.StatusBadRequest, "name of 2 objects", "grid.server.power", "name=same", "power=stop")
	r.refused(http.StatusBadRequest, "name of 2 objects", "grid.server.delete", "server=same")
	r.refused(http.StatusBadRequest, "Exactly one", "grid.server.get", "id="+first, "name=same")
	r.refused(http.StatusBadRequest, "Exactly one", "grid.server.delete")
	r.refused(http.StatusBadRequest, "accepts only one object", "grid.server.delete", "id="+first, "id="+third)
	r.refused(http.StatusBadRequest, "No object found", "grid.image.get", "id=unknown")
}

// addTwin adds a server with the name of another server, and waits until it is
// provisioned.
func (r *rig) addTwin(name string, n int) string {
	r.t.Helper()
	r.add(name, n)
	r.grid.Advance(15 * time.Minute)
	found := r.ok("grid.server.get", "name="+name).List
	return number64(found[len(found)-1]["id"])
}

func TestJobFaultOnAdd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if err := r.grid.AddFaults(Fault{Method: "grid.server.add", Kind: FaultJob}); err != nil {
		t.Fatal(err)
	}
	ip := r.add("web", 0)
	r.grid.Advance(5 * time.Minute)
	want(t, "pending servers", len(r.ok("grid.server.list").List), 1)
	r.grid.Advance(3 * time.Minute)
	want(t, "servers", len(r.ok("grid.server.list").List), 0)
	want(t, "address", r.ipState(ip), "Unassigned")
	job := r.lastJob("web")
	if diff := cmp.Diff([]string{"Created", "Queued", "Processing", "Failed", "Fatal"}, states(job)); diff != "" {
		t.Error(diff)
	}
	want(t, "note", job["history"].([]any)[3].(fields)["note"], noteFault)
	want(t, "bill", r.grid.Inspect().Bills[0].USD, 0.0)
	r.ready("web", 0)
}

func TestJobFaultOnEditAndPower(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0, "description=old")
	if err := r.grid.AddFaults(Fault{Method: "*", Kind: FaultJob, Times: 2}); err != nil {
		t.Fatal(err)
	}
	r.ok("grid.server.edit", "id="+id, "description=new", "server.ram=4GB")
	r.grid.Advance(time.Minute)
	s := r.ok("grid.server.list").one()
	want(t, "description", s["description"], "old")
	want(t, "ram", at(s, "ram", "name"), "1GB")
	want(t, "state", at(s, "state", "name"), "On")
}

func TestServerEditValidation(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Era = EraDirect })
	id := r.ready("twin", 0)
	r.addTwin("twin", 1)
	r.refused(http.StatusBadRequest, "one of 512MB", "grid.server.edit", "id="+id, "server.ram=3GB")
	r.refused(http.StatusBadRequest, "Web Server, Database Server", "grid.server.edit", "id="+id, "server.type=3")
	r.refused(http.StatusBadRequest, "name of 2 servers", "grid.image.save", "server=twin", "friendlyName=x")
	r.refused(http.StatusBadRequest, "No object found", "grid.image.save", "server=missing", "friendlyName=x")
	r.refused(http.StatusBadRequest, "'friendlyName' is missing", "grid.image.save", "server="+id)
	r.ok("grid.server.add", "name=small", "image=12833", "ram=2GB", "ip="+publicIP(2))
	r.grid.Advance(15 * time.Minute)
	r.refused(http.StatusBadRequest, "32-bit", "grid.server.edit", "name=small", "server.ram=4GB")
	want(t, "state", r.state(id), "On")
}
