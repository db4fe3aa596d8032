// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

// Names of load balancer states, from the lookup "loadbalancer.state".
const (
	LoadBalancerOn          = "On"
	LoadBalancerOff         = "Off"
	LoadBalancerUnavailable = "Unavailable"
	LoadBalancerUnknown     = "Unknown"
)

// LoadBalancer distributes connections to a virtual address among real
// addresses.
type LoadBalancer struct {
	// ID is 0 until the load balancer is provisioned.
	ID          int64
	Name        string
	Description string
	VirtualIP   IPPort
	RealIPs     []IPPort
	Type        Option
	Persistence Option
	OS          Option
	State       Option
	Datacenter  Option
}

// Pending reports whether the load balancer is still being provisioned.
func (l *LoadBalancer) Pending() bool { return l.ID == 0 }

// IPPort is an address with a port. Requests use only IP.Address and Port.
type IPPort struct {
	IP   IP
	Port int
}
