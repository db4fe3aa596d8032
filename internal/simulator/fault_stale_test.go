// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// stale makes the responses of the given methods stale until the rules are
// cleared.
func (r *rig) stale(age time.Duration, methods ...string) {
	r.t.Helper()
	for _, method := range methods {
		r.fault(Fault{Method: method, Kind: FaultStale, Times: -1, Age: Duration(age)})
	}
}

func TestStaleHidesWhatIsNew(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("old", 0)
	r.stale(90*time.Second, "grid.server.list", "grid.server.get", "grid.ip.list", "grid.job.list")
	r.grid.Advance(10 * time.Minute)
	jobs := len(r.ok("grid.job.list").List)
	r.add("new", 1)
	for range 8 {
		r.grid.Advance(10 * time.Second)
		want(t, "servers", r.ok("grid.server.list").names(), "old")
		want(t, "total", r.ok("grid.server.list").Summary["total"], 1.0)
		want(t, "address", r.ipState(publicIP(1)), "Unassigned")
		want(t, "jobs", len(r.ok("grid.job.list").List), jobs)
	}
	r.grid.Advance(10 * time.Second)
	want(t, "servers 90 s later", r.ok("grid.server.list").names(), "old new")
	want(t, "address 90 s later", r.ipState(publicIP(1)), "Assigned")
	want(t, "jobs 90 s later", len(r.ok("grid.job.list").List), jobs+1)
	want(t, "job 90 s later", at(r.ok("grid.job.list").List[0], "currentstate", "name"), "Created")
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "name=new")
	r.grid.faults.Clear()
	want(t, "job now", at(r.ok("grid.job.list").List[0], "currentstate", "name"), "Processing")
}

// TestStaleOnAGridThatWasJustMade adds a server at the moment when the grid was
// opened.
func TestStaleOnAGridThatWasJustMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.stale(90*time.Second, "grid.server.list")
	r.add("new", 0)
	want(t, "servers", r.ok("grid.server.list").names(), "")
	r.grid.Advance(time.Minute)
	want(t, "servers a minute later", r.ok("grid.server.list").names(), "")
	r.grid.Advance(time.Minute)
	want(t, "servers two minutes later", r.ok("grid.server.list").names(), "new")
}

func TestStaleBringsBackWhatIsDeleted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	kept := r.ready("kept", 1)
	r.ok("grid.server.delete", "id="+id)
	r.grid.Advance(time.Hour) // the deletion ends during this time, although no client makes a call
	want(t, "servers", r.ok("grid.server.list").names(), "kept")
	r.stale(30*time.Minute, "grid.server.list", "grid.ip.list")
	want(t, "half an hour ago", r.ok("grid.server.list").names(), "kept")
	r.grid.faults.Clear()
	r.stale(time.Hour, "*")
	want(t, "an hour ago", r.ok("grid.server.list").names(), "web kept")
	want(t, "address an hour ago", r.ipState(publicIP(0)), "Assigned")
	want(t, "get", r.ok("grid.server.get", "id="+id).names(), "web")
	want(t, "password", strings.Contains(r.ok("support.password.list").body, `"name":"web"`), true)
	r.grid.faults.Clear()
	r.refused(http.StatusBadRequest, "No object found", "grid.server.get", "id="+id)
	want(t, "kept", at(r.server(kept), "state", "name"), "On")
	want(t, "address", r.ipState(publicIP(0)), "Unassigned")
}

func TestStaleShowsOldValuesAndStates(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0, "description=first")
	steps := []func(){
		func() { r.ok("grid.server.edit", "id="+id, "description=second", "ram=2GB") },
		func() { r.ok("grid.server.power", "id="+id, "power=stop") },
		func() { r.ok("grid.server.edit", "id="+id, "description=third") },
	}
	const pause = 10 * time.Minute
	seen := func() string {
		s := r.server(id)
		return strings.Join([]string{at(s, "description").(string), at(s, "ram", "name").(string), at(s, "state", "name").(string)}, " ")
	}
	var past []string // newest last
	for _, change := range steps {
		r.grid.Advance(pause)
		past = append(past, seen())
		r.grid.Advance(time.Second)
		change()
		r.grid.Advance(30 * time.Second)
		past = append(past, seen())
		r.grid.Advance(pause - 31*time.Second)
	}
	want(t, "states that the grid showed", strings.Join(past, ", "),
		"first 1GB On, second 2GB Updating, second 2GB On, second 2GB Stopping, second 2GB Off, third 2GB Updating")
	now := seen()
	for i, then := range past {
		ago := time.Duration(len(past)/2-i/2) * 2 * pause
		ago -= pause
		if i%2 == 1 {
			ago -= 31 * time.Second
		}
		for _, method := range []string{"grid.server.get", "grid.server.list"} {
			r.stale(ago, method)
			row := r.ok(method, map[string][]string{"grid.server.get": {"id=" + id}}[method]...).one()
			want(t, method+" "+ago.String()+" ago",
				strings.Join([]string{at(row, "description").(string), at(row, "ram", "name").(string), at(row, "state", "name").(string)}, " "), then)
			r.grid.faults.Clear()
		}
	}
	want(t, "now", seen(), now)
}

