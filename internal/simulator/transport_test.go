// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestJSONIsTextHTML(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, a := range []answered{r.ok("grid.server.list"), r.call("grid.server.get", "id=1")} {
		want(t, "content type", a.header.Get("Content-Type"), "text/html")
		if a.header.Get("X-Mashery-Responder") == "" || !strings.HasPrefix(a.header.Get("Set-Cookie"), "JSESSIONID=") {
			t.Errorf("headers are %v", a.header)
		}
	}
}

// Every response closes its connection, regardless of its status.
func TestAnswersEndTheirConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server := httptest.NewServer(r.grid)
	t.Cleanup(server.Close)
	if err := r.grid.AddFaults(
		Fault{Method: "grid.image.list", Kind: FaultStatus, Status: 500}, Fault{Method: "grid.image.list", Kind: FaultHTML},
		Fault{Method: "grid.image.list", Kind: FaultThrottle}, Fault{Method: "grid.image.list", Kind: FaultEmpty},
	); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, call := range []struct{ method, pair string }{
		{"grid.server.list", ""},
		{"grid.server.get", "id=1"},
		{"grid.server.list", "sig=wrong"},
		{"grid.nonsense.list", ""},
		{"grid.image.list", ""},
		{"grid.image.list", ""},
		{"grid.image.list", ""},
		{"grid.image.list", ""},
		{"grid.image.list", "format=xml"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path(call.method)+"?"+r.query(call.pair).Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		want(t, call.method+" "+call.pair+" closes", answer.Close, true)
		seen[answer.StatusCode] = true
	}
	for _, status := range []int{200, 400, 403, 404, 500, 503} {
		want(t, "answer of status "+strconv.Itoa(status), seen[status], true)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.ok("grid.server.list")
	want(t, "method", a.Method, "/grid/server/list")
	want(t, "body", a.body, `{"summary":{"total":0,"start":0,"numpages":0,"returned":0},"status":"success","method":"/grid/server/list","list":[]}`)
	want(t, "failure", r.call("grid.server.get", "id=1").body,
		`{"summary":{"total":1,"start":0,"returned":1},"status":"failure","method":"/grid/server/get",`+
			`"list":[{"message":"No object found that matches your input criteria.","object":"error","errorcode":"IllegalArgumentException"}]}`)
	r.add("web", 0)
	want(t, "summary of get", r.ok("grid.image.get", "id=12834", "id=16425").Summary["total"], 2.0)
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		key, secret string
		second      int64
		sig         string
	}{
		{"identity", "credential", 1267243795, "e9aafd0a5d4c69bb24536be4bce8a528"},
		{"0123456789abcdef", "s3cret", 1300000000, "6136873dbeb308841273d58cd5bc1e48"},
	} {
		if !signed(Key{APIKey: v.key, SharedSecret: v.secret}, v.second, []byte(v.sig)) {
			t.Errorf("the signature of %s was refused", v.key)
		}
	}
}

func TestBadSignatureIsTheProxysHTML(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stranger := Key{APIKey: "ffffffffffffffff", SharedSecret: testSecret}
	wrong := Key{APIKey: testKey, SharedSecret: "wrong"}
	now := r.clock.Now()
	for name, a := range map[string]answered{
		"unknown key":  r.as(stranger).call("grid.server.list"),
		"wrong secret": r.as(wrong).call("grid.server.list"),
		"too old":      r.call("grid.server.list", "sig="+signature(r.key, now.Add(-601*time.Second))),
		"too new":      r.call("grid.server.list", "sig="+signature(r.key, now.Add(601*time.Second))),
		"none":         r.call("grid.server.list", "sig="),
	} {
		want(t, name, a.status, http.StatusForbidden)
		want(t, name, a.body, "<h1>403 Not Authorized</h1>")
		want(t, name, a.header.Get("Content-Type"), "text/xml")
		want(t, name, a.header.Get("Server"), "Mashery Proxy")
		want(t, name, a.header.Get("X-Mashery-Error-Code"), "ERR_403_NOT_AUTHORIZED")
		want(t, name+": cookie of the service behind the proxy", a.header.Get("Set-Cookie"), "")
	}
	r.ok("grid.server.list", "sig="+signature(r.key, now.Add(-600*time.Second)))
	r.ok("grid.server.list", "sig="+signature(r.key, now.Add(600*time.Second)))
}

func TestSignatureGoesByTheHostsClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.grid.Advance(48 * time.Hour)
	r.ok("grid.server.list")
}

func TestVersionsFormatsAndPaths(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, v := range []string{"1.0", "1.1", "1.5", "1.9"} {
		r.ok("grid.server.list", "v="+v)
	}
	for _, v := range []string{"", "2.0", "1.10", "1", "1.x"} {
		r.refused(http.StatusBadRequest, "'v'", "grid.server.list", "v="+v)
	}
	r.refused(http.StatusBadRequest, "json, xml or csv", "grid.server.list", "format=yaml")
	r.ok("grid.server.list", "format=")
	r.refused(http.StatusNotFound, "grid.server.rename", "grid.server.rename")
	r.refused(http.StatusNotFound, "no method", "grid.nonsense")
	put := r.send(httptest.NewRequest(http.MethodPut, path("grid.server.list")+"?"+r.query().Encode(), nil))
	want(t, "PUT", put.status, http.StatusMethodNotAllowed)
	want(t, "outside the API", r.send(httptest.NewRequest(http.MethodGet, "/elsewhere", nil)).status, http.StatusNotFound)
	want(t, "admin when off", r.send(httptest.NewRequest(http.MethodGet, "/admin/state", nil)).status, http.StatusNotFound)
	want(t, "bad query", r.send(httptest.NewRequest(http.MethodGet, path("grid.server.list")+"?a=%zz", nil)).status, http.StatusBadRequest)
}

