// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/fault"
)

// fleet adds servers named s0, s1 and so on, and waits until they are provisioned.
func (r *rig) fleet(count int) {
	r.t.Helper()
	for n := range count {
		r.add("s"+strconv.Itoa(n), n)
	}
	r.grid.Advance(15 * time.Minute)
}

// under adds a rule, makes a call and returns the response. The call must use
// up the rule.
func (r *rig) under(rule Fault, pairs ...string) answered {
	r.t.Helper()
	r.fault(rule)
	a := r.call(rule.Method, pairs...)
	if left := r.grid.faults.List(); len(left) > 0 {
		r.t.Errorf("the rule %s is still active after its call", rule.Kind)
		r.grid.faults.Clear()
	}
	return a
}

func (a answered) names() string {
	var names []string
	for _, row := range a.List {
		name, _ := row["name"].(string)
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func (a answered) summary() string {
	a.t.Helper()
	text, err := json.Marshal(a.Summary)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(text)
}

func TestFaultAnswersWithoutRows(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule Fault
		body string
	}{
		"empty":                {Fault{Kind: FaultEmpty}, `{"summary":{"total":0,"start":0,"numpages":0,"returned":0},"status":"success","method":"/grid/server/list","list":[]}`},
		"bare":                 {Fault{Kind: FaultBare}, `{"status":"success","method":"/grid/server/list"}`},
		"null list":            {Fault{Kind: FaultNullList}, `{"summary":{"total":3,"start":0,"numpages":0,"returned":0},"status":"success","method":"/grid/server/list","list":null}`},
		"null list, cut":       {Fault{Kind: FaultNullList, Totals: FaultTotalsCut}, `{"summary":{"total":0,"start":0,"numpages":0,"returned":0},"status":"success","method":"/grid/server/list","list":null}`},
		"null list, no totals": {Fault{Kind: FaultNullList, Totals: FaultTotalsMissing}, `{"status":"success","method":"/grid/server/list","list":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fleet(3)
			tc.rule.Method = "grid.server.list"
			a := r.under(tc.rule)
			want(t, "status", a.status, http.StatusOK)
			want(t, "body", a.body, tc.body)
			want(t, "servers afterwards", r.ok("grid.server.list").names(), "s0 s1 s2")
			tc.rule.Method = "grid.server.get"
			want(t, "get of no server", r.under(tc.rule, "id=1").Status, "success")
		})
	}
}

func TestFaultPartial(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rule           Fault
		names, summary string
	}{
		"half":        {Fault{}, "s0 s1", `{"numpages":0,"returned":2,"start":0,"total":5}`},
		"keep":        {Fault{Keep: 4}, "s0 s1 s2 s3", `{"numpages":0,"returned":4,"start":0,"total":5}`},
		"keep all":    {Fault{Keep: 9}, "s0 s1 s2 s3 s4", `{"numpages":0,"returned":5,"start":0,"total":5}`},
		"none":        {Fault{Keep: -1}, "", `{"numpages":0,"returned":0,"start":0,"total":5}`},
		"cut totals":  {Fault{Keep: 1, Totals: FaultTotalsCut}, "s0", `{"numpages":0,"returned":1,"start":0,"total":1}`},
		"no totals":   {Fault{Keep: 1, Totals: FaultTotalsMissing}, "s0", `null`},
		"totals told": {Fault{Totals: FaultTotalsRight}, "s0 s1", `{"numpages":0,"returned":2,"start":0,"total":5}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fleet(5)
			tc.rule.Method, tc.rule.Kind = "grid.server.list", FaultPartial
			a := r.under(tc.rule)
			want(t, "names", a.names(), tc.names)
			want(t, "summary", a.summary(), tc.summary)
		})
	}
}

func TestFaultDropField(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fleet(3)
	r.add("pending", 3)
	for _, tc := range []struct {
		field string
		rows  int
		hit   []int // rows without the member
	}{
		{"name", 0, []int{0}},
		{"name", 2, []int{0, 1}},
		{"image", -1, []int{0, 1, 2, 3}},
		{"ip.ip", 1, []int{0}},
		{"ip.state.name", -1, []int{0, 1, 2, 3}},
		{"image.billingtokens.price", 1, []int{0}},
		{"object", 1, []int{0}},
		{"id", -1, []int{0, 1, 2, 3}}, // the pending server has no id
		{"privateip", -1, []int{0, 1, 2, 3}},
	} {
		plain := r.ok("grid.server.list")
		a := r.under(Fault{Method: "grid.server.list", Kind: FaultDropField, Field: tc.field, Rows: tc.rows})
		want(t, tc.field+": summary", a.summary(), plain.summary())
		for i, row := range a.List {
			dropped := !has(row, tc.field)
			want(t, tc.field+" is dropped in row "+strconv.Itoa(i), dropped, slices.Contains(tc.hit, i))
			if before, after := size(t, plain.List[i]), size(t, row); dropped && has(plain.List[i], tc.field) != (after < before) {
				t.Errorf("%s: row %d has %d bytes; without the rule it had %d", tc.field, i, after, before)
			}
		}
	}
	want(t, "rows later", r.ok("grid.server.list").names(), "s0 s1 s2 pending")
}