func TestStaleImages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	box := r.ready("box", 0, "isSandbox=true")
	image := number64(r.ok("grid.image.save", "server="+box, "friendlyName=first").one()["id"])
	r.grid.Advance(time.Hour)
	r.ok("grid.image.edit", "id="+image, "friendlyName=second")
	r.grid.Advance(time.Minute)
	r.ok("grid.image.delete", "id="+image)
	r.grid.Advance(time.Hour)
	shown := func(age time.Duration) string {
		t.Helper()
		r.stale(age, "grid.image.list", "grid.image.get")
		defer r.grid.faults.Clear()
		if a := r.call("grid.image.get", "id="+image); a.status == http.StatusOK {
			return at(a.one(), "friendlyName").(string) + " " + at(a.one(), "state", "name").(string)
		}
		for _, row := range r.ok("grid.image.list").List {
			if number64(row["id"]) == image {
				t.Error("list and get disagree")
			}
		}
		return "none"
	}
	want(t, "now", at(r.ok("grid.image.get", "id="+image).one(), "state", "name"), "Trash")
	want(t, "just now", shown(time.Second), "second Trash")
	want(t, "before the deletion", shown(time.Hour+30*time.Second), "second Available")
	want(t, "before the edit", shown(time.Hour+2*time.Minute), "first Available")
	want(t, "while it is saved", shown(2*time.Hour+time.Minute-time.Second), "first Saving")
	want(t, "before it was saved", shown(2*time.Hour+2*time.Minute), "none")
}

func TestStaleBalancersAndBill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok("grid.loadbalancer.add", "name=front", "virtualip.ip="+publicIP(5), "virtualip.port=80", "realiplist.0.ip="+publicIP(6), "realiplist.0.port=80")
	r.grid.Advance(time.Hour)
	r.ok("grid.loadbalancer.delete", "name=front")
	id := r.ready("web", 0)
	r.grid.Advance(time.Hour)
	r.ok("grid.server.delete", "id="+id)
	r.grid.Advance(time.Hour)
	bill := func() any { return r.ok("myaccount.billing.get").one()["memoryInUse"] }
	want(t, "bill now", bill(), 0.0)
	r.stale(90*time.Minute, "*")
	want(t, "bill", bill(), 1.0)
	want(t, "balancers", r.ok("grid.loadbalancer.list").names(), "")
	r.grid.faults.Clear()
	r.stale(150*time.Minute, "*")
	want(t, "balancers earlier", r.ok("grid.loadbalancer.list").names(), "front")
	want(t, "virtual address", r.ipState(publicIP(5)), "Assigned")
	want(t, "servers earlier", r.ok("grid.server.list").names(), "")
}

// TestStaleAfterAChange checks that a change takes effect although the rows of
// its response are stale.
func TestStaleAfterAChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0, "description=first")
	r.grid.Advance(time.Hour)
	after := func(method string) Fault { return Fault{Method: method, Kind: FaultStale, When: FaultAfter} }
	a := r.under(after("grid.server.edit"), "id="+id, "description=second")
	want(t, "answer", a.one()["description"], "first")
	want(t, "server", r.server(id)["description"], "second")
	a = r.under(after("grid.server.add"), "name=new", "image=12834", "ram=1", "ip="+publicIP(1))
	want(t, "rows of an add", a.summary(), `{"numpages":0,"returned":0,"start":0,"total":0}`)
	want(t, "servers", r.ok("grid.server.list").names(), "web new")
}

func TestStaleReachesBackToTheOpening(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "grid.db")
	first := newRig(t, func(o *Options) { o.State = state })
	first.ready("old", 0)
	if err := first.grid.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(o *Options) { o.State, o.Keys = state, nil })
	r.ready("new", 1)
	r.stale(24*time.Hour, "grid.server.list")
	want(t, "a day ago", r.ok("grid.server.list").names(), "old")
	want(t, "GoGrid's images", len(r.ok("grid.image.list").List) > 0, true)
}

func TestStaleKeepsAccountsApart(t *testing.T) {
	t.Parallel()
	other := Key{APIKey: "fedcba9876543210", SharedSecret: "other", Account: 7}
	r := newRig(t, func(o *Options) { o.Keys = append(o.Keys, other) })
	r.ready("mine", 0)
	r.grid.Advance(time.Hour)
	r.stale(time.Minute, "grid.server.list")
	want(t, "mine", r.ok("grid.server.list").names(), "mine")
	want(t, "the other account's", r.as(other).ok("grid.server.list").names(), "")
}

// TestHistoryIsBounded makes more changes than the history keeps.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := r.grid.history.since
	line := r.grid.history.servers
	const changes = 3 * historyLimit
	for n := range changes {
		at := start.add(time.Duration(n) * time.Second)
		r.grid.history.saveServer(&server{ID: int64(n % 100), Account: DefaultAccount, Name: strconv.Itoa(n)}, at)
		if n%7 == 0 {
			r.grid.history.removeServer(int64(n%100), at.add(500*time.Millisecond))
		}
	}
	versions := 0
	for _, all := range line {
		versions += len(all)
	}
	if versions > historyLimit+len(line) || len(r.grid.history.replaced) != historyLimit {
		t.Errorf("the history holds %d versions and %d replacements", versions, len(r.grid.history.replaced))
	}
	since := r.grid.history.since
	if since <= start || since > start.add(changes*time.Second) {
		t.Errorf("the history begins at %v", since.time())
	}
	for n := changes - historyLimit/4; n < changes; n++ {
		at := start.add(time.Duration(n) * time.Second)
		found := line.asOf(int64(n%100), at)
		if found == nil || found.Name != strconv.Itoa(n) {
			t.Fatalf("version %d is %+v", n, found)
		}
	}
	for id := range int64(100) { // after the versions of a removed object are dropped, the history has no entry for it
		r.grid.history.removeServer(id, start.add(changes*time.Second))
	}
	for n := range 2 * historyLimit {
		r.grid.history.saveImage(&image{ID: 1}, start.add(changes*time.Second+time.Duration(n)*time.Second))
	}
	want(t, "servers in the history", len(line), 0)
}