func TestParametersFromQueryAndBody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := r.query("name=web", "image=centos6.2_64_base", "server.ram=1GB", "ip="+publicIP(0))
	rest := url.Values{"image": all["image"], "ip": all["ip"]}
	mixed := r.query("name=web2", "server.ram=2")
	rest2 := url.Values{"image": {"12834"}, "ip": {publicIP(2)}, "v": {"1.9"}}
	for name, request := range map[string]*http.Request{
		"query with an empty body": httptest.NewRequest(http.MethodPost, path("grid.server.add")+"?"+all.Encode(), nil),
		"both":                     form("grid.server.add", mixed.Encode(), rest2),
	} {
		if a := r.send(request); a.status != http.StatusOK {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	all.Set("ip", publicIP(1))
	rest.Set("ip", publicIP(1))
	if a := r.send(form("grid.server.add", "", all)); a.status != http.StatusOK {
		t.Errorf("body only: %s", a.body)
	}
	want(t, "servers", len(r.ok("grid.server.list").List), 3)
	twice := form("grid.server.list", r.query("num_items=1").Encode(), url.Values{"num_items": {"2"}})
	if a := r.send(twice); a.status != http.StatusBadRequest || !strings.Contains(a.body, "given 2 times") {
		t.Errorf("contradiction: %d %s", a.status, a.body)
	}
}

func form(method, query string, body url.Values) *http.Request {
	request := httptest.NewRequest(http.MethodPost, path(method)+"?"+query, strings.NewReader(body.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

func TestXML(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want(t, "error", r.call("grid.server.get", "id=9", "format=xml").body,
		`<gogrid><response method="/grid/server/get" status="failure"><summary total="1" start="0" returned="1"/><list><object name="error">`+
			`<attribute name="message">No object found that matches your input criteria.</attribute>`+
			`<attribute name="errorcode">IllegalArgumentException</attribute></object></list></response></gogrid>`)
	r.add("a&b", 0)
	a := r.call("grid.server.list", "format=xml")
	for _, part := range []string{
		`<summary total="1" start="0" numpages="0" returned="1"/>`, `<attribute name="id"></attribute>`, `<attribute name="name">a&amp;b</attribute>`,
		`<attribute name="ram"><object name="option"><attribute name="id">2</attribute>`, `<attribute name="billingtokens"><list><object name="billingtoken">`,
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("no %s in %s", part, a.body)
		}
	}
	if jobs := r.call("grid.job.list", "format=xml").body; !strings.Contains(jobs, "{type=virtual_server, name=a&amp;b, description=null, image=centos6.2_64_base") {
		t.Errorf("detail does not have the format of Java's toString: %s", jobs)
	}
	want(t, "content type", a.header.Get("Content-Type"), "text/xml;charset=UTF-8")
}

func TestCSV(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want(t, "lookup", r.call("common.lookup.list", "lookup=server.type", "format=csv").body,
		"# SUCCESS, /common/lookup/list, TOTAL, 2, START, 0, RETURNED, 2\n# id,name,description\n"+
			"1,Web Server,Web or Application Server\n2,Database Server,Database Server\n")
	r.add("web", 0)
	r.add("db", 1, "privateip=10.110.0.9", `description=with, comma`)
	lines := strings.Split(r.call("grid.server.list", "format=csv").body, "\n")
	columns := strings.Split(strings.TrimPrefix(lines[1], "# "), ",")
	want(t, "first columns", strings.Join(columns[:7], ","), "id,name,description,ip.id,ip.ip,ip.subnet,ip.public")
	if !strings.HasPrefix(lines[2], ",web,,") || !strings.HasPrefix(lines[3], `,db,"with, comma",`) {
		t.Errorf("rows are %q", lines[2:])
	}
	want(t, "columns of both rows", strings.Count(lines[2], ","), len(columns)-1)
}

func TestVersionsHideAttributes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.ready("web", 0, "privateip=10.110.0.9")
	early, late := []string{"os", "architecture", "type", "state", "price", "billingtokens"}, []string{"gsitype", "minram"}
	for _, tc := range []struct {
		version  string
		attrs    []string
		image    []string
		ip       []string
		expected bool
	}{
		{"1.0", []string{"isSandbox"}, append([]string{"owner", "friendlyName", "location", "isActive", "isPublic", "updatedTime"}, early...), []string{"state"}, false},
		{"1.0", []string{"id", "name", "ip", "image", "ram", "type", "os", "state"}, []string{"id", "name", "description"}, []string{"id", "ip", "subnet", "public"}, true},
		{"1.1", []string{"isSandbox"}, []string{"owner"}, []string{"datacenter"}, false},
		{"1.1", nil, append([]string{"friendlyName", "location", "isActive", "isPublic", "updatedTime"}, early...), []string{"state"}, true},
		{"1.2", []string{"isSandbox"}, []string{"owner"}, nil, true},
		{"1.4", []string{"datacenter", "cores", "diskSize", "privateip"}, append([]string{"datacenterlist"}, late...), []string{"datacenter"}, false},
		{"1.5", []string{"datacenter"}, nil, []string{"datacenter"}, true},
		{"1.7", []string{"cores"}, late, nil, false},
		{"1.8", []string{"cores", "diskSize"}, late, nil, true},
		{"1.8", []string{"privateip"}, []string{"datacenterlist"}, nil, false},
		{"1.9", []string{"privateip", "datacenter"}, []string{"datacenterlist"}, nil, true},
	} {
		for _, s := range []fields{r.ok("grid.server.list", "v="+tc.version).one(), r.ok("grid.server.get", "v="+tc.version, "id="+id).one()} {
			members := func(kind string, o fields, names []string) {
				for _, name := range names {
					_, present := o[name]
					want(t, tc.version+" "+kind+" "+name, present, tc.expected)
				}
			}
			members("server", s, tc.attrs)
			members("image", s["image"].(fields), tc.image)
			members("ip", s["ip"].(fields), tc.ip)
		}
	}
}

// The list of images has all attributes that the requested version defines,
// even in version 1.0.
func TestVersionsOfImages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for version, names := range map[string]string{
		"1.0": "description friendlyName id isActive isPublic location name object updatedTime",
		"1.1": "architecture billingtokens description friendlyName id isActive isPublic location name object os price state type updatedTime",
		"1.2": "architecture billingtokens description friendlyName id isActive isPublic location name object os owner price state type updatedTime",
	} {
		image := r.ok("grid.image.list", "v="+version).List[21]
		delete(image, "createdTime") // most of GoGrid's own images have no createdTime
		want(t, version, strings.Join(slices.Sorted(maps.Keys(image)), " "), names)
	}
}

// Version 1.3 added attributes to billing summaries.
func TestVersionsOfBilling(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for version, present := range map[string]bool{"1.0": false, "1.2": false, "1.3": true, "1.9": true} {
		bill := r.ok("myaccount.billing.get", "v="+version).one()
		for _, name := range []string{"gbHours", "ramOverage", "ramTotal", "gbTransfer", "transferTotal"} {
			_, found := bill[name]
			want(t, version+" "+name, found, present)
		}
		want(t, version+" transferOverage", bill["transferOverage"], 0.0)
	}
}

// The XML of version 1.0 matches the samples in mdavid's gogridapisdk.
func TestXMLOfVersion10(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("web", 0, "description=front")
	option := func(name string, id int, title, description string) string {
		return fmt.Sprintf(`<attribute name="%s"><object name="option"><attribute name="id">%d</attribute><attribute name="name">%s</attribute>`+
			`<attribute name="description">%s</attribute></object></attribute>`, name, id, title, description)
	}
	server := `<object name="server"><attribute name="id">700001</attribute><attribute name="name">web</attribute><attribute name="description">front</attribute>` +
		`<attribute name="ip"><object name="ip"><attribute name="id">4100003</attribute><attribute name="ip">127.20.0.2</attribute>` +
		`<attribute name="subnet">127.20.0.0/255.255.255.240</attribute><attribute name="public">true</attribute></object></attribute>` +
		option("ram", 2, "1GB", "Server with 1GB RAM") +
		`<attribute name="image"><object name="serverimage"><attribute name="id">12834</attribute><attribute name="name">centos6.2_64_base</attribute>` +
		`<attribute name="friendlyName"></attribute><attribute name="description">CentOS 6.2 (64-bit) w/ None</attribute><attribute name="location"></attribute>` +
		`<attribute name="isActive"></attribute><attribute name="isPublic"></attribute><attribute name="createdTime"></attribute><attribute name="updatedTime"></attribute>` +
		`</object></attribute>` +
		option("state", 1, "On", "Server is in active state.") + option("type", 1, "Web Server", "Web or Application Server") +
		option("os", 84, "CentOS 6.2 (64-bit)", "CentOS 6.2 (64-bit)") + `</object>`
	list := r.call("grid.server.list", "v=1.0", "format=xml").body
	want(t, "server", list, `<gogrid><response method="/grid/server/list" status="success"><summary total="1" start="0" numpages="0" returned="1"/><list>`+
		server+`</list></response></gogrid>`)
	passwords := r.call("support.password.list", "v=1.0", "format=xml").body
	if begin := `<object name="password"><attribute name="id">810002</attribute><attribute name="server">` + server + `</attribute><attribute name="applicationtype">os</attribute>` +
		`<attribute name="username">root</attribute><attribute name="password">`; !strings.Contains(passwords, begin) {
		t.Errorf("passwords are %s", passwords)
	}
	r.ok("grid.loadbalancer.add", "name=lb", "virtualip.ip="+publicIP(1), "virtualip.port=80", "realiplist.0.ip="+publicIP(0), "realiplist.0.port=80")
	balancers := r.call("grid.loadbalancer.list", "v=1.0", "format=xml").body
	last := -1
	for _, name := range []string{"virtualip", "type", "persistence", "realiplist", "os", "state"} {
		place := strings.LastIndex(balancers, `<attribute name="`+name+`">`)
		if place <= last {
			t.Errorf("attribute %s of a load balancer is out of order: %s", name, balancers)
		}
		last = place
	}
}

// A client of 2009 read fixed columns of the CSV format of version 1.0.
func TestCSVOfVersion10(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("web", 0)
	lines := strings.Split(r.call("grid.server.list", "v=1.0", "format=csv").body, "\n")
	columns, row := strings.Split(strings.TrimPrefix(lines[1], "# "), ","), strings.Split(lines[2], ",")
	want(t, "columns", len(columns), 28)
	want(t, "values", len(row), len(columns))
	for column, value := range map[int]string{
		0: "700001", 1: "web", 2: "", 3: "4100003", 4: "127.20.0.2", 5: "127.20.0.0/255.255.255.240", 6: "true", 8: "1GB", 11: "centos6.2_64_base", 20: "On", 23: "Web Server",
	} {
		want(t, "column "+columns[column], row[column], value)
	}
}

// Dates of the billing summary have the format of Java's Date.toString in XML
// and CSV, and are null in JSON.
func TestDatesOfTheBillingSummary(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("web", 0) // on 25 August 2012
	for _, step := range []struct {
		after time.Duration
		end   string
	}{{0, "Tue Sep 25 00:00:00 PDT 2012"}, {80 * 24 * time.Hour, "Sun Nov 25 00:00:00 PST 2012"}, {50 * 24 * time.Hour, "Fri Jan 25 00:00:00 PST 2013"}} {
		r.grid.Advance(step.after)
		xml := r.call("myaccount.billing.get", "v=1.0", "format=xml").body
		dates := `<object name="billingsummary"><attribute name="startDate">Sat Aug 25 00:00:00 PDT 2012</attribute><attribute name="endDate">` + step.end + `</attribute>`
		if !strings.Contains(xml, dates) {
			t.Errorf("no %s in %s", dates, xml)
		}
		lines := strings.Split(r.call("myaccount.billing.get", "format=csv").body, "\n")
		if !strings.HasPrefix(lines[2], "Sat Aug 25 00:00:00 PDT 2012,"+step.end+",0,") {
			t.Errorf("the row is %s", lines[2])
		}
		bill := r.ok("myaccount.billing.get").one()
		start, present := bill["startDate"]
		if !present || start != nil || bill["endDate"] != nil {
			t.Errorf("the dates in JSON are %v and %v, want null", start, bill["endDate"])
		}
	}
}

func TestNonASCIINames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add("gürtel \"<&", 0)
	want(t, "name", r.ok("grid.server.list").one()["name"], "gürtel \"<&")
}

