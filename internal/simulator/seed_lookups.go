// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// Ids and texts come from recorded lookups, from recorded responses, and from
// clients that quote them. A comment marks each id without a source as
// invented.

const (
	stateOn         = 1
	stateStarting   = 2
	stateOff        = 3
	stateStopping   = 4
	stateRestarting = 5
	stateUpdating   = 8
	stateOnSaving   = 9
	stateOffSaving  = 10

	sandboxRAM = 7

	ipUnassigned = 1
	ipAssigned   = 2
	ipPublic     = 1
	ipPrivate    = 2

	imageSaving    = 1
	imageAvailable = 2
	imageDeleted   = 3
	imageTrash     = 4

	arch32 = 1
	arch64 = 2

	gsiBase      = 1
	gsiPartner   = 2
	gsiMine      = 3
	gsiCommunity = 4

	jobQueued     = 1
	jobProcessing = 2
	jobSucceeded  = 3
	jobFailed     = 4
	jobFatal      = 6
	jobCreated    = 7

	objectServer   = 1
	objectBalancer = 2
	objectImage    = 5

	commandStart          = 3
	commandStop           = 4 // invented
	commandRestart        = 5 // invented
	commandCreate         = 6
	commandDelete         = 7
	commandBalancerCreate = 8 // invented
	commandBalancerDelete = 9 // invented
	commandBalancerEdit   = 28
	commandEdit           = 29 // invented
	commandSave           = 30 // invented

	balancerOn          = 1
	balancerUnavailable = 3
	balancerF5          = 1
	roundRobin          = 1
	persistenceNone     = 1
	goGridAccount       = -1
	datacenterCount     = 3
)

func serverTypes() []*option {
	return []*option{newOption(1, "Web Server", "Web or Application Server"), newOption(2, "Database Server", "Database Server")}
}

// ramSize describes an option of server.ram.
type ramSize struct {
	id     int
	name   string
	mb     int
	cores  float64
	diskMB int
}

func ramTable() []ramSize {
	return []ramSize{
		{1, "512MB", 512, 0.5, 25600},
		{2, "1GB", 1024, 1, 51200},
		{3, "2GB", 2048, 2, 102400},
		{4, "4GB", 4096, 4, 204800},
		{5, "8GB", 8192, 8, 409600},
		{8, "16GB", 16384, 16, 819200},
		{9, "24GB", 24576, 16, 819200},
		{sandboxRAM, "2GB", 2048, 2, 102400},
	}
}

func ramByID(id int) ramSize {
	for _, size := range ramTable() {
		if size.id == id {
			return size
		}
	}
	panic(fmt.Sprintf("no RAM size has the id %d", id))
}

func ramSizes() []*option {
	var options []*option
	for _, size := range ramTable() {
		if size.id != sandboxRAM {
			options = append(options, newOption(size.id, size.name, "Server with "+size.name+" RAM"))
		}
	}
	return options
}

func serverStates() []*option {
	return []*option{
		newOption(stateOn, "On", "Server is in active state."),
		newOption(stateStarting, "Starting", "Server is in transient state...Starting."),
		newOption(stateOff, "Off", "Server is in inactive state."),
		newOption(stateStopping, "Stopping", "Server is in transient state...Stopping."),
		newOption(stateRestarting, "Restarting", "Server is in transient state...Restarting"),
		newOption(6, "Saving", "Server is in transient state...Saving"),
		newOption(7, "Restoring", "Server is in transient state...Restoring"),
		newOption(stateUpdating, "Updating", "Server is in transient state...Updating"),
		newOption(stateOnSaving, "On/Saving", "Server is in a transient state but is on...Saving"),
		newOption(stateOffSaving, "Off/Saving", "Server is in a transient state but is off...Saving"),
	}
}

func ipTypes() []*option {
	names := []string{"Public", "Private", "Public 2", "Public 3", "Public 4", "Private 2"} // ids from 3 on are invented
	options := make([]*option, len(names))
	for i, name := range names {
		options[i] = newOption(i+1, name, name)
	}
	return options
}

func ipStates() []*option {
	return []*option{
		newOption(ipUnassigned, "Unassigned", "IP is available to use"),
		newOption(ipAssigned, "Assigned", "IP is reserved or in use"),
	}
}

func imageStates() []*option {
	return []*option{
		newOption(imageSaving, "Saving", "Image is being saved"),
		newOption(imageAvailable, "Available", "Image is available for adds"),
		newOption(imageDeleted, "Deleted", "Image has been deleted"),
		newOption(imageTrash, "Trash", "Image is marked for deletion"),
		newOption(7, "Migrating", "Image is being migrated from another data center"),
	}
}

func architectures() []*option {
	return []*option{newOption(arch32, "32-bit", "32 bit OS"), newOption(arch64, "64-bit", "64 bit OS")}
}

func gsiTypes() []*option {
	return []*option{
		newOption(gsiBase, "baseGSI", "Image produced and certified by GoGrid"),
		newOption(gsiPartner, "partnerGSI", "Image produced and certified by a GoGrid partner"),
		newOption(gsiMine, "myGSI", "Image created by a GoGrid customer"), // invented
		newOption(gsiCommunity, "communityGSI", "Image created and shared by a GoGrid customer"),
	}
}

func balancerTypes() []*option {
	return []*option{newOption(roundRobin, "Round Robin", ""), newOption(2, "Least Connect", "")}
}

func persistences() []*option {
	return []*option{newOption(persistenceNone, "None", ""), newOption(2, "SSL Sticky", ""), newOption(3, "Source Address", "")}
}

