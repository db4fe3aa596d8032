// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

// seedUpdated is 23 February 2012, a plausible last change of GoGrid's own images.
const seedUpdated moment = 1330000000000

// baseImages are GoGrid's own images as an account listed them in January 2013.
func baseImages() []*image {
	rows := []struct {
		id                    int64
		name, friendly        string
		os, arch, ram, server int
		price                 float64
	}{
		{6, "w2k3r2_32_mssql2k5wg", "Windows 2003 (32-bit) w/ MSSQL 2005 Workgroup", 1, 1, 3, 2, 100},
		{1057, "win2k3r2_32_base", "Windows 2003 Server R2 (32-bit) w/ None", 1, 1, 2, 1, 0},
		{1058, "win2k3r2_64_base", "Windows 2003 Server R2 (64-bit) w/ None", 2, 2, 2, 1, 0},
		{1059, "win2k8_32_base", "Windows 2008 Server (32-bit) w/ None", 11, 1, 3, 1, 0},
		{5489, "ubuntu_10_04_LTS_64_base", "Ubuntu 10.04 LTS (64-bit) w/ None", 56, 2, 1, 1, 0},
		{5823, "debian_5.0_32_base", "Debian 5.0 (32-bit) w/ None", 65, 1, 1, 1, 0},
		{5824, "debian_5.0_64_base", "Debian 5.0 (64-bit) w/ None", 66, 2, 1, 1, 0},
		{5825, "ubuntu_10_04_LTS_32_base", "Ubuntu 10.04 LTS (32-bit) w/ None", 67, 1, 1, 1, 0},
		{6675, "rhel5.6_32_base", "RHEL 5.6 (32-bit) w/ None", 68, 1, 1, 1, 0},
		{6676, "rhel5.6_64_base", "RHEL 5.6 (64-bit) w/ None", 69, 2, 1, 1, 0},
		{6679, "win2k8r2_64_base", "Windows 2008 Server R2 (64-bit) w/ None", 72, 2, 3, 1, 0},
		{6680, "win2k8r2_64_mssql2k8r2std", "Windows 2008 Server R2 (64-bit) w/ MSSQL 2008 R2 Standard", 72, 2, 4, 2, 390},
		{9928, "centos5.6_32_base", "CentOS 5.6 (32-bit) w/ None", 73, 1, 1, 1, 0},
		{9929, "centos5.6_64_base", "CentOS 5.6 (64-bit) w/ None", 74, 2, 1, 1, 0},
		{9932, "centos6.0_32_base", "CentOS 6.0 (32-bit) w/ None", 77, 1, 1, 1, 0},
		{9933, "centos6.0_64_base", "CentOS 6.0 (64-bit) w/ None", 78, 2, 1, 1, 0},
		{9934, "debian_6.0_32_base", "Debian 6.0 (32-bit) w/ None", 79, 1, 1, 1, 0},
		{9935, "debian_6.0_64_base", "Debian 6.0 (64-bit) w/ None", 80, 2, 1, 1, 0},
		{12831, "centos5.8_32_base", "CentOS 5.8 (32-bit) w/ None", 81, 1, 1, 1, 0},
		{12832, "centos5.8_64_base", "CentOS 5.8 (64-bit) w/ None", 82, 2, 1, 1, 0},
		{12833, "centos6.2_32_base", "CentOS 6.2 (32-bit) w/ None", 83, 1, 1, 1, 0},
		{12834, "centos6.2_64_base", "CentOS 6.2 (64-bit) w/ None", 84, 2, 1, 1, 0},
		{14766, "ubuntu_12_04_LTS_32_base", "Ubuntu 12.04 LTS Server (32-bit) w/ None", 103, 1, 1, 1, 0},
		{14767, "ubuntu_12_04_LTS_64_base", "Ubuntu 12.04 LTS Server (64-bit) w/ None", 104, 2, 1, 1, 0},
		{16425, "win2k12_64_base", "Windows 2012 Server (64-bit) w/ None", 105, 2, 3, 1, 0},
	}
	images := make([]*image, len(rows))
	for i, row := range rows {
		images[i] = &image{
			ID: row.id, Account: goGridAccount, Name: row.name, FriendlyName: row.friendly, Description: row.friendly,
			OS: row.os, Architecture: row.arch, Type: row.server, MinRAM: row.ram, Price: row.price, State: imageAvailable,
			Location: "gogrid/" + randomImageName(draw(0, drawImageName, row.id)) + ".img",
			Active:   true, Public: true, Created: seedUpdated, Updated: seedUpdated, Datacenters: []int{1, 2, 3}, TokenID: row.os,
		}
	}
	return images
}
