// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

// Names of server states, the lookup "server.state". They are compared by
// [Option.Matches]; the service may show others.
const (
	StateOn         = "On"
	StateStarting   = "Starting"
	StateOff        = "Off"
	StateStopping   = "Stopping"
	StateRestarting = "Restarting"
	StateSaving     = "Saving"
	StateRestoring  = "Restoring"
	StateUpdating   = "Updating"
	StateOnSaving   = "On/Saving"
	StateOffSaving  = "Off/Saving"
)

// Server is a machine of the grid, a sandbox included.
type Server struct {
	// ID is 0 until the server is provisioned: the service leaves it out of the
	// answer of an add and of lists meanwhile.
	ID          int64
	Name        string
	Description string
	// IP is the public address.
	IP IP
	// PrivateIP is nil unless one was given when the server was added.
	PrivateIP  *IP
	Image      Image
	RAM        Option
	State      Option
	Type       Option
	OS         Option
	Datacenter Option
	IsSandbox  bool
	// Cores is 0 until the server is provisioned; small servers have 0.5.
	Cores float64
	// DiskSizeMB is 0 until the server is provisioned.
	DiskSizeMB int64
}

// Pending reports whether the server is still being provisioned. Its state reads
// "Off" meanwhile, so only the missing id tells it from one that is stopped.
func (s *Server) Pending() bool { return s.ID == 0 }

// Addresses returns the public address and, if there is one, the private one.
func (s *Server) Addresses() []string {
	addresses := make([]string, 0, 2)
	if s.IP.Address != "" {
		addresses = append(addresses, s.IP.Address)
	}
	if s.PrivateIP != nil && s.PrivateIP.Address != "" {
		addresses = append(addresses, s.PrivateIP.Address)
	}
	return addresses
}
