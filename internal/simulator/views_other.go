// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

func (g *Grid) balancerView(b *balancer, now moment) *wire.Object {
	a, c := g.accounts[b.Account], g.catalog
	var id any = wire.Absent{}
	if !b.pending() {
		id = b.ID
	}
	pool := make([]*wire.Object, len(b.Real))
	for i, e := range b.Real {
		pool[i] = g.endpointView(a, e)
	}
	return &wire.Object{Kind: "loadbalancer", Attributes: []wire.Attribute{
		{Name: "id", Value: id},
		{Name: "name", Value: b.Name},
		{Name: "description", Value: wire.Text(b.Description)},
		{Name: "virtualip", Value: g.endpointView(a, b.Virtual)},
		{Name: "type", Value: c.balancerType.byID(b.Type).object},
		{Name: "persistence", Value: c.persistence.byID(b.Persistence).object},
		{Name: "realiplist", Value: pool},
		{Name: "os", Value: c.balancer.byID(balancerF5).object},
		{Name: "state", Value: g.balancerState(b, now).object},
		{Name: "datacenter", Value: c.datacenter.byID(b.Datacenter).object, Since: 5},
	}}
}

// balancerState returns On or Unavailable. The lookup describes the state
// Unavailable as enabled, but with unreachable real addresses. The samples of
// grid.loadbalancer.add show On for any addresses. In the simulator an address
// is reachable if it belongs to a running server, and a load balancer without
// addresses is Unavailable.
func (g *Grid) balancerState(b *balancer, now moment) *option {
	if b.pending() || slices.ContainsFunc(b.Real, func(e endpoint) bool { return g.isReachable(b.Account, e.IP, now) }) {
		return g.catalog.balancerState.byID(balancerOn)
	}
	return g.catalog.balancerState.byID(balancerUnavailable)
}

// isReachable reports whether an address belongs to a running server of the account.
func (g *Grid) isReachable(account int64, ip address, now moment) bool {
	return slices.ContainsFunc(g.accounts[account].servers.items, func(s *server) bool {
		return (s.PublicIP == ip || s.PrivateIP == ip) && g.isUp(s, now)
	})
}

func (g *Grid) endpointView(a *account, e endpoint) *wire.Object {
	return &wire.Object{Kind: "ipportpair", Attributes: []wire.Attribute{
		{Name: "ip", Value: g.ipView(a, e.IP)}, {Name: "port", Value: int64(e.Port)},
	}}
}

func (g *Grid) jobView(j *job, now moment) *wire.Object {
	c := g.catalog
	current := j.current(now)
	var updated any = wire.Absent{}
	if current.State == jobSucceeded {
		updated = int64(current.At)
	}
	return &wire.Object{Kind: "job", Attributes: []wire.Attribute{
		{Name: "id", Value: j.ID},
		{Name: "command", Value: c.jobCommand.byID(j.Command).object},
		{Name: "objecttype", Value: c.jobObject.byID(j.ObjectType).object},
		{Name: "createdon", Value: int64(j.Created)},
		{Name: "lastupdatedon", Value: updated},
		{Name: "currentstate", Value: c.jobState.byID(current.State).object},
		{Name: "attempts", Value: int64(1)},
		{Name: "owner", Value: j.Owner},
		{Name: "history", Value: g.historyView(j, now)},
		{Name: "detail", Value: detailView(j)},
		{Name: "datacenter", Value: c.datacenter.byID(j.Datacenter).object, Since: 5},
	}}
}

func (g *Grid) historyView(j *job, now moment) []*wire.Object {
	past := j.past(now)
	views := make([]*wire.Object, len(past))
	for i, entry := range past {
		views[i] = &wire.Object{Kind: "job_history", Attributes: []wire.Attribute{
			{Name: "id", Value: entry.ID},
			{Name: "updatedon", Value: int64(entry.At)},
			{Name: "state", Value: g.catalog.jobState.byID(entry.State).object},
			{Name: "note", Value: wire.Text(entry.Note)},
		}}
	}
	return views
}

func detailView(j *job) wire.Mapping {
	m := make(wire.Mapping, len(j.Detail))
	for i, d := range j.Detail {
		m[i] = wire.Attribute{Name: d.Name, Value: d.Value}
		if d.Value == "" {
			m[i].Value = wire.Null{}
		}
	}
	return m
}

// passwordShown reports whether the list of passwords shows the server's initial password. The password appears some time after the
// server's id.
func (s *server) passwordShown(now moment) bool { return !s.pending() && now >= s.PasswordFrom }

func (g *Grid) passwordView(s *server, now moment) *wire.Object {
	user := "root"
	if i, _ := g.images.get(s.Image); strings.HasPrefix(g.catalog.os.byID(i.OS).name, "Windows") {
		user = "Administrator"
	}
	return &wire.Object{Kind: "password", Attributes: []wire.Attribute{
		{Name: "id", Value: s.PasswordID},
		{Name: "server", Value: g.serverView(s, now)},
		{Name: "applicationtype", Value: "os"},
		{Name: "username", Value: user},
		{Name: "password", Value: s.Password},
	}}
}

// storageView returns the view of the account's Cloud Storage password. The
// view has no server.
func (a *account) storageView() *wire.Object {
	return &wire.Object{Kind: "password", Attributes: []wire.Attribute{
		{Name: "id", Value: a.StorageID},
		{Name: "applicationtype", Value: "cloudstorage"},
		{Name: "username", Value: strconv.FormatInt(a.ID, 10)},
		{Name: "password", Value: a.StoragePassword},
	}}
}

func (a *account) billView(now moment) *wire.Object {
	hours := round(a.gbHours(now), 4)
	charge := round(hours*pricePerGBHour, 2)
	values := []struct {
		name  string
		value float64
		since int
	}{
		{"memoryAllotment", 0, 0},
		{"memoryInUse", a.gbInUse(), 0},
		{"memoryAccrued", hours, 0},
		{"memoryOverage", hours, 0},
		{"memoryOverageCharge", charge, 0},
		{"transferAllotment", 0, 0},
		{"transferAccrued", 0, 0},
		{"transferOverage", 0, 0},
		{"transferOverageCharge", 0, 0},
		{"gbHours", hours, 3},
		{"ramOverage", charge, 3},
		{"ramTotal", charge, 3},
		{"gbTransfer", 0, 3},
		{"transferTotal", 0, 3},
	}
	from, to := a.billPeriod(now)
	o := &wire.Object{Kind: "billingsummary", Attributes: []wire.Attribute{{Name: "startDate", Value: from}, {Name: "endDate", Value: to}}}
	for _, v := range values {
		o.Attributes = append(o.Attributes, wire.Attribute{Name: v.name, Value: wire.Number(v.value), Since: v.since})
	}
	return o
}

// billPeriod returns the period of the bill. The period begins on the day of
// the account's first server and ends with the current month of use. Months of
// use count from that day.
func (a *account) billPeriod(now moment) (from, to wire.Date) {
	began := now
	for _, u := range a.usage.items {
		began = min(began, u.From)
	}
	year, month, day := began.time().In(wire.Pacific).Date()
	first := time.Date(year, month, day, 0, 0, 0, 0, wire.Pacific)
	last := first.AddDate(0, 1, 0)
	for months := 2; momentOf(last) <= now; months++ {
		last = first.AddDate(0, months, 0)
	}
	return wire.Date(first), wire.Date(last)
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
