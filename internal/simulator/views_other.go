// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (g *Grid) balancerView(b *balancer, now moment) *object {
	a, c := g.accounts[b.Account], g.catalog
	var id any = absent{}
	if !b.pending() {
		id = b.ID
	}
	pool := make([]*object, len(b.Real))
	for i, e := range b.Real {
		pool[i] = g.endpointView(a, e)
	}
	return &object{kind: "loadbalancer", attributes: []attribute{
		{name: "id", value: id},
		{name: "name", value: b.Name},
		{name: "description", value: text(b.Description)},
		{name: "virtualip", value: g.endpointView(a, b.Virtual)},
		{name: "type", value: c.balancerType.byID(b.Type).object},
		{name: "persistence", value: c.persistence.byID(b.Persistence).object},
		{name: "realiplist", value: pool},
		{name: "os", value: c.balancer.byID(balancerF5).object},
		{name: "state", value: g.balancerState(b, now).object},
		{name: "datacenter", value: c.datacenter.byID(b.Datacenter).object, since: 5},
	}}
}

// balancerState returns On or Unavailable. The lookup describes Unavailable as enabled, but with unreachable real addresses. The
// samples of grid.loadbalancer.add show On for any addresses. Here an address is reachable if it belongs to a running server, and a
// load balancer without addresses is Unavailable.
func (g *Grid) balancerState(b *balancer, now moment) *option {
	if b.pending() || slices.ContainsFunc(b.Real, func(e endpoint) bool { return g.reaches(b.Account, e.IP, now) }) {
		return g.catalog.balancerState.byID(balancerOn)
	}
	return g.catalog.balancerState.byID(balancerUnavailable)
}

// reaches reports whether an address belongs to a running server of the account.
func (g *Grid) reaches(account int64, ip address, now moment) bool {
	return slices.ContainsFunc(g.accounts[account].servers.items, func(s *server) bool {
		return (s.PublicIP == ip || s.PrivateIP == ip) && g.isUp(s, now)
	})
}

func (g *Grid) endpointView(a *account, e endpoint) *object {
	return &object{kind: "ipportpair", attributes: []attribute{
		{name: "ip", value: g.ipView(a, e.IP)}, {name: "port", value: int64(e.Port)},
	}}
}

func (g *Grid) jobView(j *job, now moment) *object {
	c := g.catalog
	current := j.current(now)
	var updated any = absent{}
	if current.State == jobSucceeded {
		updated = int64(current.At)
	}
	return &object{kind: "job", attributes: []attribute{
		{name: "id", value: j.ID},
		{name: "command", value: c.jobCommand.byID(j.Command).object},
		{name: "objecttype", value: c.jobObject.byID(j.ObjectType).object},
		{name: "createdon", value: int64(j.Created)},
		{name: "lastupdatedon", value: updated},
		{name: "currentstate", value: c.jobState.byID(current.State).object},
		{name: "attempts", value: int64(1)},
		{name: "owner", value: j.Owner},
		{name: "history", value: g.historyView(j, now)},
		{name: "detail", value: detailView(j)},
		{name: "datacenter", value: c.datacenter.byID(j.Datacenter).object, since: 5},
	}}
}

func (g *Grid) historyView(j *job, now moment) []*object {
	past := j.past(now)
	views := make([]*object, len(past))
	for i, entry := range past {
		views[i] = &object{kind: "job_history", attributes: []attribute{
			{name: "id", value: entry.ID},
			{name: "updatedon", value: int64(entry.At)},
			{name: "state", value: g.catalog.jobState.byID(entry.State).object},
			{name: "note", value: text(entry.Note)},
		}}
	}
	return views
}

func detailView(j *job) mapping {
	m := make(mapping, len(j.Detail))
	for i, d := range j.Detail {
		m[i] = attribute{name: d.Name, value: d.Value}
		if d.Value == "" {
			m[i].value = null{}
		}
	}
	return m
}

// passwordShown tells whether the record of the initial password has appeared: some time after the server's id.
func (s *server) passwordShown(now moment) bool { return !s.pending() && now >= s.PasswordFrom }

func (g *Grid) passwordView(s *server, now moment) *object {
	user := "root"
	if i, _ := g.images.get(s.Image); strings.HasPrefix(g.catalog.os.byID(i.OS).name, "Windows") {
		user = "Administrator"
	}
	return &object{kind: "password", attributes: []attribute{
		{name: "id", value: s.PasswordID},
		{name: "server", value: g.serverView(s, now)},
		{name: "applicationtype", value: "os"},
		{name: "username", value: user},
		{name: "password", value: s.Password},
	}}
}

// storageView is the password of the account's Cloud Storage, which belongs to no server.
func (a *account) storageView() *object {
	return &object{kind: "password", attributes: []attribute{
		{name: "id", value: a.StorageID},
		{name: "applicationtype", value: "cloudstorage"},
		{name: "username", value: strconv.FormatInt(a.ID, 10)},
		{name: "password", value: a.StoragePassword},
	}}
}

func (a *account) billView(now moment) *object {
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
	o := &object{kind: "billingsummary", attributes: []attribute{{name: "startDate", value: from}, {name: "endDate", value: to}}}
	for _, v := range values {
		o.attributes = append(o.attributes, attribute{name: v.name, value: number(v.value), since: v.since})
	}
	return o
}

// billPeriod returns the period of the bill: from the day of the account's first server to the end of the current month of use.
// Months of use are counted from that day.
func (a *account) billPeriod(now moment) (from, to date) {
	began := now
	for _, u := range a.ledger.items {
		began = min(began, u.From)
	}
	year, month, day := began.time().In(pacific).Date()
	first := time.Date(year, month, day, 0, 0, 0, 0, pacific)
	last := first.AddDate(0, 1, 0)
	for months := 2; momentOf(last) <= now; months++ {
		last = first.AddDate(0, months, 0)
	}
	return date(momentOf(first)), date(momentOf(last))
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
