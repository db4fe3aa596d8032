// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answering returns a client that receives the same fixture as the answer to
// every call.
func answering(t *testing.T, name string) *Client {
	t.Helper()
	body := fixture(t, name)
	return newTestClient(t, &service{answer: func(string, url.Values) reply { return reply{body: body} }})
}

var (
	west      = Option{1, "US-West-1", "US West 1 Datacenter"}
	assigned  = Option{2, "Assigned", "IP is reserved or in use"}
	available = Option{2, "Available", "Image is available for adds"}
	webServer = Option{1, "Web Server", "Web or Application Server"}
	centos    = Option{84, "CentOS 6.2 (64-bit)", "CentOS 6.2 (64-bit)"}
	updated   = time.Date(2012, 2, 23, 12, 26, 40, 0, time.UTC)
)

func wantImage() Image {
	return Image{
		ID: 12834, Name: "centos6.2_64_base", FriendlyName: "CentOS 6.2 (64-bit) w/ None", Description: "CentOS 6.2 (64-bit) w/ None",
		Location: "gogrid/GSI-00000000-1111-2222-3333-444444444444.img", IsActive: true, IsPublic: true, UpdatedTime: updated,
		OS: centos, Architecture: Option{2, "64-bit", "64 bit OS"}, Type: webServer, State: available,
		GSIType: Option{1, "baseGSI", "Image produced and certified by GoGrid"}, MinRAM: Option{1, "512MB", "Server with 512MB RAM"},
		Owner: Customer{-1, "GoGrid"}, BillingTokens: []BillingToken{{ID: 84, Name: "CentOS 6.2 (64-bit)"}},
		Datacenters: []ImageDatacenter{{Datacenter: west, State: available, UpdatedTime: updated}},
	}
}

func wantServer() Server {
	return Server{
		Name: "tf-web-01", Description: "made by terraform", State: Option{ID: 3, Name: "Off"}, OS: centos,
		RAM: Option{2, "1GB", "Server with 1GB RAM"}, Type: webServer, Datacenter: west,
		IP: IP{
			ID: 4100002, Address: "203.0.113.34", Subnet: "203.0.113.32/255.255.255.240", Public: true,
			State: assigned, Datacenter: west,
		},
		Image: wantImage(),
	}
}

