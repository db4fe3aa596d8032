// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

// Names of server states, from the lookup "server.state". Compare them with
// [Option.Matches]. The service may return other states.
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

// Server is a server or a sandbox of the grid.
type Server struct {
	// ID is 0 until the server is provisioned: until then, neither the answer
	// to an add nor a list contains the id.
	ID          int64
	Name        string
	Description string
	// IP is the public address.
	IP IP
	// PrivateIP is nil if the server has no private address.
	PrivateIP  *IP
	Image      Image
	RAM        Option
	State      Option
	Type       Option
	OS         Option
	Datacenter Option
	IsSandbox  bool
	// Cores is 0 until the server is provisioned; it is 0.5 for small servers.
	Cores float64
	// DiskSizeMB is 0 until the server is provisioned.
	DiskSizeMB int64
}

// Pending reports whether the server is still being provisioned. Its state is then
// "Off", so only the missing id distinguishes it from a stopped server.
func (s *Server) Pending() bool { return s.ID == 0 }

// Addresses returns the public address and, if there is one, the private address.
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
