// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package privateip holds gogrid_private_ip, which claims a private address and
// takes its lease on Cloud Storage, and the data source gogrid_ips. It exports
// their constructors.
package privateip