// has reports whether a row has the member at a path. In a list, only the first element counts.
func has(row fields, path string) bool {
	name, rest, nested := strings.Cut(path, ".")
	value, found := row[name]
	if list, isList := value.([]any); nested && isList {
		value = list[0]
	}
	inner, isObject := value.(fields)
	if nested && isObject {
		return has(inner, rest)
	}
	return found && !nested
}

func size(t *testing.T, value any) int {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return len(text)
}

// TestFaultDropFieldHitsTheFirstRowThatHasIt drops a member that the first servers in the list lack.
func TestFaultDropFieldHitsTheFirstRowThatHasIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready("old", 0)
	r.add("new", 1)
	ip := publicIP(2)
	r.ok("grid.server.add", "name=private", "image=12834", "ram=1", "ip="+ip, "privateip=10.110.0.2")
	a := r.under(Fault{Method: "grid.server.list", Kind: FaultDropField, Field: "privateip"})
	want(t, "names", a.names(), "old new private")
	want(t, "private address", has(a.List[2], "privateip"), false)
	want(t, "rows in a version without the member", len(r.under(Fault{Method: "grid.server.list", Kind: FaultDropField, Field: "privateip"}, "v=1.8").List), 3)
}

func TestFaultDropsADrawnField(t *testing.T) {
	t.Parallel()
	drawn := func(seed uint64) string {
		r := newRig(t, func(o *Options) { o.Seed = seed })
		r.ready("web", 0)
		plain := r.ok("grid.server.list").one()
		r.fault(Fault{Method: "grid.server.list", Kind: FaultDropField, Times: -1})
		var dropped []string
		for range 12 {
			row := r.ok("grid.server.list").one()
			want(t, "members left", len(row), len(plain)-1)
			for name := range plain {
				if !has(row, name) {
					dropped = append(dropped, name)
				}
			}
		}
		return strings.Join(dropped, " ")
	}
	first := drawn(7)
	want(t, "members drawn from the same seed", drawn(7), first)
	if other := drawn(8); other == first {
		t.Errorf("seeds 7 and 8 both draw %s", other)
	}
	if names := strings.Fields(first); len(slices.Compact(slices.Sorted(slices.Values(names)))) < 3 {
		t.Errorf("twelve answers drop only %s", first)
	}
}

func TestFaultWrongType(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fleet(2)
	for _, field := range []string{"id", "name", "ip", "ip.public", "image.price", "image.billingtokens", "cores", "isSandbox", "object"} {
		for range 8 {
			plain := r.ok("grid.server.list")
			a := r.under(Fault{Method: "grid.server.list", Kind: FaultWrongType, Field: field, Rows: -1})
			want(t, "summary", a.summary(), plain.summary())
			for i, row := range a.List {
				path := strings.Split(field, ".")
				got, had := jsonType(at(row, path...)), jsonType(at(plain.List[i], path...))
				if got == had || got == "null" {
					t.Errorf("%s of row %d is of type %s; without the rule it was of type %s", field, i, got, had)
				}
			}
		}
	}
	a := r.under(Fault{Method: "grid.server.list", Kind: FaultWrongType, Field: "name"})
	want(t, "second row", a.List[1]["name"], "s1")
}

func jsonType(value any) string {
	switch value.(type) {
	case string:
		return "text"
	case float64:
		return "number"
	case bool:
		return "bool"
	case fields:
		return "object"
	case []any:
		return "list"
	default:
		return "null"
	}
}

