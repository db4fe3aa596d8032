// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
)

// LoadBalancerService calls grid.loadbalancer.*.
type LoadBalancerService struct {
	calls    *caller
	snapshot *Snapshot
}

// LoadBalancerFilter restricts a list of load balancers.
type LoadBalancerFilter struct {
	// Datacenter is an id or a name.
	Datacenter string
}

// List returns the load balancers, including those that are still being
// provisioned.
func (s *LoadBalancerService) List(ctx context.Context, filter LoadBalancerFilter) ([]LoadBalancer, error) {
	form := url.Values{}
	setText(form, "datacenter", filter.Datacenter)
	return requireComplete(listObjects(ctx, s.calls, "grid.loadbalancer.list", form, wireLoadBalancer.loadBalancer, func(b *LoadBalancer) string {
		return addressKey(b.VirtualIP.IP.Address) + ":" + strconv.Itoa(b.VirtualIP.Port)
	}))
}

// Get returns the load balancers with the given ids. If all ids are unknown,
// [IsNotFound] is true for the error.
func (s *LoadBalancerService) Get(ctx context.Context, ids ...int64) ([]LoadBalancer, error) {
	return list(ctx, s.calls, "grid.loadbalancer.get", idForm(ids...), wireLoadBalancer.loadBalancer)
}

// LoadBalancerAdd describes a load balancer to add.
type LoadBalancerAdd struct {
	// Name must have at most 20 characters.
	Name string
	// VirtualIP must be a free public address of the account. It determines the
	// datacenter.
	VirtualIP IPPort
	// RealIPs must be addresses of the account in the same datacenter, free or
	// assigned.
	RealIPs     []IPPort
	Description string
	// Type and Persistence are ids or names of the lookups "loadbalancer.type"
	// and "loadbalancer.persistence". The defaults are Round Robin and None.
	Type        string
	Persistence string
}

// Add requests a load balancer. The returned load balancer has no id yet.
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

// Edit replaces the list of real addresses. The API cannot change any other
// attribute of a load balancer.
func (s *LoadBalancerService) Edit(ctx context.Context, id int64, realIPs []IPPort) (*LoadBalancer, error) {
	form := idForm(id)
	setRealIPs(form, realIPs)
	return s.change(ctx, "grid.loadbalancer.edit", form, hasID(id))
}

// Delete deletes a load balancer. It returns the load balancer as it was before.
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

// setRealIPs numbers the addresses consecutively from 0, because the service
// stops reading at the first gap.
func setRealIPs(form url.Values, realIPs []IPPort) {
	for i, real := range realIPs {
		prefix := "realiplist." + strconv.Itoa(i)
		form.Set(prefix+".ip", real.IP.Address)
		form.Set(prefix+".port", strconv.Itoa(real.Port))
	}
}
