// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
)

// LoadBalancerService is grid.loadbalancer.*.
type LoadBalancerService struct {
	calls    *caller
	snapshot *Snapshot
}

// LoadBalancerFilter narrows a list of load balancers.
type LoadBalancerFilter struct {
	// Datacenter is an id or a name.
	Datacenter string
}

// List returns the load balancers, those still being provisioned included.
func (s *LoadBalancerService) List(ctx context.Context, filter LoadBalancerFilter) ([]LoadBalancer, error) {
	form := url.Values{}
	setText(form, "datacenter", filter.Datacenter)
	return requireComplete(listObjects(ctx, s.calls, "grid.loadbalancer.list", form, wireLoadBalancer.loadBalancer, func(b *LoadBalancer) string {
		return addressKey(b.VirtualIP.IP.Address) + ":" + strconv.Itoa(b.VirtualIP.Port)
	}))
}

// Get returns the load balancers with the ids. If none is known the error is
// one of [IsNotFound].
func (s *LoadBalancerService) Get(ctx context.Context, ids ...int64) ([]LoadBalancer, error) {
	return list(ctx, s.calls, "grid.loadbalancer.get", idForm(ids...), wireLoadBalancer.loadBalancer)
}

// LoadBalancerAdd describes a load balancer to add.
type LoadBalancerAdd struct {
	// Name has at most 20 characters.
	Name string
	// VirtualIP is a free public address of the account. It decides the
	// datacenter.
	VirtualIP IPPort
	// RealIPs are addresses of the account in the same datacenter, used by a
	// server or not.
	RealIPs     []IPPort
	Description string
	// Type and Persistence are ids or names of the lookups "loadbalancer.type"
	// and "loadbalancer.persistence"; empty means Round Robin and None.
	Type        string
	Persistence string
}

// Add asks for a load balancer. The answer has no id yet.
func (s *LoadBalancerService) Add(ctx context.Context, add LoadBalancerAdd) (*LoadBalancer, error) {
	form := url.Values{
		"name":           {add.Name},
		"virtualip.ip":   {add.VirtualIP.IP.Address},
		"virtualip.port": {strconv.Itoa(add.VirtualIP.Port)},
	}
	setRealIPs(form, add.RealIPs)
	setText(form, "description", add.Description)
	setText(form, "loadbalancer.type", add.Type)
	setText(form, "loadbalancer.persistence", add.Persistence)
	balancer, err := s.change(ctx, "grid.loadbalancer.add", form, func(answered *LoadBalancer) bool {
		return answered.Name == add.Name && answered.VirtualIP.IP.Address == add.VirtualIP.IP.Address
	})
	if err != nil {
		return nil, err
	}
	s.snapshot.addressesTaken(balancer.VirtualIP.IP.Address)
	return balancer, nil
}

// Edit replaces the whole list of real addresses: one that is left out is
// removed. Nothing else of a load balancer can be changed.
func (s *LoadBalancerService) Edit(ctx context.Context, id int64, realIPs []IPPort) (*LoadBalancer, error) {
	form := idForm(id)
	setRealIPs(form, realIPs)
	return s.change(ctx, "grid.loadbalancer.edit", form, hasID(id))
}

// Delete deletes a load balancer. The answer shows it as it was.
func (s *LoadBalancerService) Delete(ctx context.Context, id int64) (*LoadBalancer, error) {
	return s.change(ctx, "grid.loadbalancer.delete", idForm(id), hasID(id))
}

func hasID(id int64) func(*LoadBalancer) bool {
	return func(answered *LoadBalancer) bool { return answered.ID == id }
}

func (s *LoadBalancerService) change(
	ctx context.Context, method string, form url.Values, matches func(*LoadBalancer) bool,
) (*LoadBalancer, error) {
	return change(ctx, s.calls, method, form, wireLoadBalancer.loadBalancer, matches)
}

// setRealIPs numbers the addresses from 0 without a gap: the service stops
// reading at the first one.
func setRealIPs(form url.Values, realIPs []IPPort) {
	for i, real := range realIPs {
		prefix := "realiplist." + strconv.Itoa(i)
		form.Set(prefix+".ip", real.IP.Address)
		form.Set(prefix+".port", strconv.Itoa(real.Port))
	}
}