func TestFaultDuplicate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rule := Fault{Method: "grid.server.list", Kind: FaultDuplicate}
	want(t, "no rows", r.under(rule).summary(), `{"numpages":0,"returned":0,"start":0,"total":0}`)
	r.fleet(1)
	a := r.under(rule)
	want(t, "one row", a.names(), "s0 s0")
	want(t, "totals of one row", a.summary(), `{"numpages":0,"returned":2,"start":0,"total":2}`)
	for n := 1; n < 5; n++ {
		r.ready("s"+strconv.Itoa(n), n)
	}
	for range 20 {
		a := r.under(rule)
		want(t, "totals", a.summary(), `{"numpages":0,"returned":5,"start":0,"total":5}`)
		names := strings.Fields(a.names())
		if slices.Sort(names); len(slices.Compact(names)) != 4 {
			t.Errorf("rows are %s, want one of the five rows twice and another row missing", a.names())
		}
	}
}

func TestFaultShuffle(t *testing.T) {
	t.Parallel()
	orders := func(seed uint64) (seen []string) {
		r := newRig(t, func(o *Options) { o.Seed = seed })
		r.fleet(2)
		rule := Fault{Method: "grid.server.list", Kind: FaultShuffle}
		want(t, "two rows", r.under(rule).names(), "s1 s0")
		for n := 2; n < 6; n++ {
			r.ready("s"+strconv.Itoa(n), n)
		}
		for range 10 {
			a := r.under(rule)
			names := strings.Fields(a.names())
			if slices.IsSorted(names) {
				t.Errorf("the order of the rows has not changed: %v", names)
			}
			seen = append(seen, a.names())
			slices.Sort(names)
			want(t, "rows", strings.Join(names, " "), "s0 s1 s2 s3 s4 s5")
		}
		return seen
	}
	first := orders(7)
	if again := orders(7); !slices.Equal(again, first) {
		t.Errorf("seed 7 gives the orders %v and %v, want the same", first, again)
	}
	if slices.Equal(orders(8), first) {
		t.Error("seeds 7 and 8 give the same orders")
	}
}

func TestFaultForbiddenIsABadSignature(t *testing.T) {
	t.Parallel()
	for when, servers := range map[FaultWhen]int{FaultBefore: 0, FaultAfter: 1} {
		r := newRig(t)
		genuine := r.call("grid.server.list", "sig=wrong")
		a := r.under(Fault{Method: "grid.server.add", Kind: FaultForbidden, When: when},
			"name=web", "image=12834", "ram=1", "ip="+publicIP(0))
		want(t, "status", a.status, genuine.status)
		want(t, "body", a.body, genuine.body)
		want(t, "names of headers", len(a.header), len(genuine.header))
		for name := range genuine.header {
			want(t, name, a.header.Get(name), genuine.header.Get(name))
		}
		want(t, "servers", len(r.ok("grid.server.list").List), servers)
	}
}

// eachAlteredAnswer runs a test for every kind of wrong response, with
// FaultBefore and with FaultAfter.
func eachAlteredAnswer(t *testing.T, test func(t *testing.T, rule Fault)) {
	t.Helper()
	for _, kind := range []FaultKind{
		FaultEmpty, FaultPartial, FaultBare, FaultNullList, FaultDropField, FaultWrongType, FaultDuplicate, FaultShuffle, FaultStale, FaultHugeBody,
	} {
		for _, when := range []FaultWhen{FaultBefore, FaultAfter} {
			rule := Fault{Kind: kind, When: when}
			if kind == FaultHugeBody {
				rule.Size = 4096
			}
			t.Run(string(kind)+" "+string(when), func(t *testing.T) {
				t.Parallel()
				test(t, rule)
			})
		}
	}
}

// TestFaultKindsOnChanges checks that a changing call creates a job with
// FaultAfter, but not with FaultBefore.
func TestFaultKindsOnChanges(t *testing.T) {
	t.Parallel()
	eachAlteredAnswer(t, func(t *testing.T, rule Fault) {
		r := newRig(t)
		id := "id=" + r.ready("web", 0)
		r.grid.Advance(time.Hour)
		for _, change := range [][]string{
			{"grid.server.edit", id, "description=x"},
			{"grid.server.power", id, "power=stop"},
			{"grid.server.delete", id},
			{"grid.server.add", "name=new", "image=12834", "ram=1", "ip=" + publicIP(1)},
		} {
			rule.Method = change[0]
			jobs := len(r.ok("grid.job.list").List)
			a := r.under(rule, change[1:]...)
			want(t, rule.Method+": status", a.status, http.StatusOK)
			want(t, rule.Method+": claim", a.Status, "success")
			made := len(r.ok("grid.job.list").List) - jobs
			if rule.When == FaultAfter {
				want(t, rule.Method+": jobs", made, 1)
			} else {
				want(t, rule.Method+": jobs", made, 0)
				want(t, rule.Method+": rows", len(a.List), 0)
			}
			r.grid.Advance(time.Hour)
		}
	})
}