// Names that are not valid UTF-8 are the same for a grid in memory and for a
// grid with a state file.
func TestNamesThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	_, file := stateFile(t)
	r := newRig(t, file)
	r.ready("a\xffb", 0)
	for _, grid := range []*rig{r, r.killed()} {
		want(t, "name", grid.ok("grid.server.get", "name=a\xffb").one()["name"], "a\uFFFDb")
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.ok("grid.image.list", "num_items=10", "page=17")
	want(t, "summary", a.body[:67], `{"summary":{"total":173,"start":170,"numpages":18,"returned":3},"st`)
	want(t, "page without num_items", len(r.ok("grid.image.list", "page=2").List), 173)
	want(t, "no paging", r.ok("grid.image.list", "num_items=0").Summary["numpages"], 0.0)
	past := r.ok("grid.image.list", "num_items=10", "page=18")
	want(t, "past the end", len(past.List), 0)
	want(t, "total past the end", past.Summary["total"], 173.0)
	want(t, "returned", past.Summary["returned"], 0.0)
	r.refused(http.StatusBadRequest, "num_items", "grid.image.list", "num_items=-1")
	huge := strconv.Itoa(math.MaxInt)
	want(t, "the largest page", r.ok("grid.image.list", "num_items="+huge).body[:64], `{"summary":{"total":173,"start":0,"numpages":1,"returned":173},"`)
	want(t, "far past the end", len(r.ok("grid.image.list", "num_items="+huge, "page="+huge).List), 0)
	want(t, "pages of an empty list", r.ok("grid.server.list", "num_items="+huge).Summary["numpages"], 0.0)
	r.refused(http.StatusBadRequest, "page", "grid.image.list", "num_items=1", "page=x")
	want(t, "pages of two of six blocks of 16", r.ok("grid.ip.list", "num_items=2").Summary["numpages"], 48.0)
	ids := r.ok("grid.image.list").List
	for i := 1; i < len(ids); i++ {
		if ids[i-1]["id"].(float64) >= ids[i]["id"].(float64) {
			t.Error("images are not sorted by id")
		}
	}
}
