// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const time20 = 20 * time.Minute

func TestImageSave(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ordinary := r.ready("web", 1)
	r.refused(http.StatusBadRequest, "not an image sandbox", "grid.image.save", "server="+ordinary, "friendlyName=x")
	id := r.ready("box", 0, "isSandbox=true")
	saved := r.ok("grid.image.save", "server=box", "friendlyName=mine", "description=d").one()
	want(t, "state", at(saved, "state", "name"), "Saving")
	want(t, "isPublic", saved["isPublic"], false)
	want(t, "isActive", saved["isActive"], false)
	want(t, "gsitype", at(saved, "gsitype", "id"), 3.0)
	name := saved["name"].(string)
	if !regexp.MustCompile(`^GSI-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(name) {
		t.Errorf("name is %s", name)
	}
	want(t, "location", saved["location"], "500001/"+name+".img")
	image := number64(saved["id"])
	r.grid.Advance(2 * time.Second)
	want(t, "server while saving", r.state(id), "On/Saving")
	r.refused(http.StatusBadRequest, "state is Saving", "grid.server.add", "name=x", "image="+image, "ram=1GB", "ip="+publicIP(3))
	r.refused(http.StatusBadRequest, "being saved", "grid.image.delete", "id="+image)
	r.grid.Advance(16 * time.Minute)
	want(t, "server afterwards", r.state(id), "Off")
	ready := r.ok("grid.image.get", "name="+name).one()
	want(t, "image", at(ready, "state", "name"), "Available")
	want(t, "isActive", ready["isActive"], true)
	want(t, "in its datacenter only", len(ready["datacenterlist"].([]any)), 1)
	want(t, "os of the base", at(ready, "os", "id"), 84.0)
	want(t, "job", at(r.lastJob("box"), "command", "name"), "SaveServerImage")
	want(t, "detail", at(r.lastJob("box"), "detail", "friendlyName"), "mine")
	r.refused(http.StatusBadRequest, "not available in datacenter EU-West-1", "grid.server.add", "name=x", "image="+image, "ram=1GB", "ip=127.22.0.5")

	clone := r.ready("clone", 4, "description=of mine")
	want(t, "a server of a base image", at(r.server(clone), "image", "id"), 12834.0)
	r.ok("grid.server.add", "name=fromgsi", "image="+name, "ram=1GB", "ip="+publicIP(5))
	r.ok("grid.server.power", "id="+id, "power=start")
	r.grid.Advance(time.Minute)
	want(t, "the sandbox again", r.state(id), "On")
	r.ok("grid.server.power", "id="+id, "power=stop")
	r.grid.Advance(time.Minute)
	r.ok("grid.image.save", "server="+id, "friendlyName=mine")
	r.grid.Advance(2 * time.Second)
	want(t, "a stopped sandbox while saving", r.state(id), "Off/Saving")
}

func TestImageSaveOptions(t *testing.T) {
	t.Parallel()
	direct := newRig(t, func(o *Options) { o.Era = EraDirect })
	id := direct.ready("web", 0)
	direct.ok("grid.image.save", "server="+id, "friendlyName=mine")
	direct.grid.Advance(time20)
	want(t, "state in the direct era", direct.state(id), "On")
	stays := newRig(t, func(o *Options) { o.SandboxStaysOn = true })
	id = stays.ready("box", 0, "isSandbox=true")
	stays.ok("grid.image.save", "server="+id, "friendlyName=mine")
	stays.grid.Advance(time20)
	want(t, "state of a sandbox that stays on", stays.state(id), "On")
}

func TestImageSaveThatFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("box", 0, "isSandbox=true")
	if err := r.grid.AddFaults(Fault{Method: "grid.image.save", Kind: FaultJob}); err != nil {
		t.Fatal(err)
	}
	image := number64(r.ok("grid.image.save", "server="+id, "friendlyName=mine").one()["id"])
	busy := number64(r.ok("grid.image.save", "server="+id, "friendlyName=second").one()["id"])
	r.grid.Advance(time20)
	for _, failed := range []string{image, busy} {
		want(t, "state", at(r.ok("grid.image.get", "id="+failed).one(), "state", "name"), "Deleted")
	}
	want(t, "images listed", len(r.ok("grid.image.list", "isPublic=false").List), 0)
	want(t, "server", r.state(id), "On")
}

func TestImageTrash(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	box := r.ready("box", 0, "isSandbox=true")
	id := number64(r.ok("grid.image.save", "server="+box, "friendlyName=mine").one()["id"])
	r.grid.Advance(time20)
	r.ok("grid.server.add", "name=user", "image="+id, "ram=1GB", "ip="+publicIP(1))
	imageState := func() any { return at(r.ok("grid.image.get", "id="+id).one(), "state", "name") }
	r.refused(http.StatusBadRequest, "not in the trash", "grid.image.restore", "id="+id)
	want(t, "delete", at(r.ok("grid.image.delete", "image="+id).one(), "state", "name"), "Available")
	want(t, "not at once", imageState(), "Available")
	r.grid.Advance(6 * time.Second)
	want(t, "in the trash", imageState(), "Trash")
	want(t, "deleted again", at(r.ok("grid.image.delete", "id="+id).one(), "state", "name"), "Trash")
	want(t, "listed", at(r.ok("grid.image.list", "isPublic=false").one(), "state", "name"), "Trash")
	want(t, "listed when Available", len(r.ok("grid.image.list", "isPublic=false", "image.state=available").List), 0)
	r.refused(http.StatusBadRequest, "state is Trash", "grid.server.add", "name=x", "image="+id, "ram=1GB", "ip="+publicIP(2))
	want(t, "restore", at(r.ok("grid.image.restore", "id="+id).one(), "state", "name"), "Trash")
	r.grid.Advance(6 * time.Second)
	want(t, "restored", imageState(), "Available")
	r.ok("grid.image.delete", "id="+id)
	r.grid.Advance(6 * time.Second)
	r.ok("grid.image.restore", "id="+id)
	want(t, "image deleted while it is being restored", at(r.ok("grid.image.delete", "id="+id).one(), "state", "name"), "Trash")
	r.grid.Advance(6 * time.Second)
	want(t, "the last command counts", imageState(), "Trash")
	r.ok("grid.image.restore", "id="+id)
	r.grid.Advance(6 * time.Second)
	want(t, "in the server", at(r.ok("grid.server.list", "isSandbox=false").one(), "image", "state", "name"), "Available")
	r.ok("grid.image.edit", "id="+id, "friendlyName=renamed", "description=")
	want(t, "renamed in the server", at(r.ok("grid.server.list", "isSandbox=false").one(), "image", "friendlyName"), "renamed")
	r.refused(http.StatusBadRequest, "is empty", "grid.image.edit", "id="+id, "friendlyName=")
}

func TestImageFilters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for pair, count := range map[string]int{
		"isPublic=true": 173, "isPublic=false": 0, "type=Database Server": 19, "image.type=2": 19, "state=Available": 173,
		"image.state=saving": 0, "datacenter=EU-West-1": 41 + 25, "type=": 173,
	} {
		want(t, pair, len(r.ok("grid.image.list", pair).List), count)
	}
	image := r.ok("grid.image.get", "name=win2k8r2_64_mssql2k8r2std").one()
	want(t, "price", image["price"], 390.0)
	want(t, "minram", at(image, "minram", "name"), "4GB")
	want(t, "owner", at(image, "owner", "name"), "GoGrid")
	r.refused(http.StatusBadRequest, "'state'", "grid.image.list", "state=nonsense")
}

func TestIPList(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.PublicBlockSize, o.PrivateBlockSize = 256, 8 })
	want(t, "all", len(r.ok("grid.ip.list").List), 3*256+3*8)
	west := r.ok("grid.ip.list", "datacenter=us-west-1", "ip.type=Public").List
	want(t, "public ones of US-West-1", len(west), 256)
	want(t, "first", west[0]["ip"], "127.20.0.0")
	want(t, "last", west[255]["ip"], "127.20.0.255")
	want(t, "subnet", west[0]["subnet"], "127.20.0.0/255.255.255.0")
	want(t, "consecutive ids", west[255]["id"].(float64)-west[0]["id"].(float64), 255.0)
	private := r.ok("grid.ip.list", "ip.type=2", "datacenter=2").List
	want(t, "private ones of US-East-1", len(private), 8)
	want(t, "first private", private[0]["ip"], "10.111.0.0")
	want(t, "public", private[0]["public"], false)
	reserved := []any{"127.20.0.0", "127.20.0.1", "127.20.0.255"}
	if diff := cmp.Diff(reserved, column(r.ok("grid.ip.list", "ip.state=assigned", "datacenter=1", "ip.type=1").List, "ip")); diff != "" {
		t.Error(diff)
	}
	r.add("web", 0)
	inUse := []any{"127.20.0.0", "127.20.0.1", "127.20.0.2", "127.20.0.255"}
	if diff := cmp.Diff(inUse, column(r.ok("grid.ip.list", "ip.state=assigned", "datacenter=1", "ip.type=1").List, "ip")); diff != "" {
		t.Error(diff)
	}
	want(t, "free", len(r.ok("grid.ip.list", "ip.state=unassigned", "datacenter=1", "ip.type=1").List), 252)
	want(t, "two datacenters", len(r.ok("grid.ip.list", "datacenter=1", "datacenter=3", "ip.type=Private").List), 16)
	want(t, "other types", len(r.ok("grid.ip.list", "ip.type=Public 2").List), 0)
}

// column returns the values of one member, in all objects of a list.
func column(list []fields, name string) []any {
	values := make([]any, len(list))
	for i, o := range list {
		values[i] = o[name]
	}
	return values
}

// grid.ip.list has 16 rows with consecutive ids for a /28, and the ids of the
// next block follow.
func TestIPListOfABlock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	list := r.ok("grid.ip.list").List
	want(t, "addresses in six blocks of 16", len(list), 6*16)
	for i, ip := range list {
		want(t, fmt.Sprintf("id of %v", ip["ip"]), ip["id"], list[0]["id"].(float64)+float64(i))
		state := "Unassigned"
		if place := i % 16; place < 2 || place == 15 {
			state = "Assigned"
		}
		want(t, fmt.Sprintf("state of %v", ip["ip"]), at(ip, "state", "name"), state)
	}
	for _, ip := range r.grid.Inspect().IPs[:16] {
		want(t, ip.IP+" reserved", ip.Reserved, ip.Holder != "")
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	directory := r.ok("common.lookup.list", "lookup=lookups").List
	want(t, "lookups", len(directory), 24)
	for _, l := range directory {
		byName := r.ok("common.lookup.list", "lookup="+strings.ToUpper(l["name"].(string))).List
		byID := r.ok("common.lookup.list", "lookup="+number64(l["id"])).List
		if diff := cmp.Diff(byName, byID); diff != "" || len(byName) == 0 {
			t.Errorf("%s: %d options, %s", l["name"], len(byName), diff)
		}
	}
	rams := r.ok("common.lookup.list", "lookup=server.ram", "sort=id", "asc=false").List
	want(t, "sizes", len(rams), 7)
	want(t, "largest first", rams[0]["name"], "24GB")
	want(t, "sorted by name", r.ok("common.lookup.list", "lookup=server.state", "sort=name").List[0]["name"], "Off")
	want(t, "paged", len(r.ok("common.lookup.list", "lookup=server.state", "num_items=4", "page=2").List), 2)
	if v, present := r.ok("common.lookup.list", "lookup=job.objecttype").List[0]["description"]; !present || v != nil {
		t.Error("an option without a description must have the description null")
	}
	r.refused(http.StatusBadRequest, "'lookup'", "common.lookup.list", "lookup=colours")
	r.refused(http.StatusBadRequest, "'lookup' is missing", "common.lookup.list")
	r.refused(http.StatusBadRequest, "'sort'", "common.lookup.list", "lookup=6", "sort=size")
	r.refused(http.StatusBadRequest, "'asc'", "common.lookup.list", "lookup=6", "sort=id", "asc=maybe")
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	r.ok("grid.server.add", "name=win", "image=16425", "ram=2GB", "ip=127.21.0.5")
	storage := r.ok("support.password.list").one()
	want(t, "kind", storage["applicationtype"], "cloudstorage")
	want(t, "user", storage["username"], "500001")
	want(t, "server present", storage["server"] != nil, false)
	r.grid.Advance(7*time.Minute + 5*time.Second)
	id := number64(r.ok("grid.server.get", "name=web").one()["id"])
	want(t, "passwords when the server has its id", len(r.ok("support.password.list").List), 1)
	r.refused(http.StatusBadRequest, "No object found", "support.grid.password.get", "id="+id)
	r.grid.Advance(time.Minute)
	all := r.ok("support.password.list").List
	want(t, "passwords later", len(all), 3)
	linux, windows := all[1], all[2]
	want(t, "user", linux["username"], "root")
	want(t, "user on Windows", windows["username"], "Administrator")
	want(t, "server", number64(at(linux, "server", "id")), id)
	if p := linux["password"].(string); !regexp.MustCompile(`^[a-z0-9]{8}$`).MatchString(p) || p == windows["password"] {
		t.Errorf("passwords are %s and %s", p, windows["password"])
	}
	for _, pair := range []string{"id=", "password="} {
		want(t, pair, r.ok("support.password.get", pair+number64(linux["id"])).one()["password"], linux["password"])
	}
	want(t, "by server", r.ok("support.grid.password.get", "id="+id).one()["password"], linux["password"])
	want(t, "of a datacenter", r.ok("support.password.list", "datacenter=2").one()["username"], "Administrator")
	r.refused(http.StatusBadRequest, "No object found", "support.password.get", "id=1")
}

func TestJobList(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.PublicBlockSize = 256 })
	for i := range 120 {
		r.add("s"+strconv.Itoa(i), i)
	}
	a := r.ok("grid.job.list")
	want(t, "standard page", len(a.List), 100)
	want(t, "total", a.Summary["total"], 120.0)
	want(t, "pages", a.Summary["numpages"], 2.0)
	want(t, "newest first", at(a.List[0], "detail", "name"), "s119")
	want(t, "second page", len(r.ok("grid.job.list", "num_items=100", "page=1").List), 20)
	want(t, "of an object", number64(r.ok("grid.job.list", "object=s7").one()["id"]), "1500008")
	want(t, "by state", r.ok("grid.job.list", "job.state=Created", "job.state=1").Summary["total"], 120.0)
	want(t, "by type", len(r.ok("grid.job.list", "job.objecttype=LoadBalancer").List), 0)
	want(t, "by owner", len(r.ok("grid.job.list", "owner=stranger").List), 0)
	want(t, "by datacenter", len(r.ok("grid.job.list", "datacenter=EU-West-1").List), 0)
	want(t, "get", len(r.ok("grid.job.get", "id=1500001", "id=1500003").List), 2)
	want(t, "get by job", len(r.ok("grid.job.get", "job=1500001").List), 1)
	r.refused(http.StatusBadRequest, "No object found", "grid.job.get", "id=1")
	r.grid.Advance(29 * 24 * time.Hour)
	want(t, "after four weeks", len(r.ok("grid.job.list").List), 0)
	for _, date := range []string{"2012-08-25", "08/25/2012", "08/25/12", "1345852800000", "2012-08-25 11:00:00.0 Z", "2012-08-25 13:00:00.0 +02:00"} {
		want(t, "since "+date, r.ok("grid.job.list", "startdate="+date).Summary["total"], 120.0)
	}
	want(t, "until", len(r.ok("grid.job.list", "startdate=2012-08-01", "enddate=2012-08-20").List), 0)
	want(t, "from now", len(r.ok("grid.job.list", "startdate=now").List), 0)
	r.refused(http.StatusBadRequest, "'startdate'", "grid.job.list", "startdate=yesterday")
}

func TestJobStatesAndLag(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0)
	current := func() any { return at(r.lastJob("web"), "currentstate", "name") }
	want(t, "at once", current(), "Created")
	r.grid.Advance(100 * time.Millisecond)
	want(t, "after 0.1 s", current(), "Queued")
	r.grid.Advance(time.Second)
	want(t, "current state, lagging", current(), "Queued")
	want(t, "history", states(r.lastJob("web"))[2], "Processing")
	r.grid.Advance(time.Second)
	want(t, "after 2 s", current(), "Processing")
}

func TestBill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0)
	r.grid.Advance(45 * time.Minute)
	r.ok("grid.server.power", "id="+id, "power=stop")
	r.grid.Advance(time.Hour)
	bill := r.ok("myaccount.billing.get").one()
	want(t, "hours, including those while off", bill["gbHours"], 2.0)
	want(t, "memoryInUse", bill["memoryInUse"], 1.0)
	want(t, "charge", bill["memoryOverageCharge"], 0.38)
	if v, present := bill["startDate"]; !present || v != nil {
		t.Error("startDate must be null, not missing")
	}
	r.ok("grid.server.edit", "id="+id, "server.ram=4GB")
	r.grid.Advance(31 * time.Second)
	r.grid.Advance(time.Hour)
	r.ok("grid.server.delete", "id="+id)
	r.grid.Advance(24 * time.Hour)
	items := r.grid.Inspect().Bills[0].Items
	want(t, "lines", len(items), 2)
	want(t, "second size", items[1].RAMMB, 4096)
	want(t, "second hours", items[1].GBHours, 4.0122)
	want(t, "ended", items[1].To != nil, true)
}
