// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

// Inspection describes all objects of all accounts at one moment. It contains no passwords and no secrets.
type Inspection struct {
	Now           time.Time          `json:"now"`
	Servers       []ServerInfo       `json:"servers"`
	Images        []ImageInfo        `json:"images"`
	IPs           []IPInfo           `json:"ips"`
	LoadBalancers []LoadBalancerInfo `json:"load_balancers"`
	Jobs          []JobInfo          `json:"jobs"`
	Bills         []Bill             `json:"bills"`
}

// ServerInfo describes a server. ID is 0 while the server is being provisioned.
type ServerInfo struct {
	Account     int64     `json:"account"`
	ID          int64     `json:"id,omitempty"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	State       string    `json:"state"`
	Operation   string    `json:"operation,omitempty"` // unfinished operation: create, delete, start, stop, restart, edit or save
	Image       int64     `json:"image"`
	RAM         string    `json:"ram"`
	PublicIP    string    `json:"public_ip"`
	PrivateIP   string    `json:"private_ip,omitempty"`
	Datacenter  string    `json:"datacenter"`
	Sandbox     bool      `json:"sandbox"`
	Created     time.Time `json:"created"`
}

// ImageInfo describes an image. Account is -1 for the images of a new grid: GoGrid's own images, and the images that partners and
// other customers share.
type ImageInfo struct {
	Account      int64  `json:"account"`
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	FriendlyName string `json:"friendly_name"`
	State        string `json:"state"`
	Public       bool   `json:"public"`
}

// IPInfo describes an address. Holder names the object that has the address, and is "" while the address is free. The network
// address, gateway and broadcast address of a block are Reserved.
type IPInfo struct {
	Account    int64  `json:"account"`
	ID         int64  `json:"id"`
	IP         string `json:"ip"`
	Subnet     string `json:"subnet"`
	Public     bool   `json:"public"`
	Datacenter string `json:"datacenter"`
	Holder     string `json:"holder,omitempty"`
	Reserved   bool   `json:"reserved,omitempty"`
}

// LoadBalancerInfo describes a load balancer. ID is 0 while the load balancer is being created.
type LoadBalancerInfo struct {
	Account   int64    `json:"account"`
	ID        int64    `json:"id,omitempty"`
	Name      string   `json:"name"`
	VirtualIP string   `json:"virtual_ip"`
	RealIPs   []string `json:"real_ips"`
	State     string   `json:"state"`
	Operation string   `json:"operation,omitempty"`
}

// JobInfo describes a job. State is the state that the job entered last.
type JobInfo struct {
	Account int64     `json:"account"`
	ID      int64     `json:"id"`
	Command string    `json:"command"`
	Object  string    `json:"object"`
	State   string    `json:"state"`
	Note    string    `json:"note,omitempty"`
	Created time.Time `json:"created"`
}

// Bill is the amount that an account owes so far. GBHours is the RAM usage in
// GB-hours; USD is the amount in US dollars.
type Bill struct {
	Account int64      `json:"account"`
	GBHours float64    `json:"gb_hours"`
	USD     float64    `json:"usd"`
	Items   []BillItem `json:"items"`
}

// BillItem is a period in which a server had the same RAM. To is nil until the period ends.
type BillItem struct {
	Server  int64      `json:"server"`
	Name    string     `json:"name"`
	RAMMB   int        `json:"ram_mb"`
	From    time.Time  `json:"from"`
	To      *time.Time `json:"to,omitempty"`
	GBHours float64    `json:"gb_hours"`
	USD     float64    `json:"usd"`
}

// Inspect describes the grid at the current moment. GET /admin/state returns
// the same data as JSON.
func (g *Grid) Inspect() Inspection {
	all := Inspection{Servers: []ServerInfo{}, LoadBalancers: []LoadBalancerInfo{}, Jobs: []JobInfo{}} // not nil, so that JSON shows [] instead of null
	g.step(func(now moment) {
		all.Now = now.time()
		for _, i := range g.images.items {
			all.Images = append(all.Images, ImageInfo{
				i.Account, i.ID, i.Name, i.FriendlyName, g.catalog.imageState.byID(i.State).name, i.Public,
			})
		}
		for _, id := range g.accountIDs() {
			g.inspect(&all, g.accounts[id], now)
		}
	})
	return all
}

func (g *Grid) inspect(all *Inspection, a *account, now moment) {
	for _, s := range a.servers.items {
		all.Servers = append(all.Servers, g.serverInfo(s, now))
	}
	for _, b := range a.Blocks {
		for _, ip := range b.addresses() {
			all.IPs = append(all.IPs, IPInfo{
				a.ID, b.id(ip), ip.String(), b.subnet(), b.Public, g.catalog.datacenter.byID(b.Datacenter).name, a.holder(ip), !b.usable(ip),
			})
		}
	}
	for _, b := range a.balancers.items {
		all.LoadBalancers = append(all.LoadBalancers, g.balancerInfo(b, now))
	}
	for _, j := range a.jobs.items {
		past := j.past(now)
		last := past[len(past)-1]
		all.Jobs = append(all.Jobs, JobInfo{
			a.ID, j.ID, g.catalog.jobCommand.byID(j.Command).name, j.Object,
			g.catalog.jobState.byID(last.State).name, last.Note, j.Created.time(),
		})
	}
	all.Bills = append(all.Bills, a.bill(now))
}

func (g *Grid) serverInfo(s *server, now moment) ServerInfo {
	info := ServerInfo{
		Account: s.Account, ID: s.ID, Name: s.Name, Description: s.Description, State: g.serverState(s, now).name,
		Image: s.Image, RAM: ramByID(s.RAM).name, PublicIP: s.PublicIP.String(), Sandbox: s.Sandbox,
		Datacenter: g.catalog.datacenter.byID(s.Datacenter).name, Created: s.Created.time(),
	}
	if s.PrivateIP != 0 {
		info.PrivateIP = s.PrivateIP.String()
	}
	if s.Operation != nil {
		info.Operation = string(s.Operation.Kind)
	}
	if s.pending() {
		info.ID = 0
	}
	return info
}

func (g *Grid) balancerInfo(b *balancer, now moment) LoadBalancerInfo {
	info := LoadBalancerInfo{Account: b.Account, ID: b.shownID(), Name: b.Name, VirtualIP: b.Virtual.String(), State: g.balancerState(b, now).name}
	for _, e := range b.Real {
		info.RealIPs = append(info.RealIPs, e.String())
	}
	if b.Operation != nil {
		info.Operation = string(b.Operation.Kind)
	}
	return info
}

func (a *account) bill(now moment) Bill {
	b := Bill{Account: a.ID, Items: []BillItem{}}
	for _, u := range a.usage.items {
		hours := u.gbHours(now)
		item := BillItem{
			Server: u.Server, Name: u.Name, RAMMB: u.RAMMB, From: u.From.time(),
			GBHours: round(hours, 4), USD: round(hours*pricePerGBHour, 4),
		}
		if u.To != 0 {
			to := u.To.time()
			item.To = &to
		}
		b.GBHours += hours
		b.Items = append(b.Items, item)
	}
	b.GBHours = round(b.GBHours, 4)
	b.USD = round(b.GBHours*pricePerGBHour, 2)
	return b
}