// TestFaultKindsOnRefusals tries to save a server that cannot be saved, with
// each kind of fault.
func TestFaultKindsOnRefusals(t *testing.T) {
	t.Parallel()
	eachAlteredAnswer(t, func(t *testing.T, rule Fault) {
		r := newRig(t)
		id := r.ready("web", 0)
		rule.Method = "grid.image.save"
		a := r.under(rule, "server="+id, "friendlyName=x")
		claims := rule.When == FaultBefore || rule.Kind == FaultEmpty || rule.Kind == FaultBare || rule.Kind == FaultNullList
		want(t, "success is claimed", a.Status == "success", claims)
	})
}

func TestFaultRowKindsHoldInXMLAndCSV(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fleet(3)
	for _, kind := range FaultKinds()[slices.Index(FaultKinds(), FaultEmpty):] {
		rule := Fault{Method: "grid.server.list", Kind: kind}
		switch kind {
		case FaultSlowBody:
			continue // alters only the transfer
		case FaultDropField:
			rule.Field, rule.Rows = "name", -1
		case FaultHugeBody:
			rule.Size = 100_000
		}
		body := r.under(rule, "format=xml").body
		decoder := xml.NewDecoder(strings.NewReader(body))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v in %.200s", kind, err, body)
				break
			}
		}
		rows := strings.Count(body, `<object name="server">`)
		reader := csv.NewReader(strings.NewReader(r.under(rule, "format=csv").body))
		reader.Comment = '#'
		records, err := reader.ReadAll()
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		switch kind {
		case FaultEmpty, FaultBare, FaultNullList:
			want(t, string(kind)+": rows of XML", rows, 0)
			want(t, string(kind)+": records", len(records), 0)
		case FaultPartial:
			want(t, string(kind)+": rows of XML", rows, 1)
			want(t, string(kind)+": records", len(records), 1)
		case FaultHugeBody:
			want(t, "size in XML", len(body), 100_000)
			if rows < 10 || len(records) < 10 {
				t.Errorf("%d rows and %d records in 100,000 bytes", rows, len(records))
			}
		default:
			want(t, string(kind)+": rows of XML", rows, 3)
			want(t, string(kind)+": records", len(records), 3)
		}
		want(t, string(kind)+": names in XML", strings.Contains(body, ">s0<") || strings.Contains(body, ">s1<"), rows > 0 && kind != FaultDropField)
	}
}

func TestFaultSkipAndTimesOfWrongAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.Strict = true })
	r.fleet(2)
	r.fault(Fault{Method: "grid.server.list", Kind: FaultEmpty, Skip: 1, Times: 2})
	r.refused(http.StatusBadRequest, "colour", "grid.server.list", "colour=red") // a refused call does not use up a rule
	var seen []string
	for range 5 {
		seen = append(seen, strconv.Itoa(len(r.ok("grid.server.list").List)))
		r.ok("grid.server.get", "name=s0")
	}
	want(t, "rows", strings.Join(seen, ","), "2,0,0,2,2")
}

// TestFaultFieldsAreTheMembersOfAllAnswers compares the names that a rule may
// contain with the members of the grid's responses.
func TestFaultFieldsAreTheMembersOfAllAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	box := r.ready("box", 0, "isSandbox=true", "privateip=10.110.0.2", "description=x")
	r.ok("grid.image.save", "server="+box, "friendlyName=x", "description=x")
	r.ok("grid.loadbalancer.add", "name=front", "virtualip.ip="+publicIP(5), "virtualip.port=80", "realiplist.0.ip="+publicIP(6), "realiplist.0.port=80")
	r.grid.Advance(time.Hour)
	seen := map[string]bool{}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case fields:
			for name, inner := range v {
				seen[name] = true
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		}
	}
	for _, method := range methodNames(r.grid.methods) {
		if strings.HasSuffix(method, ".list") && method != "common.lookup.list" || method == "myaccount.billing.get" {
			for _, row := range r.ok(method).List {
				walk(row)
			}
		}
	}
	r.ok("grid.server.power", "id="+box, "power=start") // the job of a busy server has a note
	r.ok("grid.server.delete", "id="+box)
	r.grid.Advance(time.Hour)
	for _, row := range r.ok("grid.job.list").List {
		walk(row)
	}
	shown := slices.Sorted(maps.Keys(seen))
	if diff := cmp.Diff(shown, fault.Names()); diff != "" {
		t.Errorf("names (-shown +allowed):\n%s", diff)
	}
}