func balancerStates() []*option {
	return []*option{
		newOption(balancerOn, "On", "Loadbalancer is enabled and on."),
		newOption(2, "Off", "Loadbalancer is disabled and off."),
		newOption(3, "Unavailable", "Loadbalancer is enabled, but real ips are unreachable."),
		newOption(4, "Unknown", "Loadbalancer state is unknown."),
	}
}

func balancerSystems() []*option {
	return []*option{newOption(balancerF5, "F5", "The F5 Load Balancer.")}
}

func jobStates() []*option {
	return []*option{
		newOption(jobQueued, "Queued", "Change request is new to the system."),
		newOption(jobProcessing, "Processing", "Change request is is transient state...Processing."), // sic
		newOption(jobSucceeded, "Succeeded", "Change request has succeeded."),
		newOption(jobFailed, "Failed", "Change request has failed."),
		newOption(5, "Canceled", "Change request has been canceled."),
		newOption(jobFatal, "Fatal", "Change request had Fatal or Unrecoverable Failure"),
		newOption(jobCreated, "Created", "Change request is created but not queued yet"),
	}
}

func jobCommands() []*option {
	return []*option{
		newOption(commandStart, "StartVirtualServer", "Start Virtual Server"),
		newOption(commandStop, "StopVirtualServer", "Stop Virtual Server"),
		newOption(commandRestart, "RestartVirtualServer", "Restart Virtual Server"),
		newOption(commandCreate, "CreateVirtualServer", "Create Virtual Server"),
		newOption(commandDelete, "DeleteVirtualServer", "Delete Virtual Server"),
		newOption(commandBalancerCreate, "CreateLoadBalancer", "Create Load Balancer"),
		newOption(commandBalancerDelete, "DeleteLoadBalancer", "Delete Load Balancer"),
		newOption(commandBalancerEdit, "UpdateLoadBalancer", "Edit Load Balancer"),
		newOption(commandEdit, "UpdateVirtualServer", "Edit Virtual Server"),
		newOption(commandSave, "SaveServerImage", "Save Server Image"),
	}
}

func jobObjects() []*option {
	names := []string{"VirtualServer", "LoadBalancer", "CloudStorage", "StorageDNS", "ServerImage", "DedicatedServer"}
	options := make([]*option, len(names))
	for i, name := range names {
		options[i] = newOption(i+1, name, wire.Null{})
	}
	return options
}

func datacenters() []*option {
	return []*option{
		newOption(1, "US-West-1", "US West 1 Datacenter"),
		newOption(2, "US-East-1", "US East 1 Datacenter"),
		newOption(3, "EU-West-1", "EU-West-1 Datacenter"),
	}
}

// operatingSystems returns the operating systems in responses that were
// recorded up to January 2013. The complete list was never recorded.
func operatingSystems() []*option {
	rows := []struct {
		id                int
		name, description string
	}{
		{1, "Windows 2003 Standard (32 bit)", "Windows 2003 Standard (32-bit)"},
		{2, "Windows 2003 Standard (64-bit)", ""},
		{5, "CentOS 4.4 (32-bit)", "CentOS Linux 4.4 (32-bit)"},
		{9, "RHEL 5.1 (64-bit)", "RHEL Linux 5.1 (64-bit)"},
		{10, "CentOS 5.1 (64-bit)", "CentOS Linux 5.1 (64-bit)"},
		{11, "Windows 2008 Server (32-bit)", ""},
		{12, "Windows 2008 Server (64-bit)", ""},
		{13, "CentOS 5.2 (32-bit)", ""},
		{16, "CentOS 5.3 (32-bit)", ""},
		{17, "CentOS 5.3 (64-bit)", ""},
		{18, "RHEL 5.4 (32-bit)", ""},
		{19, "RHEL 5.4 (64-bit)", ""},
		{56, "Ubuntu 10.04 LTS (64-bit)", "Ubuntu 10.0.4 LTS Server (64-bit)"},
		{65, "Debian 5.0 (32-bit)", ""},
		{66, "Debian 5.0 (64-bit)", ""},
		{67, "Ubuntu 10.04 LTS (32-bit)", ""},
		{68, "RHEL 5.6 (32-bit)", ""},
		{69, "RHEL 5.6 (64-bit)", ""},
		{70, "CentOS 5.5 (32-bit)", ""},
		{72, "Windows 2008 Server R2 (64-bit)", ""},
		{73, "CentOS 5.6 (32-bit)", ""},
		{74, "CentOS 5.6 (64-bit)", ""},
		{75, "RHEL 5.7 (32-bit)", ""},
		{76, "RHEL 5.7 (64-bit)", ""},
		{77, "CentOS 6.0 (32-bit)", ""},
		{78, "CentOS 6.0 (64-bit)", ""},
		{79, "Debian 6.0 (32-bit)", ""},
		{80, "Debian 6.0 (64-bit)", ""},
		{81, "CentOS 5.8 (32-bit)", ""},
		{82, "CentOS 5.8 (64-bit)", ""},
		{83, "CentOS 6.2 (32-bit)", ""},
		{84, "CentOS 6.2 (64-bit)", ""},
		{103, "Ubuntu 12.04 LTS Server (32-bit)", ""},
		{104, "Ubuntu 12.04 LTS Server (64-bit)", ""},
		{105, "Windows 2012 Server (64-bit)", ""},
	}
	options := make([]*option, len(rows))
	for i, row := range rows {
		description := row.description
		if description == "" {
			description = row.name
		}
		options[i] = newOption(row.id, row.name, description)
	}
	return options
}