func TestServersAreDecoded(t *testing.T) {
	t.Parallel()
	added, err := answering(t, "server_add.json").Servers.Add(t.Context(), ServerAdd{Name: "tf-web-01", IP: "203.0.113.34"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantServer(), *added); diff != "" || !added.Pending() {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	got, err := answering(t, "server_get.json").Servers.Get(t.Context(), 700123)
	if err != nil {
		t.Fatal(err)
	}
	want := wantServer()
	want.ID, want.State, want.Cores, want.DiskSizeMB = 700123, Option{1, "On", "Server is in active state."}, 1, 51200
	if diff := cmp.Diff([]Server{want}, got); diff != "" || got[0].Pending() {
		t.Errorf("got (-want +got):\n%s", diff)
	}
}

func TestRepeatedImagesAreDecodedOnce(t *testing.T) {
	t.Parallel()
	body := string(thousandServers(t))
	s := &service{answer: func(string, url.Values) reply { return reply{body: body} }}
	servers, err := newTestClient(t, s).Servers.List(t.Context(), ServerFilter{})
	if err != nil || len(servers) != 1000 {
		t.Fatalf("%d servers, %v", len(servers), err)
	}
	distinct := map[*ImageDatacenter]bool{}
	for i := range servers {
		if want := int64(12834 + i%3); servers[i].Image.ID != want {
			t.Fatalf("server %d has image %d, want %d", i, servers[i].Image.ID, want)
		}
		distinct[&servers[i].Image.Datacenters[0]] = true
	}
	if len(distinct) != 3 {
		t.Errorf("%d images were decoded, want 3", len(distinct))
	}
}

func TestUnknownValuesSurvive(t *testing.T) {
	t.Parallel()
	body := success(`{"object":"server","id":"700123","name":"web","state":{"id":99,"name":"Hibernating","object":"option"},
		"ip":{"id":4,"ip":"203.0.113.7","subnet":"s","public":"TRUE","state":{"id":7,"name":"Haunted"},"datacenter":{"id":9,"name":"Moon"}},
		"privateip":{"id":"5","ip":"10.0.0.7","subnet":"p","public":"false","color":"blue","state":{"id":7,"name":"Haunted"},
		"datacenter":{"id":9,"name":"Moon"}},"cores":"0.5","diskSize":25600.0,"ram":{"id":50,"name":"1TB"},"type":{"id":51,"name":"Toaster"},
		"os":{"id":52,"name":"Plan 9"},"datacenter":{"id":9,"name":"Moon"},"isSandbox":"false",
		"image":{"id":3,"name":"old","object":"option"},"shoesize":{"left":[43]}}`)
	s := &service{answer: func(string, url.Values) reply { return reply{body: body} }}
	got, err := newTestClient(t, s).Servers.List(t.Context(), ServerFilter{})
	if err != nil {
		t.Fatal(err)
	}
	haunted, moon := Option{ID: 7, Name: "Haunted"}, Option{ID: 9, Name: "Moon"}
	want := []Server{{
		ID: 700123, Name: "web", State: Option{ID: 99, Name: "Hibernating"},
		IP:        IP{ID: 4, Address: "203.0.113.7", Subnet: "s", Public: true, State: haunted, Datacenter: moon},
		PrivateIP: &IP{ID: 5, Address: "10.0.0.7", Subnet: "p", State: haunted, Datacenter: moon},
		RAM:       Option{ID: 50, Name: "1TB"}, Type: Option{ID: 51, Name: "Toaster"}, OS: Option{ID: 52, Name: "Plan 9"}, Datacenter: moon,
		Cores: 0.5, DiskSizeMB: 25600, Image: Image{ID: 3, Name: "old"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestImagesAreDecoded(t *testing.T) {
	t.Parallel()
	got, err := answering(t, "image_list.json").Images.List(t.Context(), ImageFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Image{wantImage()}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoadBalancersAreDecoded(t *testing.T) {
	t.Parallel()
	got, err := answering(t, "loadbalancer_get.json").LoadBalancers.Get(t.Context(), 30017)
	if err != nil {
		t.Fatal(err)
	}
	front := wantServer().IP
	front.ID, front.Address = 4100009, "203.0.113.41"
	want := []LoadBalancer{{
		ID: 30017, Name: "tf-lb", Description: "front", Type: Option{ID: 1, Name: "Round Robin"}, Persistence: Option{ID: 1, Name: "None"},
		OS: Option{1, "F5", "The F5 Load Balancer."}, State: Option{1, "On", "Loadbalancer is enabled and on."}, Datacenter: west,
		VirtualIP: IPPort{IP: front, Port: 80}, RealIPs: []IPPort{{IP: wantServer().IP, Port: 8080}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || got[0].Pending() {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJobsAreDecoded(t *testing.T) {
	t.Parallel()
	got, err := answering(t, "job_list.json").Jobs.List(t.Context(), JobFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("%d jobs", len(got))
	}
	failed, created := got[0], got[1]
	// CurrentState lags behind the history.
	if !failed.Failed() || !failed.Finished() || failed.Succeeded() || failed.State().Name != JobFatal || failed.CurrentState.Name != JobProcessing {
		t.Errorf("state %v of %v", failed.State(), failed)
	}
	if failed.Reason() != "There is already a pending request for this vm" || failed.String() != "job 1500002 (DeleteVirtualServer)" {
		t.Errorf("%s says %q", failed.String(), failed.Reason())
	}
	if !failed.LastUpdatedOn.IsZero() || failed.Detail["description"] != "" {
		t.Errorf("got %v and %q for absent values, want zero values", failed.LastUpdatedOn, failed.Detail["description"])
	}
	if !created.Succeeded() || created.Failed() || created.Reason() != "" || len(created.History) != 4 {
		t.Errorf("state %v of %v", created.State(), created)
	}
	if created.CreatedOn.UnixMilli() != 1350000000100 || created.LastUpdatedOn.UnixMilli() != 1350000150400 || created.History[3].ID != 7000004 {
		t.Errorf("times %v and %v", created.CreatedOn, created.LastUpdatedOn)
	}
	want := map[string]string{
		"type": "virtual_server", "name": "tf-web-01", "description": "made by terraform", "image": "centos6.2_64_base",
		"ip": "203.0.113.34", "ram": "1GB",
	}
	if diff := cmp.Diff(want, created.Detail); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	if empty := (&Job{CurrentState: Option{Name: JobQueued}}); empty.Finished() || empty.State().Name != JobQueued {
		t.Error("a job without a history has no state")
	}
}

func TestAccountIsDecoded(t *testing.T) {
	t.Parallel()
	passwords, err := answering(t, "password_list.json").Passwords.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(passwords) != 2 || passwords[0].Server.ID != 700123 || passwords[0].Password != "exa-mple-1" || passwords[1].Server != nil ||
		passwords[1].ApplicationType != "cloudstorage" || passwords[1].Username != "22290" {
		t.Errorf("got %v", passwords)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(form, passwords); strings.Contains(shown, "exa-mple") {
			t.Errorf("%s shows %s", form, shown)
		}
	}
	options, err := answering(t, "lookup_list.json").Lookups.List(t.Context(), LookupServerType)
	if diff := cmp.Diff([]Option{webServer, {2, "Database Server", "Database Server"}}, options); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	billing, err := answering(t, "billing_get.json").Billing.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &BillingSummary{
		MemoryAllotment: pointer(0.0), MemoryInUse: pointer(1.5), MemoryAccrued: pointer(210.0), MemoryOverage: pointer(12.0),
		MemoryOverageCharge: pointer(2.28), TransferAllotment: pointer(0.0), TransferAccrued: pointer(0.0), TransferOverage: pointer(0.0),
		TransferOverageCharge: pointer(0.0), GBHours: pointer(720.0), RAMOverage: pointer(2.28), RAMTotal: pointer(68.4),
		GBTransfer: pointer(0.0), TransferTotal: pointer(0.0),
	}
	if diff := cmp.Diff(want, billing); diff != "" {
		t.Errorf("billing (-want +got):\n%s", diff)
	}
}

// Jobs are listed in pages. New jobs push older jobs to the next page.
func TestJobPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		have      int
		limit     int
		cap       int // the maximum number of jobs in an answer
		numPages  bool
		wantJobs  int
		wantCalls int
	}{
		{"default limit", 250, 0, 1000, true, 100, 1},
		{"fewer than the limit", 30, 600, 1000, true, 30, 1},
		{"more than a page", 2500, 2100, 1000, true, 2100, 3},
		{"all pages", 2500, 9999, 1000, true, 2500, 3},
		{"without a number of pages", 1500, 9999, 1000, false, 1500, 2},
		{"the service returns smaller pages", 250, 240, 100, true, 240, 3},
		{"none", 0, 50, 1000, true, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &service{answer: func(_ string, form url.Values) reply {
				size, _ := strconv.Atoi(form.Get("num_items"))
				page, _ := strconv.Atoi(form.Get("page"))
				size = min(size, test.cap)
				var jobs []string
				// Before each further page is read, a new job pushes the last
				// job of a page to the next page.
				for i := max(0, page*size-page); i < min(test.have, (page+1)*size-page); i++ {
					jobs = append(jobs, jobJSON(int64(100000-i), JobCreateVirtualServer, "web", "203.0.113.7", "", JobSucceeded))
				}
				pages := 0
				if test.numPages {
					pages = (test.have + size - 1) / size
				}
				return reply{body: fmt.Sprintf(`{"status":"success","summary":{"total":%d,"start":%d,"numpages":%d},"list":[%s]}`, test.have, page*size, pages, strings.Join(jobs, ","))}
			}}
			jobs, err := newTestClient(t, s).Jobs.List(context.WithoutCancel(t.Context()), JobFilter{Limit: test.limit})
			if err != nil {
				t.Fatal(err)
			}
			// Every page except the first repeats jobs, so the client may miss
			// as many jobs at the end.
			if lost := test.wantJobs - len(jobs); lost < 0 || lost > test.wantCalls || s.count("grid.job.list") != test.wantCalls {
				t.Errorf("%d jobs in %d calls, want %d in %d", len(jobs), s.count("grid.job.list"), test.wantJobs, test.wantCalls)
			}
			for i := range jobs[:max(0, len(jobs)-1)] {
				if jobs[i].ID <= jobs[i+1].ID {
					t.Fatalf("job %d comes before %d", jobs[i].ID, jobs[i+1].ID)
				}
			}
		})
	}
}

// A page that lacks jobs is an error, because an older job could appear to be
// the newest.
func TestJobPagesThatCannotBeBelieved(t *testing.T) {
	t.Parallel()
	two := jobJSON(2, JobCreateVirtualServer, "web", "203.0.113.7", "", JobSucceeded)
	one := jobJSON(1, JobDeleteVirtualServer, "web", "203.0.113.7", "", JobFailed)
	for _, test := range []struct {
		name, body string
		ok         bool
	}{
		{"whole", success(two, one), true},
		{"none", success(), true},
		{"one of many pages, as recorded", listed(`"total":2,"returned":2,"numpages":8`, two, one), true},
		{"one of many pages", listed(`"total":4,"returned":2,"numpages":2`, two, one), true},
		{"cut", listed(`"total":2,"returned":2,"numpages":1`, one), false},
		{"cut, and says so", listed(`"total":2,"returned":1,"numpages":1`, one), false},
		{"emptied", listed(`"total":2,"returned":0,"numpages":0`), false},
		{"without totals", listed(``, one), false},
		{"a job repeated in place of another job", listed(`"total":2,"returned":2,"numpages":1`, one, one), false},
		{"a job without its detail", success(strings.Replace(two, `"detail"`, `"x"`, 1), one), false},
		{"a job without its name", success(strings.Replace(two, `"detail":{"name"`, `"detail":{"x"`, 1), one), false},
		{"a job without its address", success(strings.Replace(two, `"ip"`, `"x"`, 1), one), false},
	} {
		s := &service{answer: func(string, url.Values) reply { return reply{body: test.body} }}
		jobs, err := newTestClient(t, s).Jobs.List(t.Context(), JobFilter{Limit: 2})
		if (err == nil) != test.ok {
			t.Errorf("%s: got %v, %v; want success: %t", test.name, jobs, err, test.ok)
		}
	}
}
